"""The inbox: every message of a person, stored once, with what became of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.conversation import buttons, outbox, records, wording
from bot.conversation.message import MAX_TEXT, Button, InboundMessage, Kind
from bot.conversation.model import Accepted, Conversation, Floor, InvalidMessage
from bot.conversation.text import clean, one_line, shows
from bot.storage.tables import conversations, inbox

PENDING, HELD, DONE, FAILED = "pending", "held", "done", "failed"

_CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,19}")
_ID_LENGTH = 255
_UNREADABLE_LENGTH = 40
_TITLE_LENGTH = 255
_RAW_LENGTH = 4 * MAX_TEXT  # before cleaning, so that a huge text is refused without reading it

_OF_CONVERSATION = inbox.c.conversation_id == sa.bindparam("conversation")
_ONE = inbox.c.id == sa.bindparam("message")
_KNOWN = sa.select(inbox.c.id, inbox.c.seq, inbox.c.status).where(
    _OF_CONVERSATION, inbox.c.message_id == sa.bindparam("provider_id")
)
_STORE = sa.insert(inbox)
_FIRST_WAITING = sa.select(inbox).where(_OF_CONVERSATION, inbox.c.status == PENDING).order_by(inbox.c.seq).limit(1)
_MOST_JOINED = 10
_ALL_WAITING = (
    sa.select(inbox.c.id, inbox.c.kind, inbox.c.text, inbox.c.received_at)
    .where(_OF_CONVERSATION, inbox.c.status == PENDING)
    .order_by(inbox.c.seq)
    .limit(_MOST_JOINED)
)
_SHORT = 120
"""Characters; who writes more at once has most likely said it all."""
_LONGEST_PAUSE = 4.0
_BEGIN = sa.update(inbox).where(_ONE).values(attempts=inbox.c.attempts + 1)
_CLOSE = sa.update(inbox).where(_ONE)  # sets the columns that it is executed with
_STATUS = sa.select(inbox.c.status).where(_ONE)


@dataclass(frozen=True, slots=True)
class Content:
    """What a message holds, cleaned: as it goes into the inbox."""

    kind: Kind
    text: str
    payload: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The first unanswered message of a conversation, with those behind it that are read as one with it."""

    inbox_id: int
    """Of the first."""
    kind: Kind
    text: str
    payload: str | None
    received_at: datetime
    attempts: int
    failures: int
    next_attempt_at: datetime | None
    joined: tuple[int, ...] = ()
    """Ids of the messages behind it."""


EXPIRED = Content(Kind.EXPIRED_BUTTON, wording.EXPIRED_BUTTON, "/expired_button")


def read(message: InboundMessage) -> Content | None:
    """What a message holds; None for a pressed button, which its conversation must tell. Raises `InvalidMessage`."""
    if not _CHANNEL.fullmatch(message.channel):
        raise InvalidMessage("bad_channel", wording.BAD_CHANNEL)
    check_sender(message.sender)
    if not _is_id(message.message_id):
        raise InvalidMessage("bad_message_id", wording.BAD_MESSAGE_ID)
    if message.button is not None:
        return None
    if message.unreadable is not None:
        what = one_line(message.unreadable, _UNREADABLE_LENGTH) or "bestand"
        return Content(Kind.UNREADABLE, what, "/unreadable" + json.dumps({"what": what}))
    if message.command is not None:
        return Content(Kind.BUTTON, one_line(message.text, _TITLE_LENGTH) or message.command, f"/{message.command}")
    return Content(Kind.TEXT, _read_text(message.text), None)


def check_sender(sender: str) -> None:
    """Raises `InvalidMessage` for what cannot be the id of a person on a channel."""
    if not _is_id(sender):
        raise InvalidMessage("bad_sender", wording.BAD_SENDER)


def _is_id(text: str) -> bool:
    return 0 < len(text) <= _ID_LENGTH and text.isprintable() and not text.startswith(records.ERASED)


def _read_text(text: str) -> str:
    if len(text) > _RAW_LENGTH:
        raise InvalidMessage("too_long", wording.TOO_LONG)
    cleaned = clean(text)
    if not shows(cleaned):
        raise InvalidMessage("empty", wording.EMPTY)
    if len(cleaned) > MAX_TEXT:
        raise InvalidMessage("too_long", wording.TOO_LONG)
    return cleaned


def store(
    connection: sa.engine.Connection, message: InboundMessage, content: Content | None, now: datetime
) -> Accepted:
    """Stores a message once.

    A message that comes while a counsellor has the floor is theirs from the start, and waits for nothing.
    """
    conversation = records.open_locked(connection, message.channel, message.sender, message.entry, now)
    key = {"conversation": conversation.id, "provider_id": message.message_id}
    known = connection.execute(_KNOWN, key).first()
    if known is not None:
        return Accepted(conversation.id, known.id, known.seq, new=False, waits=known.status == PENDING)
    if content is None:
        content = _pressed(buttons.find(connection, conversation.id, message.button or ""))
    waits = conversation.floor is Floor.ASSISTANT
    received = min(message.received_at or now, now)
    seq = records.take_inbound_number(connection, conversation.id, received)
    stored = connection.execute(
        _STORE,
        {
            "conversation_id": conversation.id,
            "message_id": message.message_id,
            "seq": seq,
            "kind": content.kind.value,
            "text": content.text,
            "payload": content.payload,
            "received_at": received,
            "status": PENDING if waits else HELD,
            "attempts": 0,
            "failures": 0,
            "done_at": None if waits else now,
        },
    )
    outbox.window_opened(connection, conversation.id)
    return Accepted(conversation.id, int(stored.inserted_primary_key[0]), seq, new=True, waits=waits)


