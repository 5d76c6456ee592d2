"""The transactions in the life of a turn: begun, answered, gone wrong. Each checks that the lease is still ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from bot.assistant.interface import Answer, Turn
from bot.conversation import buttons, inbox, lease, outbox, records, wording
from bot.conversation.handover import Handover
from bot.conversation.message import Author, Kind, Reply
from bot.conversation.model import Conversation, Floor
from bot.conversation.rewind import forget, rewind

_INTENT = 64

Answered = Callable[[sa.engine.Connection, str, str], None]
"""Told of an answer in the transaction that queues it: the connection, the conversation, the key of the message."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who works: one process, and how long its leases last."""

    name: str
    lease: float
    quiet: Callable[[str], float] = lambda channel: 0.0
    """For how many seconds a person on a channel must have sent nothing, so that their texts are read as one."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A message that this process now has answered."""

    conversation: Conversation
    """As it stood when the attempt began: its floor version is compared before anything is said."""
    message: inbox.Waiting
    attempt: int
    told_late: bool
    """Whether the person already knows that this answer is late."""

    @property
    def key(self) -> str:
        """Names the message in Rasa's events."""
        return f"{self.conversation.id}:{self.message.inbox_id}"

    def turn(self) -> Turn:
        """What the assistant is asked."""
        return Turn(
            conversation_id=self.conversation.id,
            message_key=self.key,
            kind=self.message.kind,
            text=self.message.text,
            payload=None if self.message.kind is Kind.TEXT else self.message.payload,
            channel=self.conversation.channel,
            retried=self.attempt > 1,
            simple=self.conversation.simple,
        )


class Outcome(StrEnum):
    """What became of an attempt."""

    SAID = "said"
    """Its replies, or what the system says instead, are in the outbox and the message is closed."""
    HELD = "held"
    """A counsellor took the floor meanwhile: nothing was said, the message is theirs."""
    LOST = "lost"
    """The lease went to another process, the conversation was erased, or this was done already: nothing was said."""
    PUT_OFF = "put_off"
    """It is tried again later."""


@dataclass(frozen=True, slots=True)
class Next:
    """What comes after: a turn that has begun in the same transaction, or when to ask again."""

    begun: Begun | None = None
    held: bool = False
    """Whether messages were left to a counsellor, so that who waits for replies must be told."""
    again: float | None = None
    """In how many seconds; None when nothing waits."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that went wrong."""

    kind: str
    """The class of the error; never its text."""
    counts: bool
    """Whether the assistant was there: only then is a message given up in the end."""
    delay: float
    """Seconds until the next attempt."""


def begin(connection: sa.engine.Connection, conversation_id: str, owner: Owner, now: datetime) -> Next:
    """Takes the lease and begins with the first message that waits."""
    if not lease.take(connection, conversation_id, owner.name, now, owner.lease):
        return Next()
    return _begin_first(connection, conversation_id, owner, now)


def _begin_first(connection: sa.engine.Connection, conversation_id: str, owner: Owner, now: datetime) -> Next:
    """Begins with the first message that waits in a conversation of ours, or lets go of the lease."""
    message = inbox.first_waiting(connection, conversation_id)
    conversation = None if message is None else records.get(connection, conversation_id)
    if message is None or conversation is None:
        lease.release(connection, owner.name, conversation_id)
        return Next()
    if conversation.floor is Floor.COUNSELLOR:
        inbox.hold_all(connection, conversation, now)
        lease.release(connection, owner.name, conversation_id)
        return Next(held=True)
    if message.next_attempt_at is not None and message.next_attempt_at > now:
        lease.release(connection, owner.name, conversation_id)
        return Next(again=(message.next_attempt_at - now).total_seconds())
    message, wait = inbox.join(connection, conversation_id, message, owner.quiet(conversation.channel), now)
    if wait > 0:
        lease.release(connection, owner.name, conversation_id)
        return Next(again=wait)
    inbox.begin_attempt(connection, message.inbox_id)
    attempt = message.attempts + 1
    retried = attempt > 1
    begun = Begun(conversation, message, attempt, told_late=retried and _told_late(connection, message.inbox_id))
    if retried:
        rewind(connection, conversation_id, begun.key)
    if message.kind is Kind.TEXT:
        button = buttons.typed(connection, conversation_id, message.text, message.inbox_id)
        if button is not None:
            begun = replace(begun, message=replace(message, kind=Kind.BUTTON, payload=button.payload))
    return Next(begun)


