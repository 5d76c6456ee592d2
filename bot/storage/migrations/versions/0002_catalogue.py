"""The catalogue: offerings, their subjects, what was loaded, and the full text index.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.catalogue.schema import create_search, drop_search

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables and their index."""
    op.create_table(
        "catalogue_loads",
        sa.Column("source", sa.String(50), nullable=False),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("offerings", sa.Integer, nullable=False),
        sa.Column("loaded_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_catalogue_loads"),
    )
    op.create_table(
        "offerings",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", sa.String(150), nullable=False),
        sa.Column("source", sa.String(50), nullable=False),
        sa.Column("title_words", sa.Text, nullable=False),
        sa.Column("body_words", sa.Text, nullable=False),
        sa.Column("provider_kind", sa.String(20), nullable=False),
        sa.Column("provider_words", sa.Text, nullable=False),
        sa.Column("municipality_id", sa.String(5)),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("delivery_mode", sa.String(10), nullable=False),
        sa.Column("moments", sa.Integer, nullable=False),
        sa.Column("start_day", sa.Integer),
        sa.Column("hours", sa.Integer),
        sa.Column("price_kind", sa.String(8), nullable=False),
        sa.Column("price_cents", sa.Integer),
        sa.Column("figure", sa.String(64)),
        sa.Column("recognised_for", sa.String(80), nullable=False),
        sa.Column("shortage", sa.Boolean, nullable=False),
        sa.Column("example", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_offerings"),
        sa.UniqueConstraint("id", name="uq_offerings_id"),
    )
    for column in ("source", "municipality_id", "start_day"):
        op.create_index(f"ix_offerings_{column}", "offerings", [column])
    op.create_table(
        "offering_subjects",
        sa.Column("subject_id", sa.String(64), nullable=False),
        sa.Column("offering_number", sa.Integer, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "offering_number", name="pk_offering_subjects"),
        sa.ForeignKeyConstraint(
            ["offering_number"],
            ["offerings.number"],
            name="fk_offering_subjects_offering_number_offerings",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_offering_subjects_offering_number", "offering_subjects", ["offering_number"])
    create_search(op.get_bind())


def downgrade() -> None:
    """Takes them away again."""
    drop_search(op.get_bind())
    for table in ("offering_subjects", "offerings", "catalogue_loads"):
        op.drop_table(table)
