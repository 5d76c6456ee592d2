"""What a search filters on beside the rest: for whom a course is free, and the Dutch it asks.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns, empty: the next load of a source fills them."""
    op.add_column("offerings", sa.Column("free_for", sa.String(12)))
    op.add_column("offerings", sa.Column("language_level", sa.String(2)))


def downgrade() -> None:
    """Takes them away again."""
    for name in ("language_level", "free_for"):
        op.drop_column("offerings", name)
