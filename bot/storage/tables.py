"""The tables, one place for all of them. Alembic migrations in `migrations/` bring a database to this shape.

Times are UTC, stored without zone by SQLite and with it by PostgreSQL: `UtcDateTime` gives aware datetimes on both.
Rasa keeps its conversations in a table `events` beside these, which its tracker store makes.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.storage.cipher import Encrypted
from bot.storage.columns import UtcDateTime, metadata, utcnow
from bot.storage.referral_tables import referrals

__all__ = [
    "UtcDateTime",
    "buttons",
    "catalogue_loads",
    "conversations",
    "inbox",
    "metadata",
    "offering_subjects",
    "offerings",
    "outbox",
    "referrals",
    "utcnow",
]

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  # uuid4, hex; also Rasa's sender id
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("sender", sa.String(255), nullable=False),  # the channel's own stable id
    sa.Column("entry", sa.String(64)),  # the way in
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_inbound_at", UtcDateTime),
    # The last number given to a line of this conversation. Taken in the transaction that adds the line, so lines become
    # visible in the order of their numbers and a reader that knows the last one it saw misses none.
    sa.Column("seq", sa.Integer, nullable=False, default=0),
    # The last line that the person read, by their own side's word; only a channel without a provider tells it here.
    sa.Column("read_seq", sa.Integer, nullable=False, default=0, server_default="0"),
    # Who has the floor: 'assistant' or 'counsellor'. The version rises at every change and is compared when a reply is queued.
    sa.Column("floor", sa.String(12), nullable=False, default="assistant"),
    sa.Column("floor_version", sa.Integer, nullable=False, default=0),
    # The process that works on this conversation now, and until when it may.
    sa.Column("lease_owner", sa.String(64)),
    sa.Column("lease_until", UtcDateTime),
    # Whether the person asked for simple words, always.
    sa.Column("simple", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    # Why nothing can be sent to the person (a code of bot/conversation/undelivered.py), until they write again.
    sa.Column("unreachable", sa.String(64)),
    sa.UniqueConstraint("channel", "sender"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("message_id", sa.String(255), nullable=False),  # the provider's
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("text", Encrypted, nullable=False),  # as the person sees it; a button's title for a button
    sa.Column("payload", Encrypted),  # what Rasa gets for a button
    sa.Column("received_at", UtcDateTime, nullable=False),
    # pending: to be answered; held: a counsellor has the floor; done; failed: given up after repeated errors
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),  # begun, whatever came of them
    sa.Column(
        "failures", sa.Integer, nullable=False, default=0
    ),  # attempts that went wrong while the assistant was there
    sa.Column("next_attempt_at", UtcDateTime),
    sa.Column("done_at", UtcDateTime),
    sa.Column("error", sa.String(255)),  # kind of error, never content
    sa.Column("intent", sa.String(64)),
    sa.Column("confidence", sa.Float),
    sa.Column("joined", sa.Integer),  # id of the message before it with which it was read, as one turn
    sa.UniqueConstraint("conversation_id", "message_id"),
    sa.Index("ix_inbox_status_next_attempt_at", "status", "next_attempt_at"),
    sa.Index("ix_inbox_conversation_id_seq", "conversation_id", "seq"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("inbox_id", sa.ForeignKey("inbox.id", ondelete="CASCADE")),  # what it answers, if anything
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("author", sa.String(12), nullable=False),
    sa.Column("key", sa.String(120)),  # what asked for it, when that may ask twice
    sa.Column("body", Encrypted, nullable=False),  # a Reply as JSON; its buttons hold opaque ids
    sa.Column("created_at", UtcDateTime, nullable=False),
    # pending; sent; dead: can never be delivered, `error` says why
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next_attempt_at", UtcDateTime),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("error", sa.String(255)),  # the last trouble, or why it is dead; never content
    sa.Column("queued_at", UtcDateTime),  # when it was queued again; none: at `created_at`
    sa.Column("invited_at", UtcDateTime),  # when the person was asked to write, as only then it may be delivered
    sa.Index("ix_outbox_status_next_attempt_at", "status", "next_attempt_at"),
    sa.Index("ix_outbox_conversation_id_seq", "conversation_id", "seq"),
    sa.Index("ix_outbox_inbox_id", "inbox_id"),
    sa.Index("ix_outbox_conversation_id_key", "conversation_id", "key", unique=True),
)

# What a provider took, and what it says became of that. A reply may be several of its messages, and several replies one.
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("provider_id", sa.String(255)),  # none where the provider gives none
    # The first reply of the turn it belongs to; none while only the provider's word of it came, before our own commit.
    sa.Column("outbox_id", sa.ForeignKey("outbox.id", ondelete="CASCADE"), index=True),
    sa.Column("part", sa.Integer),  # which of the messages of that turn, from 0
    sa.Column("state", sa.String(10), nullable=False),  # sent, delivered, read, failed
    sa.Column("error", sa.String(64)),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("channel", "provider_id"),
)

buttons = sa.Table(
    "buttons",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  # opaque, unguessable
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("outbox_id", sa.ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False),
    sa.Column("title", Encrypted, nullable=False),
    sa.Column("payload", Encrypted, nullable=False),
)

# -- The catalogue (bot/catalogue). The migration makes its full text objects with bot/catalogue/schema.py. --

catalogue_loads = sa.Table(
    "catalogue_loads",
    metadata,
    sa.Column("source", sa.String(50), primary_key=True),
    sa.Column("version", sa.String(80), nullable=False),  # what was loaded; the same again is not loaded again
    sa.Column("location", sa.String(500), nullable=False),  # file or address it came from
    sa.Column("offerings", sa.Integer, nullable=False),
    sa.Column("loaded_at", UtcDateTime, nullable=False),  # when each of its offerings was last seen
)

# Every time somebody tried to read a feed, with what came of it.
catalogue_imports = sa.Table(
    "catalogue_imports",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source", sa.String(50), nullable=False, index=True),
    sa.Column("location", sa.String(500), nullable=False),
    sa.Column("format", sa.String(20), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),  # done; refused: too many bad rows; failed: unreadable
    sa.Column("message", sa.Text, nullable=False),  # why not, in Dutch; empty when done
    sa.Column("added", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("unchanged", sa.Integer, nullable=False),
    sa.Column("retired", sa.Integer, nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
)

offerings = sa.Table(
    "offerings",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.String(150), nullable=False, unique=True),
    sa.Column("source", sa.String(50), nullable=False, index=True),
    sa.Column("page_key", sa.String(10), nullable=False, index=True),  # what the address of its page ends on
    sa.Column("course_id", sa.String(150), index=True),  # the course that it is a run of
    # Folded words for the full text index: of the title, and of everything else.
    sa.Column("title_words", sa.Text, nullable=False),
    sa.Column("body_words", sa.Text, nullable=False),
    sa.Column("provider_id", sa.String(100), nullable=False),
    sa.Column("provider_kind", sa.String(20), nullable=False),
    sa.Column("provider_words", sa.Text, nullable=False),
    sa.Column("municipality_id", sa.String(5), index=True),  # none when online only
    sa.Column("latitude", sa.Float),
    sa.Column("longitude", sa.Float),
    sa.Column("delivery_mode", sa.String(10), nullable=False),
    sa.Column("moments", sa.Integer, nullable=False),  # bits, see bot/catalogue/moments.py
    sa.Column("start_day", sa.Integer, index=True),  # days since 1 January of year 1; none: start when you like
    sa.Column("hours", sa.Integer),
    sa.Column("price_kind", sa.String(8), nullable=False),  # tariff, fixed, free, ask
    sa.Column("price_cents", sa.Integer),  # of a fixed price
    sa.Column("figure", sa.String(64)),  # id of the figure that holds the amount
    sa.Column("free_for", sa.String(12)),  # of a free price: everyone, most, job_seekers
    sa.Column("language_level", sa.String(2)),  # the Dutch that is needed, A1 to C1; none when none is asked
    sa.Column("recognised_for", sa.String(80), nullable=False),  # names of incentives, joined by spaces
    sa.Column("shortage", sa.Boolean, nullable=False),
    sa.Column("places_left", sa.Integer),
    sa.Column("example", sa.Boolean, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # the whole Offering as JSON
    sa.Column("digest", sa.String(32), nullable=False),  # of all of the above: the same digest is not written again
)

# What vanished from its feed. Searches never see it; its page says that it is offered no longer.
retired_offerings = sa.Table(
    "retired_offerings",
    metadata,
    sa.Column("id", sa.String(150), primary_key=True),
    sa.Column("source", sa.String(50), nullable=False, index=True),
    sa.Column("page_key", sa.String(10), nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("last_seen", UtcDateTime, nullable=False),
    sa.Column("retired_at", UtcDateTime, nullable=False),
)

offering_subjects = sa.Table(
    "offering_subjects",
    metadata,
    sa.Column("subject_id", sa.String(64), primary_key=True),
    sa.Column("offering_number", sa.ForeignKey("offerings.number", ondelete="CASCADE"), primary_key=True),
    sa.Column("rank", sa.Integer, nullable=False),  # 0 for what the course is mainly about
    sa.Index("ix_offering_subjects_offering_number", "offering_number"),
)

# Tables in a module of their own, on the same metadata.
from bot.storage import counsellor_tables as counsellor_tables  # noqa: E402

# -- What a person does with a conversation: bot/conversation/votes.py, bot/overview. --

votes = sa.Table(
    "votes",
    metadata,
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),  # the line of the assistant
    sa.Column("value", sa.String(4), nullable=False),  # up, down
    sa.Column("reason", sa.String(20)),
    sa.Column("comment", Encrypted),
    sa.Column("voted_at", UtcDateTime, nullable=False),
)

kept_courses = sa.Table(
    "kept_courses",
    metadata,
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("offering", sa.String(150), primary_key=True),  # id in the catalogue
    sa.Column("kept_at", UtcDateTime, nullable=False),
)

overviews = sa.Table(
    "overviews",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    # SHA-256 of the token in the link: who reads the table cannot open a page.
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    # The message that asked for it: the same message handled twice makes one.
    sa.Column("message_key", sa.String(64), nullable=False, unique=True),
    sa.Column("body", Encrypted, nullable=False),  # an Overview as JSON
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
)

# -- Codes with which a conversation goes on elsewhere: bot/conversation/handover.py. --

continuations = sa.Table(
    "continuations",
    metadata,
    sa.Column("code_hash", sa.String(64), primary_key=True),  # SHA-256: who reads the table has no code
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("expires_at", UtcDateTime, nullable=False),
)
