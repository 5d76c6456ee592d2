"""Room for encrypted titles of buttons: their column becomes a text without a length.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widens the column. What stands there is encrypted by `leerwijzer keys rotate`."""
    with op.batch_alter_table("buttons") as table:
        table.alter_column("title", type_=sa.Text, existing_type=sa.String(255), existing_nullable=False)
