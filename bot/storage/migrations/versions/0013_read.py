"""Up to which line a person read their conversation.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column."""
    op.add_column("conversations", sa.Column("read_seq", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Takes it away again."""
    with op.batch_alter_table("conversations") as table:
        table.drop_column("read_seq")
