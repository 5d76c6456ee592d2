"""The catalogue for real feeds: pages, courses, what is needed to filter by, what was retired, and each import.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.catalogue.schema import create_search, drop_search

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables anew: until now they held nothing but the example catalogue, which loads itself again."""
    drop_search(op.get_bind())
    for table in ("offering_subjects", "offerings", "catalogue_loads"):
        op.drop_table(table)
    op.create_table(
        "catalogue_loads",
        sa.Column("source", sa.String(50), nullable=False),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("location", sa.String(500), nullable=False),
        sa.Column("offerings", sa.Integer, nullable=False),
        sa.Column("loaded_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_catalogue_loads"),
    )
    op.create_table(
        "catalogue_imports",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("source", sa.String(50), nullable=False),
        sa.Column("location", sa.String(500), nullable=False),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("added", "changed", "unchanged", "retired", "refused")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_imports"),
    )
    op.create_index("ix_catalogue_imports_source", "catalogue_imports", ["source"])
    op.create_table(
        "offerings",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", sa.String(150), nullable=False),
        sa.Column("source", sa.String(50), nullable=False),
        sa.Column("page_key", sa.String(10), nullable=False),
        sa.Column("course_id", sa.String(150)),
        sa.Column("title_words", sa.Text, nullable=False),
        sa.Column("body_words", sa.Text, nullable=False),
        sa.Column("provider_id", sa.String(100), nullable=False),
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
        sa.Column("free_for", sa.String(12)),
        sa.Column("language_level", sa.String(2)),
        sa.Column("recognised_for", sa.String(80), nullable=False),
        sa.Column("shortage", sa.Boolean, nullable=False),
        sa.Column("places_left", sa.Integer),
        sa.Column("example", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_offerings"),
        sa.UniqueConstraint("id", name="uq_offerings_id"),
    )
    for column in ("source", "page_key", "course_id", "municipality_id", "start_day"):
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
    op.create_table(
        "retired_offerings",
        sa.Column("id", sa.String(150), nullable=False),
        sa.Column("source", sa.String(50), nullable=False),
        sa.Column("page_key", sa.String(10), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.Column("retired_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retired_offerings"),
    )
    for column in ("source", "page_key"):
        op.create_index(f"ix_retired_offerings_{column}", "retired_offerings", [column])
    create_search(op.get_bind())


def downgrade() -> None:
    """There is no way back: an older program cannot read what feeds put in."""
    raise NotImplementedError("restore the copy of the database from before")