def finish(
    connection: sa.engine.Connection,
    begun: Begun,
    owner: Owner,
    answer: Answer | Handover,
    now: datetime,
    *,
    push: bool,
    go_on: bool,
    answered: Answered | None = None,
) -> tuple[Outcome, Next]:
    """Says the answer and closes the message; with `go_on` also begins with the next message, if one waits."""
    outcome = _may_speak(connection, begun, owner, now)
    if outcome is Outcome.LOST:
        return outcome, Next(again=0.0)
    if outcome is Outcome.SAID:
        inbox_id = begun.message.inbox_id
        if isinstance(answer, Handover):
            answer = answer.answer(connection, begun.conversation, now)
        outbox.queue(
            connection,
            begun.conversation.id,
            Author.ASSISTANT,
            answer.replies,
            push=push,
            now=now,
            inbox_id=inbox_id,
        )
        inbox.close(
            connection,
            begun.message,
            inbox.DONE,
            now,
            intent=answer.intent and answer.intent[:_INTENT],
            confidence=answer.confidence,
        )
        if answered is not None:
            answered(connection, begun.conversation.id, begun.key)
    return outcome, _after(connection, begun, owner, now, go_on)


def fail(
    connection: sa.engine.Connection,
    begun: Begun,
    owner: Owner,
    failure: Failure,
    now: datetime,
    *,
    push: bool,
    most: int,
    late: float,
) -> tuple[Outcome, Next]:
    """Puts the message off, telling the person once that it is late; after `most` failures gives it up and says so."""
    outcome = _may_speak(connection, begun, owner, now)
    if outcome is Outcome.LOST:
        return outcome, Next(again=0.0)
    message = begun.message
    if outcome is Outcome.HELD:
        return outcome, _after(connection, begun, owner, now, go_on=False)
    failures = message.failures + failure.counts
    if failures >= most:
        _say(connection, begun, wording.FAILED, now, push)
        inbox.close(connection, message, inbox.FAILED, now, failures=failures, error=failure.kind[:255])
        rewind(connection, begun.conversation.id, begun.key)
        return Outcome.SAID, _after(connection, begun, owner, now, go_on=False)
    delay = failure.delay
    if not _told_late(connection, message.inbox_id):
        late_in = late - (now - message.received_at).total_seconds()
        if late_in <= 0:
            _say(connection, begun, wording.LATE, now, push)
        else:
            delay = min(delay, late_in)  # an attempt then shows whether it is still needed to say so
    inbox.put_off(connection, message.inbox_id, failures, failure.kind, now + timedelta(seconds=delay))
    lease.release(connection, owner.name, begun.conversation.id)
    return Outcome.PUT_OFF, Next(again=delay)


def tell_late(connection: sa.engine.Connection, begun: Begun, owner: Owner, now: datetime, *, push: bool) -> bool:
    """Says that the answer is late while an attempt goes on; False when it was said or is not ours to say."""
    conversation = lease.lock_mine(connection, begun.conversation.id, owner.name)
    if conversation is None or not _has_floor(begun, conversation):
        return False
    if _told_late(connection, begun.message.inbox_id):
        return False
    _say(connection, begun, wording.LATE, now, push)
    return True


def _told_late(connection: sa.engine.Connection, inbox_id: int) -> bool:
    # While a message is open, the system says nothing else about it.
    return bool(outbox.replies_to(connection, inbox_id, Author.SYSTEM))


def _say(connection: sa.engine.Connection, begun: Begun, reply: Reply, now: datetime, push: bool) -> None:
    outbox.queue(
        connection,
        begun.conversation.id,
        Author.SYSTEM,
        [reply],
        push=push,
        now=now,
        inbox_id=begun.message.inbox_id,
    )


def _has_floor(begun: Begun, now_is: Conversation) -> bool:
    return now_is.floor is Floor.ASSISTANT and now_is.floor_version == begun.conversation.floor_version


def _may_speak(connection: sa.engine.Connection, begun: Begun, owner: Owner, now: datetime) -> Outcome:
    """SAID when the answer may be said. HELD and LOST are seen to here; the conversation is locked unless LOST."""
    conversation_id = begun.conversation.id
    conversation = lease.lock_mine(connection, conversation_id, owner.name)
    status = inbox.status_of(connection, begun.message.inbox_id)
    if status is None:
        forget(connection, conversation_id)  # erased meanwhile: what this attempt left in Rasa goes too
    if conversation is None:
        return Outcome.LOST
    if status != inbox.PENDING:
        # A commit of ours that took place although the connection broke before we heard of it.
        lease.release(connection, owner.name, conversation_id)
        return Outcome.LOST
    if _has_floor(begun, conversation):
        return Outcome.SAID
    inbox.close(connection, begun.message, inbox.HELD, now)
    rewind(connection, conversation_id, begun.key)
    return Outcome.HELD


def _after(connection: sa.engine.Connection, begun: Begun, owner: Owner, now: datetime, go_on: bool) -> Next:
    """The next turn of a conversation of ours; or the lease let go of, to be asked again at once when one waits."""
    conversation_id = begun.conversation.id
    if go_on:
        return _begin_first(connection, conversation_id, owner, now)
    lease.release(connection, owner.name, conversation_id)
    return Next(again=None if inbox.first_waiting(connection, conversation_id) is None else 0.0)
