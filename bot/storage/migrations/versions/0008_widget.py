"""What a person does with a conversation: simple words, votes, courses kept, overviews.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_conversation_id_conversations"
    return sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Adds the column and makes the tables."""
    op.add_column("conversations", sa.Column("simple", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "votes",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("value", sa.String(4), nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.Column("comment", sa.Text),
        sa.Column("voted_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name="pk_votes"),
        _of_conversation("votes"),
    )
    op.create_table(
        "kept_courses",
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("offering", sa.String(150), nullable=False),
        sa.Column("kept_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "offering", name="pk_kept_courses"),
        _of_conversation("kept_courses"),
    )
    op.create_table(
        "overviews",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("message_key", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_overviews"),
        sa.UniqueConstraint("token_hash", name="uq_overviews_token_hash"),
        sa.UniqueConstraint("message_key", name="uq_overviews_message_key"),
        _of_conversation("overviews"),
    )
    op.create_index("ix_overviews_conversation_id", "overviews", ["conversation_id"])
    op.create_index("ix_overviews_expires_at", "overviews", ["expires_at"])


def downgrade() -> None:
    """Takes them away again."""
    for table in ("overviews", "kept_courses", "votes"):
        op.drop_table(table)
    op.drop_column("conversations", "simple")
