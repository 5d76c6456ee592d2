"""The tables of the counsellors' desk: accounts, what lets them in, what they did. Part of the metadata of `tables.py`."""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.cipher import Encrypted
from bot.storage.columns import UtcDateTime, metadata

counsellors = sa.Table(
    "counsellors",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(255), nullable=False, unique=True),  # in lower case
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),  # counsellor, administrator, operator
    sa.Column("organisation", sa.String(64), index=True),  # id in organisations.yml; none for an operator
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("demo", sa.Boolean, nullable=False, default=False),  # fictional: may sign in only while the demo is on
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("signed_in_at", UtcDateTime),
    # What lets them in. No password and no identity: the invitation was not taken up yet.
    sa.Column("password_hash", sa.String(255)),
    sa.Column("oidc_issuer", sa.String(255)),
    sa.Column("oidc_subject", sa.String(255)),
    sa.Column("totp_secret", Encrypted),
    sa.Column("totp_confirmed", sa.Boolean, nullable=False, default=False),
    sa.Column("totp_step", sa.Integer),  # the last step of thirty seconds that was used: a code counts once
    # Tries since the last success, each counted before it is looked at; and until when none is looked at.
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("locked_until", UtcDateTime),
    sa.UniqueConstraint("oidc_issuer", "oidc_subject"),
)

counsellor_links = sa.Table(
    "counsellor_links",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),  # SHA-256 of what stands in the link
    sa.Column("counsellor_id", sa.ForeignKey("counsellors.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("counsellor_id", sa.ForeignKey("counsellors.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("used_at", UtcDateTime),
)

counsellor_sessions = sa.Table(
    "counsellor_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),  # SHA-256 of the cookie
    sa.Column("counsellor_id", sa.ForeignKey("counsellors.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("csrf", sa.String(43), nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),  # the second factor was given, or is not asked
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=False),
)

desk_audit = sa.Table(
    "desk_audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("counsellor_id", sa.ForeignKey("counsellors.id")),  # none: a command, or nobody we know
    sa.Column("organisation", sa.String(64), index=True),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(64)),  # a reference, or the id of an account
)

canned_replies = sa.Table(
    "canned_replies",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("organisation", sa.String(64), nullable=False, index=True),
    sa.Column("title", sa.String(60), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.UniqueConstraint("organisation", "title"),
)

referral_notes = sa.Table(
    "referral_notes",  # of counsellors among themselves; never shown to a citizen
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("referral_id", sa.ForeignKey("referrals.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("organisation", sa.String(64), nullable=False),  # whose note it is: another one does not read it
    sa.Column("counsellor_id", sa.ForeignKey("counsellors.id"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("text", Encrypted, nullable=False),
)

reviewed_examples = sa.Table(
    "reviewed_examples",  # what a sentence means that the assistant took for something else
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", Encrypted, nullable=False),
    sa.Column("intent", sa.String(64), nullable=False),
    sa.Column("taken_for", sa.String(64)),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("organisation", sa.String(64)),
    sa.Column("counsellor_id", sa.ForeignKey("counsellors.id"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
