"""The outbox: every line that goes to a person, with whether it got there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import sqlalchemy as sa

from bot.conversation import buttons, progress, records, undelivered
from bot.conversation.message import Author, Reply
from bot.conversation.model import Conversation, DeliveryState, Said
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
_FIRST_PENDING = sa.select(outbox).where(_OF_CONVERSATION, outbox.c.status == PENDING).order_by(outbox.c.seq).limit(20)
_WINDOW_OPENED = (
    sa.update(outbox)
    .where(_OF_CONVERSATION, outbox.c.status == PENDING, outbox.c.error == undelivered.OUTSIDE_WINDOW)
    .values(error=None, next_attempt_at=None, invited_at=None)
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The replies of one turn, or one line that stands alone, that this process now hands to the provider."""

    ids: tuple[int, ...]
    """Of their rows."""
    conversation: Conversation
    said: tuple[Said, ...]
    queued_at: datetime
    attempts: int
    """This one included."""
    sent: int
    """Messages in which they are rendered that the provider took before."""
    outside_window: bool
    """Whether the provider said that it takes nothing for this person until they write."""
    invited: bool
    """Whether the person was asked to write."""


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
    connection: sa.engine.Connection,
    conversation_id: str,
    now: datetime,
    in_flight: float,
    wait: Callable[[Conversation], float],
) -> Delivery | float | None:
    """The first undelivered replies of a conversation, for this process alone during `in_flight` seconds.

    A number is in how many seconds to ask again, `wait` having a say in it; None that there is nothing to deliver. As
    only the first can be claimed, replies never overtake one another.
    """
    waiting = connection.execute(_FIRST_PENDING, {"conversation": conversation_id}).all()
    conversation = records.get(connection, conversation_id) if waiting else None
    if conversation is None:
        return None
    first = waiting[0]
    if first.next_attempt_at is not None and first.next_attempt_at > now:
        return float((first.next_attempt_at - now).total_seconds())
    seconds = wait(conversation)
    if seconds > 0:
        return seconds
    # The replies of one turn go together: a channel may make one message of them.
    turn = list(takewhile(lambda row: row is first or _of_one_turn(first, row), waiting))
    ids = tuple(row.id for row in turn)
    claimed = connection.execute(
        sa.update(outbox)
        .where(
            outbox.c.id.in_(ids),
            outbox.c.status == PENDING,
            sa.or_(outbox.c.next_attempt_at.is_(None), outbox.c.next_attempt_at <= now),
        )
        .values(attempts=outbox.c.attempts + 1, next_attempt_at=now + timedelta(seconds=in_flight))
    ).rowcount
    if claimed != len(ids):  # another process was first
        return None
    return Delivery(
        ids=ids,
        conversation=conversation,
        said=tuple(Said(Author(row.author), Reply.model_validate_json(row.body)) for row in turn),
        queued_at=first.queued_at or first.created_at,
        attempts=first.attempts + 1,
        sent=progress.parts_taken(connection, first.id),
        outside_window=first.error == undelivered.OUTSIDE_WINDOW,
        invited=first.invited_at is not None,
    )


def _of_one_turn(first: Any, row: Any) -> bool:
    return (
        first.inbox_id is not None
        and (row.inbox_id, row.author) == (first.inbox_id, first.author)
        and row.next_attempt_at == first.next_attempt_at
    )


def part_sent(
    connection: sa.engine.Connection,
    delivery: Delivery,
    part: int,
    provider_id: str | None,
    now: datetime,
    *,
    last: bool,
    in_flight: float,
) -> bool:
    """The provider took one message of a delivery. False when its replies were erased, or set aside, meanwhile."""
    values: dict[str, Any] = {"next_attempt_at": now + timedelta(seconds=in_flight)}
    if last:
        values = {"status": SENT, "sent_at": now, "error": None, "next_attempt_at": None}
    ours = sa.and_(outbox.c.id.in_(delivery.ids), outbox.c.status == PENDING)
    there = connection.execute(sa.update(outbox).where(ours).values(**values)).rowcount
    if not there:
        return False
    progress.taken(connection, delivery.conversation.channel, delivery.ids[0], part, provider_id, now)
    return True


