"""The rows of `conversations`: one person on one channel.

An erased conversation of which a referral was already handed over stays as a row without its sender (`retention`); to
everything here it does not exist.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation.model import Conversation, Floor
from bot.conversation.text import one_line
from bot.storage.tables import UtcDateTime, conversations

_ENTRY = 64
ERASED = "erased:"
"""With the id of the conversation behind it: the sender of what is left of an erased conversation."""

# In SQL, because SQLAlchemy 1.4 knows no RETURNING for SQLite, which has it since 3.35 (2021).
_TAKE_NUMBERS = sa.text("UPDATE conversations SET seq = seq + :count WHERE id = :id RETURNING seq")
_TAKE_INBOUND_NUMBER = sa.text(
    "UPDATE conversations SET seq = seq + 1, unreachable = NULL, last_inbound_at = CASE WHEN last_inbound_at > :received"
    " THEN last_inbound_at ELSE :received END WHERE id = :id RETURNING seq"
).bindparams(sa.bindparam("received", type_=UtcDateTime))

# Statements are built once: building one takes SQLAlchemy 1.4 five times as long as running it on SQLite.
NOT_ERASED = conversations.c.sender != sa.literal(ERASED).concat(conversations.c.id)
BY_ID = sa.select(conversations).where(conversations.c.id == sa.bindparam("conversation"))
_GET = BY_ID.where(NOT_ERASED)
_LOCK = _GET.with_for_update()
_FIND = sa.select(conversations).where(
    conversations.c.channel == sa.bindparam("of_channel"),
    conversations.c.sender == sa.bindparam("of_sender"),
    NOT_ERASED,
)
_FIND_AND_LOCK = _FIND.with_for_update()
_TO = sa.case((conversations.c.seq < sa.bindparam("to"), conversations.c.seq), else_=sa.bindparam("to"))
_READ = (
    sa.update(conversations)
    .where(conversations.c.id == sa.bindparam("conversation"), conversations.c.read_seq < _TO, NOT_ERASED)
    .values(read_seq=_TO)
)


def conversation_of(row: Any) -> Conversation:
    """The conversation in a row of the table."""
    return Conversation(
        id=row.id,
        channel=row.channel,
        sender=row.sender,
        entry=row.entry,
        created_at=row.created_at,
        last_inbound_at=row.last_inbound_at,
        floor=Floor(row.floor),
        floor_version=row.floor_version,
        simple=bool(row.simple),
        read_seq=row.read_seq,
    )


def find(connection: sa.engine.Connection, channel: str, sender: str) -> Conversation | None:
    """The conversation of a person on a channel."""
    return _one(connection, _FIND, of_channel=channel, of_sender=sender)


def get(connection: sa.engine.Connection, conversation_id: str) -> Conversation | None:
    """The conversation with this id."""
    return _one(connection, _GET, conversation=conversation_id)


def lock(connection: sa.engine.Connection, conversation_id: str) -> Conversation | None:
    """As `get`, and nobody else changes the conversation before this transaction ends.

    Every transaction that adds lines to a conversation or changes their status begins here, so they come one at a time.
    """
    return _one(connection, _LOCK, conversation=conversation_id)


def open_locked(
    connection: sa.engine.Connection, channel: str, sender: str, entry: str | None, now: datetime
) -> Conversation:
    """The locked conversation of a person on a channel, made when there is none."""
    found = _one(connection, _FIND_AND_LOCK, of_channel=channel, of_sender=sender)
    if found is not None:
        return found
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(conversations)
        .values(
            id=uuid.uuid4().hex,
            channel=channel,
            sender=sender,
            entry=(one_line(entry, _ENTRY) if entry else None) or None,
            created_at=now,
            seq=0,
            floor=Floor.ASSISTANT.value,
            floor_version=0,
        )
        # Two first messages at once: the second one waits here for the first, and then finds its row.
        .on_conflict_do_nothing(index_elements=["channel", "sender"])
    )
    made = _one(connection, _FIND_AND_LOCK, of_channel=channel, of_sender=sender)
    if made is None:  # erased between the two statements
        return open_locked(connection, channel, sender, entry, now)
    return made


def set_simple(connection: sa.engine.Connection, conversation_id: str, on: bool) -> None:
    """Keeps whether the person wants simple words, always."""
    connection.execute(sa.update(conversations).where(conversations.c.id == conversation_id).values(simple=on))


def read_by_person(connection: sa.engine.Connection, conversation_id: str, seq: int) -> bool:
    """The person read their conversation up to a line, never backwards nor beyond its end. False when that is no news."""
    return bool(connection.execute(_READ, {"conversation": conversation_id, "to": seq}).rowcount)


def rename(connection: sa.engine.Connection, channel: str, old: str, new: str) -> bool:
    """Gives the conversation of a person their new id on the channel, when nobody has that one."""
    found = _one(connection, _FIND_AND_LOCK, of_channel=channel, of_sender=old)
    if found is None or _one(connection, _FIND_AND_LOCK, of_channel=channel, of_sender=new) is not None:
        return False
    connection.execute(sa.update(conversations).where(conversations.c.id == found.id).values(sender=new))
    return True


def take_numbers(connection: sa.engine.Connection, conversation_id: str, count: int) -> range:
    """The next `count` line numbers of a locked conversation."""
    last = int(connection.execute(_TAKE_NUMBERS, {"count": count, "id": conversation_id}).scalar_one())
    return range(last - count + 1, last + 1)


def take_inbound_number(connection: sa.engine.Connection, conversation_id: str, received: datetime) -> int:
    """The next line number of a locked conversation, for a message of the person received at `received`."""
    values = {"id": conversation_id, "received": received}
    return int(connection.execute(_TAKE_INBOUND_NUMBER, values).scalar_one())


def _one(connection: sa.engine.Connection, query: Any, **values: str) -> Conversation | None:
    row = connection.execute(query, values).first()
    return None if row is None else conversation_of(row)
