"""Conversations with their inbox, outbox and buttons, and the first referrals.

Revision: 0001, the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("sender", sa.String(255), nullable=False),
        sa.Column("entry", sa.String(64)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_inbound_at", TIME),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("floor", sa.String(12), nullable=False),
        sa.Column("floor_version", sa.Integer, nullable=False),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint("channel", "sender", name="uq_conversations_channel_sender"),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", TIME),
        sa.Column("done_at", TIME),
        sa.Column("error", sa.String(255)),
        sa.Column("intent", sa.String(64)),
        sa.Column("confidence", sa.Float),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("conversation_id", "message_id", name="uq_inbox_conversation_id_message_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_inbox_conversation_id_conversations", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_inbox_status_next_attempt_at", "inbox", ["status", "next_attempt_at"])
    op.create_index("ix_inbox_conversation_id_seq", "inbox", ["conversation_id", "seq"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("inbox_id", sa.Integer),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("author", sa.String(12), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("provider_id", sa.String(255)),
        sa.Column("error", sa.String(255)),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_outbox_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_outbox_inbox_id_inbox", ondelete="CASCADE"),
    )
    op.create_index("ix_outbox_status_next_attempt_at", "outbox", ["status", "next_attempt_at"])
    op.create_index("ix_outbox_conversation_id_seq", "outbox", ["conversation_id", "seq"])
    op.create_index("ix_outbox_inbox_id", "outbox", ["inbox_id"])
    op.create_table(
        "buttons",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("outbox_id", sa.Integer, nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_buttons"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_buttons_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_buttons_outbox_id_outbox", ondelete="CASCADE"),
    )
    op.create_index("ix_buttons_conversation_id", "buttons", ["conversation_id"])
    op.create_table(
        "referrals",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("reference", sa.String(12), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("message_key", sa.String(64), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("way", sa.String(12), nullable=False),
        sa.Column("contact", sa.String(255), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("with_transcript", sa.Boolean, nullable=False),
        sa.Column("consent_version", sa.String(20), nullable=False),
        sa.Column("consent_text", sa.Text, nullable=False),
        sa.Column("consented_at", TIME, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_referrals"),
        sa.UniqueConstraint("reference", name="uq_referrals_reference"),
        sa.UniqueConstraint("message_key", name="uq_referrals_message_key"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_referrals_conversation_id_conversations"
        ),
    )
    op.create_index("ix_referrals_conversation_id", "referrals", ["conversation_id"])