def nothing_to_send(connection: sa.engine.Connection, ids: Collection[int], now: datetime) -> None:
    """Replies of which the channel makes no message (any more) count as sent."""
    _close(connection, ids, SENT, sent_at=now, error=None)


def set_aside(connection: sa.engine.Connection, ids: Collection[int], reason: str) -> None:
    """Replies can never be delivered; `reason` is a code of `undelivered`."""
    _close(connection, ids, DEAD, error=reason[:255])


def put_off(connection: sa.engine.Connection, ids: Collection[int], error: str | None, until: datetime) -> None:
    """Leaves replies for another attempt, not before `until`."""
    connection.execute(
        sa.update(outbox).where(outbox.c.id.in_(ids)).values(error=error and error[:255], next_attempt_at=until)
    )


def await_person(connection: sa.engine.Connection, delivery: Delivery, until: datetime, now: datetime) -> bool:
    """Leaves replies until the person writes. False when they did since the delivery began: then these are due."""
    conversation = records.lock(connection, delivery.conversation.id)
    wrote = conversation is not None and conversation.last_inbound_at != delivery.conversation.last_inbound_at
    put_off(connection, delivery.ids, None if wrote else undelivered.OUTSIDE_WINDOW, now if wrote else until)
    return not wrote


def invited(connection: sa.engine.Connection, ids: Collection[int], now: datetime) -> None:
    """The person was asked to write, so that these replies may be delivered."""
    connection.execute(sa.update(outbox).where(outbox.c.id.in_(ids)).values(invited_at=now))


def window_opened(connection: sa.engine.Connection, conversation_id: str) -> None:
    """The person wrote: what waited for that is due."""
    connection.execute(_WINDOW_OPENED, {"conversation": conversation_id})


def send_again(connection: sa.engine.Connection, outbox_id: int, now: datetime) -> str | None:
    """Queues a reply that was set aside once more and gives its conversation; None when it is not set aside.

    What the provider took of it before goes out again too.
    """
    row = connection.execute(
        sa.select(outbox.c.conversation_id).where(outbox.c.id == outbox_id, outbox.c.status == DEAD)
    ).first()
    if row is None or records.lock(connection, row.conversation_id) is None:
        return None
    progress.forget(connection, outbox_id)
    values = {"queued_at": now, "attempts": 0, "error": None, "invited_at": None}
    _close(connection, [outbox_id], PENDING, **values)
    return str(row.conversation_id)


def _close(connection: sa.engine.Connection, ids: Collection[int], status: str, **more: object) -> None:
    values = {"status": status, "next_attempt_at": None} | more
    connection.execute(sa.update(outbox).where(outbox.c.id.in_(ids)).values(**values))


def last_said_at(connection: sa.engine.Connection, conversation_id: str) -> datetime | None:
    """When something was last said to the person; None when nothing was."""
    newest = sa.select(outbox.c.created_at).where(outbox.c.conversation_id == conversation_id)
    moment: datetime | None = connection.execute(newest.order_by(outbox.c.seq.desc()).limit(1)).scalar()
    return moment


def deliveries(connection: sa.engine.Connection, conversation_id: str, after: int = 0) -> dict[int, tuple[str, str]]:
    """Of each line said beyond `after`: whether it is pending, sent or dead, or by the provider's word delivered or read;
    and the kind of error if any."""
    columns = (outbox.c[name] for name in ("id", "seq", "inbox_id", "author", "attempts", "status", "error"))
    beyond = sa.and_(outbox.c.conversation_id == conversation_id, outbox.c.seq > after)
    rows = connection.execute(sa.select(*columns).where(beyond).order_by(outbox.c.seq)).all()
    told = progress.states(connection, rows)
    arrived = (DeliveryState.DELIVERED, DeliveryState.READ)
    return {row.seq: (told[row.id].value if told[row.id] in arrived else row.status, row.error or "") for row in rows}


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
