"""Codes with which a conversation goes on elsewhere.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "continuations",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name="pk_continuations"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_continuations_conversation_id_conversations",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_continuations_conversation_id", "continuations", ["conversation_id"])


def downgrade() -> None:
    """Takes it away again."""
    op.drop_table("continuations")