def content_of(connection: sa.engine.Connection, inbox_id: int) -> Content:
    """What a stored message holds."""
    row = connection.execute(sa.select(inbox.c.kind, inbox.c.text, inbox.c.payload).where(_ONE), {"message": inbox_id})
    kind, text, payload = row.one()
    return Content(Kind(kind), text, payload)


def _pressed(button: Button | None) -> Content:
    return EXPIRED if button is None else Content(Kind.BUTTON, button.title, button.payload)


def first_waiting(connection: sa.engine.Connection, conversation_id: str) -> Waiting | None:
    """The first message of a conversation that waits for an answer."""
    row = connection.execute(_FIRST_WAITING, {"conversation": conversation_id}).first()
    if row is None:
        return None
    return Waiting(
        inbox_id=row.id,
        kind=Kind(row.kind),
        text=row.text,
        payload=row.payload,
        received_at=row.received_at,
        attempts=row.attempts,
        failures=row.failures,
        next_attempt_at=row.next_attempt_at,
    )


def join(
    connection: sa.engine.Connection, conversation_id: str, first: Waiting, quiet: float, now: datetime
) -> tuple[Waiting, float]:
    """`first` with the texts behind it as one, and for how many seconds another one may still belong to it.

    People who chat send half a sentence at a time. After a short text that asks nothing we wait until they are quiet
    for `quiet` seconds, and at most `_LONGEST_PAUSE` times that after the first one.
    """
    if first.kind is not Kind.TEXT or quiet <= 0:
        return first, 0.0
    rows = connection.execute(_ALL_WAITING, {"conversation": conversation_id}).all()
    texts: list[Any] = []
    for row in rows:
        if row.kind != Kind.TEXT or sum(len(one.text) + 1 for one in texts) + len(row.text) > MAX_TEXT:
            break
        texts.append(row)
    text = "\n".join(row.text for row in texts)
    joined = replace(first, text=text, joined=tuple(row.id for row in texts[1:]))
    complete = len(texts) == _MOST_JOINED or len(texts) < len(rows) or _is_whole(texts[-1].text)
    if complete or first.attempts:
        return joined, 0.0
    longest = first.received_at + timedelta(seconds=quiet * _LONGEST_PAUSE)
    until = min(longest, texts[-1].received_at + timedelta(seconds=quiet))
    return joined, max(0.0, (until - now).total_seconds())


def _is_whole(text: str) -> bool:
    return len(text) > _SHORT or text.endswith("?")


def hold_all(connection: sa.engine.Connection, conversation: Conversation, now: datetime) -> None:
    """Leaves what waits in a locked conversation to the counsellor who has the floor."""
    connection.execute(
        sa.update(inbox)
        .where(inbox.c.conversation_id == conversation.id, inbox.c.status == PENDING)
        .values(status=HELD, done_at=now, next_attempt_at=None)
    )


def begin_attempt(connection: sa.engine.Connection, inbox_id: int) -> None:
    """Counts an attempt before it begins, so that one which the process did not survive is known of."""
    connection.execute(_BEGIN, {"message": inbox_id})


def close(connection: sa.engine.Connection, message: Waiting, status: str, now: datetime, **more: Any) -> None:
    """Says what became of a message, and of those read as one with it: done, held or failed."""
    values = {"status": status, "done_at": now, "next_attempt_at": None}
    connection.execute(_CLOSE, {"message": message.inbox_id} | values | more)
    for inbox_id in message.joined:
        connection.execute(_CLOSE, {"message": inbox_id, "joined": message.inbox_id} | values)


def put_off(connection: sa.engine.Connection, inbox_id: int, failures: int, error: str, until: datetime) -> None:
    """Leaves a message for another attempt, not before `until`."""
    connection.execute(
        sa.update(inbox)
        .where(inbox.c.id == inbox_id)
        .values(failures=failures, error=error[:255], next_attempt_at=until)
    )


def status_of(connection: sa.engine.Connection, inbox_id: int) -> str | None:
    """What became of a message so far; None when it is not there (any more)."""
    status = connection.execute(_STATUS, {"message": inbox_id}).scalar()
    return None if status is None else str(status)


def conversations_due(connection: sa.engine.Connection, now: datetime, limit: int = 1000) -> list[str]:
    """Conversations whose first waiting message is due and on which no process works, the longest waiting first."""
    earlier = inbox.alias("earlier")
    rows = connection.execute(
        sa.select(inbox.c.conversation_id)
        .join(conversations, conversations.c.id == inbox.c.conversation_id)
        .where(
            inbox.c.status == PENDING,
            sa.or_(inbox.c.next_attempt_at.is_(None), inbox.c.next_attempt_at <= now),
            sa.or_(conversations.c.lease_until.is_(None), conversations.c.lease_until < now),
            ~sa.exists().where(
                earlier.c.conversation_id == inbox.c.conversation_id,
                earlier.c.status == PENDING,
                earlier.c.seq < inbox.c.seq,
            ),
        )
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return [row.conversation_id for row in rows]
