"""Going on with a conversation on another channel, by a code that the person carries there.

The same person on two channels stays two conversations: nothing tells us that they are the same, and nothing should. Who
asks for it in one gets a code; typed in the other within a quarter of an hour, once, it has that conversation know all
that was told in the first: Rasa's events, the courses that were kept, simple words. What was said stays where it was.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from bot.assistant.interface import Answer
from bot.conversation import buttons, outbox, records, wording
from bot.conversation.inbox import Waiting
from bot.conversation.message import Author, Kind, Reply
from bot.conversation.model import Conversation, Floor
from bot.conversation.rewind import copy_events
from bot.storage.tables import continuations, conversations, kept_courses
from bot.storage.tables import outbox as said

VALID: Final = timedelta(minutes=15)
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that look like another: 31 to the power of 8 codes, far too many to try in a quarter of an hour."""
_LENGTH: Final = 8
_CODE: Final = re.compile(rf"(?:code:?\s*)?LW[- ]?([{_LETTERS}]{{4}})[- ]?([{_LETTERS}]{{4}})", re.IGNORECASE)
_WISH: Final = re.compile(
    r"/?code|(?:geef (?:me|mij) |ik wil )?een code(?: a\.?u\.?b\.?)?"
    r"|(?:(?:ik wil|kan ik|wil) )?(?:graag )?(?:verder(?:gaan|doen)?|voortdoen|ga verder) (?:op|via|in|met) (?:de |een |mijn )?"
    r"(?:ander kanaal|andere app|whatsapp|telegram|website|webpagina|gsm|telefoon|computer)[.!?]?",
    re.IGNORECASE,
)
CHANNELS: Final = {"web": "de webpagina", "whatsapp": "WhatsApp", "telegram": "Telegram"}


@dataclass(slots=True)
class Handover:
    """An answer that we give ourselves, in the transaction that says it."""

    code: str | None
    """What was typed; None when a code is asked for."""
    pushes: Callable[[str], bool]
    touched: list[str] = field(default_factory=list)
    """Other conversations in which something was said."""

    def answer(self, connection: sa.engine.Connection, conversation: Conversation, now: datetime) -> Answer:
        """Makes a code, or goes on with the conversation that it stands for."""
        if self.code is None:
            reply = wording.continue_code(_new_code(connection, conversation.id, now), int(VALID.total_seconds() // 60))
            return Answer(replies=(reply,), intent="continue_elsewhere")
        return Answer(replies=self._go_on(connection, self.code, conversation, now), intent="continue_here")

    def _go_on(
        self, connection: sa.engine.Connection, code: str, here: Conversation, now: datetime
    ) -> tuple[Reply, ...]:
        row = connection.execute(sa.select(continuations).where(continuations.c.code_hash == _hash(code))).first()
        there = None if row is None or row.expires_at <= now else records.lock(connection, row.conversation_id)
        if there is None:
            return (wording.CODE_UNKNOWN,)
        if there.id == here.id:
            return (wording.CODE_OF_HERE,)
        if there.floor is Floor.COUNSELLOR:
            return (wording.CODE_DURING_TALK,)
        used = connection.execute(sa.delete(continuations).where(continuations.c.code_hash == _hash(code))).rowcount
        if not used:
            return (wording.CODE_UNKNOWN,)
        copy_events(connection, there.id, here.id)
        _keep(connection, there.id, here.id)
        last = _last_said(connection, there.id)
        told = wording.continued_elsewhere(CHANNELS.get(here.channel, "een ander kanaal"))
        outbox.queue(connection, there.id, Author.SYSTEM, [told], push=self.pushes(there.channel), now=now)
        self.touched.append(there.id)
        return (wording.CONTINUED_HERE, *last)


def of(message: Waiting, pushes: Callable[[str], bool]) -> Handover | None:
    """What a message asks of us here; None when it is for the assistant."""
    if message.kind is not Kind.TEXT:
        return None
    lines = [" ".join(line.split()) for line in message.text.split("\n")]  # of several messages, one each
    for line in lines:
        if found := _CODE.fullmatch(line):
            return Handover((found[1] + found[2]).upper(), pushes)
    return Handover(None, pushes) if any(_WISH.fullmatch(line) for line in lines) else None


def _new_code(connection: sa.engine.Connection, conversation_id: str, now: datetime) -> str:
    """A fresh code for a conversation; its earlier ones, and all that are too old, go."""
    old = sa.or_(continuations.c.expires_at <= now, continuations.c.conversation_id == conversation_id)
    connection.execute(sa.delete(continuations).where(old))
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    connection.execute(
        sa.insert(continuations).values(code_hash=_hash(code), conversation_id=conversation_id, expires_at=now + VALID)
    )
    return f"LW-{code[:4]}-{code[4:]}"


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _keep(connection: sa.engine.Connection, there: str, here: str) -> None:
    """Takes along the courses that were kept, and the wish for simple words."""
    already = sa.select(kept_courses.c.offering).where(kept_courses.c.conversation_id == here)
    theirs = sa.select(sa.literal(here), kept_courses.c.offering, kept_courses.c.kept_at).where(
        kept_courses.c.conversation_id == there, kept_courses.c.offering.not_in(already)
    )
    connection.execute(sa.insert(kept_courses).from_select(["conversation_id", "offering", "kept_at"], theirs))
    simple = sa.select(conversations.c.simple).where(conversations.c.id == there).scalar_subquery()
    connection.execute(sa.update(conversations).where(conversations.c.id == here).values(simple=simple))


def _last_said(connection: sa.engine.Connection, conversation_id: str) -> tuple[Reply, ...]:
    """The last answer of the assistant there, except to the wish for a code, its buttons as Rasa knows them."""
    of_there = sa.and_(said.c.conversation_id == conversation_id, said.c.author == Author.ASSISTANT.value)
    rows = connection.execute(sa.select(said).where(of_there).order_by(said.c.seq.desc()).limit(10)).all()
    replies = [(row.inbox_id, Reply.model_validate_json(row.body)) for row in rows]
    replies = [(number, reply) for number, reply in replies if not wording.is_continue_code(reply)]
    turn = [reply for number, reply in replies if number == replies[0][0]] if replies else []
    return tuple(buttons.shown_again(connection, conversation_id, reply) for reply in reversed(turn))
