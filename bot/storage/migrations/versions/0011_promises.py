"""Consents that are asked and not yet answered, and erasures under way.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Lets a consent wait for its answer, and makes the table of erasures."""
    with op.batch_alter_table("referral_consents") as table:
        table.alter_column("given_at", existing_type=TIME, nullable=True)
    op.create_table(
        "erasures",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("message_key", sa.String(64), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_erasures"),
    )
