"""The tables of referrals: the referral, what happened to it, who read it, what was promised, and who is there to answer.

Organisations are those of data/referral/organisations.yml, by id. A `counsellor_id` is the id of a counsellor as text.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.cipher import Encrypted
from bot.storage.columns import UtcDateTime, metadata

_COUNSELLOR = sa.String(64)
_ORGANISATION = sa.String(64)


def _referral(primary_key: bool = False) -> sa.Column:
    return sa.Column(
        "referral_id",
        sa.ForeignKey("referrals.id", ondelete="CASCADE"),
        nullable=False,
        index=not primary_key,
        primary_key=primary_key,
    )


referrals = sa.Table(
    "referrals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("reference", sa.String(12), nullable=False, unique=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id"), nullable=False, index=True),
    # The message in which the person consented: the same message handled twice makes one referral.
    sa.Column("message_key", sa.String(64), nullable=False, unique=True),
    sa.Column("organisation", _ORGANISATION, nullable=False),  # who has it now
    sa.Column("first_organisation", _ORGANISATION, nullable=False),  # to whom the person first gave consent
    sa.Column("fallback", _ORGANISATION),  # who may get it when the organisation does not take it up; in the consent
    sa.Column("handover_to", _ORGANISATION),  # to whom a counsellor proposes to hand it on, while the person decides
    sa.Column("need", sa.String(20), nullable=False),
    sa.Column("way", sa.String(12), nullable=False),  # chat, call, mail
    sa.Column("contact", Encrypted, nullable=False),  # empty for chat
    sa.Column("summary", Encrypted, nullable=False),
    sa.Column("with_transcript", sa.Boolean, nullable=False),
    # The consent in force; `referral_consents` keeps every one that was given.
    sa.Column("consent_version", sa.String(20), nullable=False),
    sa.Column("consent_text", Encrypted, nullable=False),
    sa.Column("consented_at", UtcDateTime, nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),  # bot.referral.life.State
    sa.Column("version", sa.Integer, nullable=False, default=0),  # rises at every change
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("counsellor_id", _COUNSELLOR),
    sa.Column("claimed_at", UtcDateTime),
    sa.Column("first_reply_at", UtcDateTime),  # answering is what counts, not claiming
    sa.Column("claim_by", UtcDateTime),  # what was promised to the person
    sa.Column("escalated_at", UtcDateTime),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("outcome", sa.String(20)),
    sa.Column("follow_up_at", UtcDateTime),
    sa.Column("followed_up_at", UtcDateTime),
    sa.Column("seen_seq", sa.Integer, nullable=False, default=0),  # the last line the counsellors saw
    sa.Index("ix_referrals_organisation_status", "organisation", "status"),
)

referral_events = sa.Table(
    "referral_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _referral(),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.String(12), nullable=False),  # citizen, counsellor, assistant, system
    sa.Column("who", _COUNSELLOR),
    sa.Column("what", sa.String(24), nullable=False),  # bot.referral.life.What
    sa.Column("from_status", sa.String(20)),
    sa.Column("to_status", sa.String(20), nullable=False),
    sa.Column("organisation", _ORGANISATION, nullable=False),
    sa.Column("detail", sa.String(64)),  # an id or a code, never content
    # What asked for it: the same asked twice happens once.
    sa.Column("key", sa.String(120), nullable=False),
    sa.UniqueConstraint("referral_id", "key"),
    sa.Index("ix_referral_events_organisation_id", "organisation", "id"),
)

referral_consents = sa.Table(
    "referral_consents",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _referral(),
    sa.Column("organisation", _ORGANISATION, nullable=False),
    sa.Column("version", sa.String(20), nullable=False),
    sa.Column("text", Encrypted, nullable=False),  # word for word
    sa.Column("with_transcript", sa.Boolean, nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("given_at", UtcDateTime),  # none: asked, not answered
    sa.Column("withdrawn_at", UtcDateTime),
)

referral_reads = sa.Table(
    "referral_reads",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _referral(),
    sa.Column("counsellor_id", _COUNSELLOR, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("what", sa.String(20), nullable=False),  # summary, transcript, contact, calendar
)

referral_answers = sa.Table(
    "referral_answers",  # to the questions afterwards
    metadata,
    _referral(primary_key=True),
    sa.Column("actor", sa.String(12), primary_key=True),  # citizen, counsellor
    sa.Column("question", sa.String(20), primary_key=True),  # helped, did
    sa.Column("answer", sa.String(20), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

bookings = sa.Table(
    "bookings",  # call-backs
    metadata,
    _referral(primary_key=True),
    sa.Column("organisation", _ORGANISATION, nullable=False),
    sa.Column("starts_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),  # one for each counsellor who can call then
    sa.Column("token", sa.String(64), nullable=False, unique=True),  # opens the calendar file
    sa.Column("reminded_at", UtcDateTime),
    sa.UniqueConstraint("organisation", "starts_at", "place"),
)

organisations = sa.Table(
    "organisations",  # those with a desk here; what they changed of data/referral
    metadata,
    sa.Column("id", _ORGANISATION, primary_key=True),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("notify_email", sa.String(255)),  # a mailbox of the organisation, never of a citizen
    sa.Column("hours", sa.Text),  # JSON, a list as `hours` in organisations.yml; none: those of the file
    sa.Column("closed_days", sa.Text),  # JSON, ISO dates
    sa.Column("changed_at", UtcDateTime, nullable=False),
)

counsellor_hours = sa.Table(
    "counsellor_hours",  # when a counsellor calls back, Belgian time; without any row the organisation's hours count
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("counsellor_id", _COUNSELLOR, nullable=False, index=True),
    sa.Column("organisation", _ORGANISATION, nullable=False, index=True),
    sa.Column("weekday", sa.Integer, nullable=False),  # 1 is Monday
    sa.Column("opens", sa.Time, nullable=False),
    sa.Column("closes", sa.Time, nullable=False),
)

presence = sa.Table(
    "presence",  # who is at the desk now
    metadata,
    sa.Column("counsellor_id", _COUNSELLOR, primary_key=True),
    sa.Column("organisation", _ORGANISATION, nullable=False, index=True),
    sa.Column("available", sa.Boolean, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
)

erasures = sa.Table(
    "erasures",  # asked for and under way; gone when done
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("message_key", sa.String(64), nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
)

mails = sa.Table(
    "mails",  # to organisations, without personal data
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(120), nullable=False, unique=True),  # the same told twice is sent once
    sa.Column("recipient", sa.String(255), nullable=False),
    sa.Column("subject", sa.String(255), nullable=False),
    sa.Column("body", Encrypted, nullable=False),  # empty once it was sent or given up
    sa.Column("calendar", sa.Text),  # an appointment (ICS) to attach
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),  # pending, sent, dead
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next_attempt_at", UtcDateTime),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("error", sa.String(255)),  # kind of error, never content
    sa.Index("ix_mails_status_next_attempt_at", "status", "next_attempt_at"),
)
