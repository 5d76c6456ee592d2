"""What counsellors write: notes beside a referral, and what a sentence means that was misunderstood.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables, and room for a secret that is encrypted."""
    with op.batch_alter_table("counsellors") as table:
        table.alter_column("totp_secret", existing_type=sa.String(255), type_=sa.Text)
    op.create_table(
        "referral_notes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("referral_id", sa.Integer, nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("counsellor_id", sa.Integer, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_referral_notes"),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name="fk_referral_notes_referral_id_referrals", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["counsellor_id"], ["counsellors.id"], name="fk_referral_notes_counsellor_id_counsellors"
        ),
    )
    op.create_index("ix_referral_notes_referral_id", "referral_notes", ["referral_id"])
    op.create_table(
        "reviewed_examples",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("taken_for", sa.String(64)),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("organisation", sa.String(64)),
        sa.Column("counsellor_id", sa.Integer, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviewed_examples"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_reviewed_examples_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["counsellor_id"], ["counsellors.id"], name="fk_reviewed_examples_counsellor_id_counsellors"
        ),
    )
    op.create_index("ix_reviewed_examples_conversation_id", "reviewed_examples", ["conversation_id"])
