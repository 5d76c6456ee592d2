"""The outbox: every line that goes to a person, with whether it got there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.conversation import buttons, records
from bot.conversation.message import Author, Reply
from bot.conversation.model import Conversation
from bot.storage.tables import conversations, outbox

PENDING, SENT, DEAD = "pending", "sent", "dead"

_OF_CONVERSATION = outbox.c.conversation_id == sa.bindparam("conversation")
_QUEUE = sa.insert(outbox)
_REPLIES_TO = (
    sa.select(outbox.c.body)
    .where(outbox.c.inbox_id == sa.bindparam("message"), outbox.c.author == sa.bindparam("of_author"))
    .order_by(outbox.c.seq)
)
_BY_KEY = sa.select(outbox.c.seq).where(_OF_CONVERSATION, outbox.c.key == sa.bindparam("of_key"))
_FIRST_PENDING = sa.select(outbox).where(_OF_CONVERSATION, outbox.c.status == PENDING).order_by(outbox.c.seq).limit(1)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One reply that this process now hands to the provider."""

    outbox_id: int
    conversation: Conversation
    reply: Reply
    created_at: datetime
    attempts: int
    """This one included."""


def queue(
    connection: sa.engine.Connection,
    conversation_id: str,
    author: Author,
    replies: Sequence[Reply],
    *,
    push: bool,
    now: datetime,
    inbox_id: int | None = None,
    key: str | None = None,
) -> range:
    """Adds replies to a locked conversation, their buttons made opaque, and gives the numbers of their lines.

    On a pull channel (not `push`) a line counts as sent: the person's side fetches it. `key` names a single reply, so
    that it is not said twice (`number_of`).
    """
    if not replies:
        return range(0)
    numbers = records.take_numbers(connection, conversation_id, len(replies))
    for seq, reply in zip(numbers, replies, strict=True):
        hidden = buttons.hide(reply)
        added = connection.execute(
            _QUEUE,
            {
                "conversation_id": conversation_id,
                "inbox_id": inbox_id,
                "seq": seq,
                "author": author.value,
                "key": key,
                "body": hidden.reply.model_dump_json(),
                "created_at": now,
                "status": PENDING if push else SENT,
                "attempts": 0,
                "sent_at": None if push else now,
            },
        )
        buttons.keep(connection, conversation_id, int(added.inserted_primary_key[0]), hidden)
    return numbers


def replies_to(connection: sa.engine.Connection, inbox_id: int, author: Author) -> list[Reply]:
    """The replies of `author` to one message, in order."""
    rows = connection.execute(_REPLIES_TO, {"message": inbox_id, "of_author": author.value})
    return [Reply.model_validate_json(row.body) for row in rows]


def number_of(connection: sa.engine.Connection, conversation_id: str, key: str) -> int | None:
    """The number of the line that was said under this key; None when there is none."""
    number = connection.execute(_BY_KEY, {"conversation": conversation_id, "of_key": key}).scalar()
    return None if number is None else int(number)


def claim(
    connection: sa.engine.Connection, conversation_id: str, now: datetime, in_flight: float
) -> Delivery | float | None:
    """The first undelivered reply of a conversation, for this process alone during `in_flight` seconds.

    A number is in how many seconds to ask again; None that there is nothing to deliver. As only the first reply can be
    claimed, replies never overtake one another.
    """
    row = connection.execute(_FIRST_PENDING, {"conversation": conversation_id}).first()
    conversation = records.get(connection, conversation_id)
    if row is None or conversation is None:
        return None
    if row.next_attempt_at is not None and row.next_attempt_at > now:
        return float((row.next_attempt_at - now).total_seconds())
    claimed = connection.execute(
        sa.update(outbox)
        .where(
            outbox.c.id == row.id,
            outbox.c.status == PENDING,
            sa.or_(outbox.c.next_attempt_at.is_(None), outbox.c.next_attempt_at <= now),
        )
        .values(attempts=outbox.c.attempts + 1, next_attempt_at=now + timedelta(seconds=in_flight))
    ).rowcount
    if not claimed:  # another process was first
        return None
    return Delivery(row.id, conversation, Reply.model_validate_json(row.body), row.created_at, row.attempts + 1)


def delivered(connection: sa.engine.Connection, outbox_id: int, provider_id: str | None, now: datetime) -> None:
    """The provider took a reply."""
    _close(connection, outbox_id, SENT, sent_at=now, provider_id=provider_id and provider_id[:255], error=None)


def set_aside(connection: sa.engine.Connection, outbox_id: int, reason: str) -> None:
    """A reply can never be delivered; `reason` is for operators."""
    _close(connection, outbox_id, DEAD, error=reason[:255])


def put_off(connection: sa.engine.Connection, outbox_id: int, error: str, until: datetime) -> None:
    """Leaves a reply for another attempt, not before `until`."""
    connection.execute(
        sa.update(outbox).where(outbox.c.id == outbox_id).values(error=error[:255], next_attempt_at=until)
    )


def _close(connection: sa.engine.Connection, outbox_id: int, status: str, **more: object) -> None:
    values = {"status": status, "next_attempt_at": None} | more
    connection.execute(sa.update(outbox).where(outbox.c.id == outbox_id).values(**values))


def deliveries(connection: sa.engine.Connection, conversation_id: str, after: int = 0) -> dict[int, tuple[str, str]]:
    """Of each line said beyond `after`: whether it is pending, sent or dead, and the kind of error if any."""
    rows = connection.execute(
        sa.select(outbox.c.seq, outbox.c.status, outbox.c.error).where(
            outbox.c.conversation_id == conversation_id, outbox.c.seq > after
        )
    )
    return {row.seq: (row.status, row.error or "") for row in rows}


def release_in_flight(connection: sa.engine.Connection) -> None:
    """Makes what a dead process was sending due at once. Only where no other process can be sending."""
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.status == PENDING, outbox.c.next_attempt_at.is_not(None), outbox.c.error.is_(None))
        .values(next_attempt_at=None)
    )


def conversations_due(
    connection: sa.engine.Connection, channels: Collection[str], now: datetime, limit: int = 1000
) -> list[str]:
    """Conversations on these channels whose first undelivered reply is due, the longest waiting first."""
    earlier = outbox.alias("earlier")
    rows = connection.execute(
        sa.select(outbox.c.conversation_id)
        .join(conversations, conversations.c.id == outbox.c.conversation_id)
        .where(
            outbox.c.status == PENDING,
            sa.or_(outbox.c.next_attempt_at.is_(None), outbox.c.next_attempt_at <= now),
            conversations.c.channel.in_(channels),
            ~sa.exists().where(
                earlier.c.conversation_id == outbox.c.conversation_id,
                earlier.c.status == PENDING,
                earlier.c.seq < outbox.c.seq,
            ),
        )
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return [row.conversation_id for row in rows]
