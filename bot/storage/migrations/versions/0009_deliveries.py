"""Deliveries: what providers took and say of it, messages read as one turn, people who cannot be reached.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Adds the columns and the table."""
    op.add_column("conversations", sa.Column("unreachable", sa.String(64)))
    op.add_column("inbox", sa.Column("joined", sa.Integer))
    op.add_column("outbox", sa.Column("queued_at", TIME))
    op.add_column("outbox", sa.Column("invited_at", TIME))
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("provider_id", sa.String(255)),
        sa.Column("outbox_id", sa.Integer),
        sa.Column("part", sa.Integer),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("error", sa.String(64)),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name="fk_deliveries_outbox_id_outbox", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("channel", "provider_id", name="uq_deliveries_channel_provider_id"),
    )
    op.create_index("ix_deliveries_outbox_id", "deliveries", ["outbox_id"])
    op.drop_column("outbox", "provider_id")  # no channel that pushes existed yet


def downgrade() -> None:
    """Takes them away again."""
    op.add_column("outbox", sa.Column("provider_id", sa.String(255)))
    op.drop_table("deliveries")
    op.drop_column("outbox", "invited_at")
    op.drop_column("outbox", "queued_at")
    op.drop_column("inbox", "joined")
    op.drop_column("conversations", "unreachable")
