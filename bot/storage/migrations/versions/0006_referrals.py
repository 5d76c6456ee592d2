"""The life of a referral: what happens to it, who reads it, what was promised, who is there to answer.

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _of_referral(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["referral_id"], ["referrals.id"], name=f"fk_{table}_referral_id_referrals", ondelete="CASCADE"
    )


def upgrade() -> None:
    """Extends referrals and makes the tables around them."""
    op.add_column("outbox", sa.Column("key", sa.String(120)))
    op.create_index("ix_outbox_conversation_id_key", "outbox", ["conversation_id", "key"], unique=True)
    with op.batch_alter_table("referrals") as table:
        table.alter_column("contact", type_=sa.Text, existing_type=sa.String(255), existing_nullable=False)
        for column in (
            sa.Column("first_organisation", sa.String(64)),
            sa.Column("fallback", sa.String(64)),
            sa.Column("handover_to", sa.String(64)),
            sa.Column("need", sa.String(20)),
            sa.Column("version", sa.Integer),
            sa.Column("changed_at", TIME),
            sa.Column("counsellor_id", sa.String(64)),
            sa.Column("claimed_at", TIME),
            sa.Column("first_reply_at", TIME),
            sa.Column("claim_by", TIME),
            sa.Column("escalated_at", TIME),
            sa.Column("expires_at", TIME),
            sa.Column("closed_at", TIME),
            sa.Column("outcome", sa.String(20)),
            sa.Column("follow_up_at", TIME),
            sa.Column("followed_up_at", TIME),
            sa.Column("seen_seq", sa.Integer),
        ):
            table.add_column(column)
    op.execute(
        "UPDATE referrals SET first_organisation = organisation, need = 'inform', version = 0, changed_at = created_at,"
        " seen_seq = 0"
    )
    with op.batch_alter_table("referrals") as table:
        table.alter_column("first_organisation", existing_type=sa.String(64), nullable=False)
        table.alter_column("need", existing_type=sa.String(20), nullable=False)
        table.alter_column("version", existing_type=sa.Integer, nullable=False)
        table.alter_column("changed_at", existing_type=TIME, nullable=False)
        table.alter_column("seen_seq", existing_type=sa.Integer, nullable=False)
    op.create_index("ix_referrals_organisation_status", "referrals", ["organisation", "status"])
    op.create_table(
        "referral_events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("referral_id", sa.Integer, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.String(12), nullable=False),
        sa.Column("who", sa.String(64)),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("from_status", sa.String(20)),
        sa.Column("to_status", sa.String(20), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("detail", sa.String(64)),
        sa.Column("key", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_referral_events"),
        sa.UniqueConstraint("referral_id", "key", name="uq_referral_events_referral_id_key"),
        _of_referral("referral_events"),
    )
    op.create_index("ix_referral_events_referral_id", "referral_events", ["referral_id"])
    op.create_index("ix_referral_events_organisation_id", "referral_events", ["organisation", "id"])
    op.create_table(
        "referral_consents",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("referral_id", sa.Integer, nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("with_transcript", sa.Boolean, nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_referral_consents"),
        _of_referral("referral_consents"),
    )
    op.create_index("ix_referral_consents_referral_id", "referral_consents", ["referral_id"])
    op.create_table(
        "referral_reads",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("referral_id", sa.Integer, nullable=False),
        sa.Column("counsellor_id", sa.String(64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_referral_reads"),
        _of_referral("referral_reads"),
    )
    op.create_index("ix_referral_reads_referral_id", "referral_reads", ["referral_id"])
    op.create_table(
        "referral_answers",
        sa.Column("referral_id", sa.Integer, nullable=False),
        sa.Column("actor", sa.String(12), nullable=False),
        sa.Column("question", sa.String(20), nullable=False),
        sa.Column("answer", sa.String(20), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("referral_id", "actor", "question", name="pk_referral_answers"),
        _of_referral("referral_answers"),
    )
    op.create_table(
        "bookings",
        sa.Column("referral_id", sa.Integer, nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("reminded_at", TIME),
        sa.PrimaryKeyConstraint("referral_id", name="pk_bookings"),
        sa.UniqueConstraint("token", name="uq_bookings_token"),
        sa.UniqueConstraint("organisation", "starts_at", "place", name="uq_bookings_organisation_starts_at_place"),
        _of_referral("bookings"),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("notify_email", sa.String(255)),
        sa.Column("hours", sa.Text),
        sa.Column("closed_days", sa.Text),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
    )
    op.create_table(
        "counsellor_hours",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("counsellor_id", sa.String(64), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("weekday", sa.Integer, nullable=False),
        sa.Column("opens", sa.Time, nullable=False),
        sa.Column("closes", sa.Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_counsellor_hours"),
    )
    op.create_index("ix_counsellor_hours_counsellor_id", "counsellor_hours", ["counsellor_id"])
    op.create_index("ix_counsellor_hours_organisation", "counsellor_hours", ["organisation"])
    op.create_table(
        "presence",
        sa.Column("counsellor_id", sa.String(64), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("available", sa.Boolean, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("counsellor_id", name="pk_presence"),
    )
    op.create_index("ix_presence_organisation", "presence", ["organisation"])
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("recipient", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("calendar", sa.Text),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("error", sa.String(255)),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("key", name="uq_mails_key"),
    )
    op.create_index("ix_mails_status_next_attempt_at", "mails", ["status", "next_attempt_at"])
