"""The door of the desk: what counsellors see and do, and what the person hears of it, each in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from bot.conversation import outbox, records, transcript
from bot.conversation.change import Change
from bot.conversation.message import Author, Reply
from bot.conversation.model import Conversation, Floor, Line
from bot.conversation.service import Conversations
from bot.conversation.text import clean
from bot.conversation.transactions import announce
from bot.referral import afterwards, handling, life, notices, overview, presence, wording
from bot.referral.afterwards import Question
from bot.referral.consent import Consent, Way
from bot.referral.contact import contact_in_words
from bot.referral.directory import Directory
from bot.referral.handling import Asked, ClosingOutcome, Read
from bot.referral.hours import BELGIUM
from bot.referral.life import Counsellor, Event, Party, State
from bot.referral.organisations import Organisation
from bot.referral.overview import Glance, Listed, Window
from bot.referral.pulse import Pulses, topic
from bot.referral.referrals import Referral
from bot.settings import Settings
from bot.storage.columns import utcnow
from bot.storage.referral_tables import bookings

T = TypeVar("T")

_BEAT = 5.0
"""Seconds in which a counsellor who is there is not written down again."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One referral as its organisation sees it."""

    referral: Referral
    conversation: Conversation | None
    """None when the person erased it."""
    history: list[Event]
    calls_at: datetime | None
    lines: list[Line]
    """What goes with it of the conversation, from the start."""
    deliveries: dict[int, tuple[str, str]]
    """By line number: pending, sent or dead, and the kind of error."""


@dataclass(frozen=True, slots=True)
class News:
    """What a page that shows a referral is told."""

    glance: Glance
    lines: list[Line]
    """New ones, as far as they go with the referral."""
    deliveries: dict[int, tuple[str, str]]
    """Of those lines, as in `Opened`; empty on a channel without a provider, where what is said is there."""


class Desk:
    """Referrals as counsellors handle them. Every method that changes one names who does it.

    Raises `UnknownReferral` for one of another organisation, `AlreadyClaimed` (with who), `NotPossible` (with the state).
    """

    def __init__(
        self, conversations: Conversations, directory: Directory, consent: Consent, settings: Settings
    ) -> None:
        self._conversations = conversations
        self._directory = directory
        self._consent = consent
        self._settings = settings
        self._beats: dict[str, float] = {}
        self.pulses = Pulses(conversations)
        """Of the lists that somebody looks at."""

    # -- What they see

    async def listed(self, organisation: str, *, ended: bool = False, limit: int = 200) -> list[Listed]:
        """The referrals of an organisation, who needs attention most first."""
        now = utcnow()
        return await self._conversations.read(
            lambda connection: overview.listed(connection, organisation, now, ended=ended, limit=limit)
        )

    async def glance(self, reference: str, who: Counsellor) -> Glance:
        """What tells whether there is news in a referral; nothing of it is read."""
        pushes = self._conversations.pushes
        return await self._conversations.read(
            lambda connection: overview.glance(connection, reference, who.organisation, pushes)
        )

    async def news(self, reference: str, who: Counsellor, seen: Glance | None, after: int) -> News:
        """How a referral stands, with what was added to its conversation beyond line `after` since it stood as `seen`."""

        def work(connection: sa.engine.Connection) -> News:
            now_is = overview.glance(connection, reference, who.organisation, self._conversations.pushes)
            if seen is not None and now_is.last_seq <= seen.last_seq:
                return News(now_is, [], {})
            conversation_id = now_is.conversation_id
            lines = _lines(connection, conversation_id, overview.parts(connection, now_is.reference), after)
            states = outbox.deliveries(connection, conversation_id, after) if lines and now_is.pushed else {}
            return News(now_is, lines, states)

        return await self._conversations.read(work)

    async def opened(self, reference: str, who: Counsellor) -> Opened:
        """One referral with what goes with it. Who opens it is kept in the log of who read what."""
        now = utcnow()

        def work(connection: sa.engine.Connection) -> Opened:
            referral = handling.of_organisation(connection, reference, who.organisation)
            handling.log_read(connection, referral, who, Read.SUMMARY, now)
            history = life.events(connection, referral.id)
            windows = overview.windows(history, referral.created_at, referral.with_transcript)
            lines = _lines(connection, referral.conversation_id, windows, 0)
            if lines:
                handling.log_read(connection, referral, who, Read.TRANSCRIPT, now)
                if handling.seen(connection, referral.reference, lines[-1].seq):
                    announce(connection, referral.conversation_id)  # the person's side shows what was read
                    announce(connection, topic(who.organisation))
            booked = sa.select(bookings.c.starts_at).where(bookings.c.referral_id == referral.id)
            return Opened(
                referral=referral,
                conversation=records.get(connection, referral.conversation_id),
                history=history,
                calls_at=connection.execute(booked).scalar(),
                lines=lines,
                deliveries=outbox.deliveries(connection, referral.conversation_id),
            )

        return await self._conversations.write(work)

    async def seen(self, reference: str, who: Counsellor, seq: int) -> None:
        """The counsellor has the conversation before their eyes up to a line: the person is shown that it was read."""

        conversation_id = await self._conversations.read(
            lambda connection: overview.conversation_of(connection, reference, who.organisation)
        )

        def work(connection: sa.engine.Connection) -> None:
            if handling.seen(connection, reference, seq):
                announce(connection, conversation_id)
                announce(connection, topic(who.organisation))

        await self._conversations.together.write(work)

    async def deliveries(self, reference: str, who: Counsellor, after: int = 0) -> dict[int, tuple[str, str]]:
        """By line number beyond `after`: pending, sent or dead, and the kind of error."""

        def work(connection: sa.engine.Connection) -> dict[int, tuple[str, str]]:
            referral = handling.of_organisation(connection, reference, who.organisation)
            return outbox.deliveries(connection, referral.conversation_id, after)

        return await self._conversations.read(work)

    async def beat(self, who: Counsellor, *, available: bool | None = None) -> None:
        """The counsellor has the desk open; to be called at least twice a minute. None: as available as they last said.

        Of a counsellor with many pages one beat counts.
        """
        now = time.monotonic()
        if available is None and self._beats.get(who.id, 0.0) > now - _BEAT:
            return
        self._beats[who.id] = now
        await self._conversations.write(
            lambda connection: presence.beat(connection, who, utcnow(), available=available)
        )

    async def leave(self, counsellor_id: str) -> None:
        """The counsellor signed out."""
        self._beats.pop(counsellor_id, None)
        await self._conversations.write(lambda connection: presence.leave(connection, counsellor_id))

    # -- What they do

    async def claim(self, reference: str, who: Counsellor) -> Referral:
        """Takes it up. The person who waits in the conversation is told who comes."""

        def work(change: Change) -> Referral:
            found = handling.claim(change.connection, reference, who, change.now)
            if found.way is Way.CHAT and change.conversation.floor is Floor.COUNSELLOR:
                reply = wording.claimed(who.name, self.name_of(who.organisation))
                change.say(Author.SYSTEM, reply, key=f"{found.reference}:claimed:{who.id}")
            return found

        return await self._change(reference, who, work)

    async def say(
        self,
        reference: str,
        who: Counsellor,
        text: str,
        *,
        key: str,
        check: Callable[[Referral, Conversation], None] = lambda referral, conversation: None,
    ) -> int:
        """Writes into the conversation, whatever its channel, and gives the number of the line.

        Takes the referral up when nobody has, and takes the floor; the person is told once that a human speaks. `key`
        names the message: sent again under the same key, it is not said twice. Raises `ValueError` for an empty text, and
        what `check` raises of the referral and its conversation; then nothing is said.
        """
        said = Reply(text=clean(text), speaker=who.name)
        if not said.text:
            raise ValueError("an empty message")

        def work(change: Change) -> int:
            before = handling.of_organisation(change.connection, reference, who.organisation)
            check(before, change.conversation)
            found, begins = before, False
            if before.status is not State.LIVE or before.counsellor_id != who.id:
                found, begins = handling.answer(change.connection, reference, who, change.now)
            change.give_floor(Floor.COUNSELLOR)
            if begins:
                reply = wording.talk_begins(who.name, self.name_of(who.organisation))
                change.say(Author.SYSTEM, reply, key=f"{found.reference}:begins:{found.version}")
            return change.say(Author.COUNSELLOR, said, key=f"{found.reference}:{who.id}:{key}")

        return await self._change(reference, who, work)

    async def end_talk(self, reference: str, who: Counsellor) -> Referral:
        """Ends the talk: the person is told, and the assistant has the floor again. The referral stays theirs."""

        def work(change: Change) -> Referral:
            found, ended = handling.end_talk(change.connection, reference, who, change.now)
            if ended:
                self._give_back(change, found, who)
            return found

        return await self._change(reference, who, work)

    def _give_back(self, change: Change, found: Referral, who: Counsellor) -> None:
        change.say(Author.SYSTEM, wording.talk_ended(who.name), key=f"{found.reference}:ended:{found.version}")
        change.give_floor(Floor.ASSISTANT)

    async def contacted(self, reference: str, who: Counsellor) -> Referral:
        """The counsellor reached the person by telephone or mail."""
        return await self._change(
            reference, who, lambda change: handling.contacted(change.connection, reference, who, change.now)
        )

    async def release(self, reference: str, who: Counsellor) -> Referral:
        """Gives it back to the organisation; who waits in the conversation goes on waiting."""

        def work(change: Change) -> Referral:
            found = handling.release(change.connection, reference, who, change.now)
            if found.way is not Way.CHAT and change.conversation.floor is Floor.COUNSELLOR:
                self._give_back(change, found, who)
            return found

        return await self._change(reference, who, work)

    async def hand_on(self, reference: str, who: Counsellor, colleague: Counsellor) -> Referral:
        """Hands it on to a colleague; in a talk the person is told."""
        if colleague.organisation != who.organisation:
            raise ValueError("a colleague is of the same organisation")

        def work(change: Change) -> Referral:
            found = handling.hand_on(change.connection, reference, who, colleague.id, change.now)
            if found.status is State.LIVE:
                reply = wording.handed_on(colleague.name, self.name_of(who.organisation))
                change.say(Author.SYSTEM, reply, key=f"{found.reference}:handed:{found.version}")
            return found

        return await self._change(reference, who, work)

    async def propose(self, reference: str, who: Counsellor, organisation: str) -> Referral:
        """Proposes another organisation to the person, who is asked for consent; only then it goes there.

        Raises `ValueError` for an organisation that takes no referrals here.
        """
        other = self._directory.get(organisation)
        if other is None or not other.accepts_referral:
            raise ValueError(f"{organisation} takes no referrals")
        version = self._consent.version(utcnow().astimezone(BELGIUM).date())

        def work(change: Change) -> Referral:
            if other.id not in notices.staffed(change.connection):
                raise ValueError(f"{other.id} has nobody at the desk")
            before = handling.of_organisation(change.connection, reference, who.organisation)
            question = version.question(other.name, contact_in_words(before.way, before.contact))
            asked = Asked(other.id, version.id, question)
            found = handling.propose(change.connection, reference, who, asked, change.now)
            reply = wording.proposal(who.name, other.name, question)
            change.say(Author.SYSTEM, reply, key=f"{found.reference}:proposed:{found.version}")
            return found

        return await self._change(reference, who, work)

    async def close(self, reference: str, who: Counsellor, outcome: ClosingOutcome) -> Referral:
        """Closes it with an outcome; a talk that goes on ends."""

        def work(change: Change) -> Referral:
            _, ended = (
                handling.end_talk(change.connection, reference, who, change.now)
                if handling.of_organisation(change.connection, reference, who.organisation).status is State.LIVE
                else (None, False)
            )
            found = handling.close(
                change.connection, reference, who, outcome, change.now, follow_up_days=self._settings.follow_up_days
            )
            if ended or (change.conversation.floor is Floor.COUNSELLOR and _had_floor(found)):
                self._give_back(change, found, who)
            return found

        return await self._change(reference, who, work)

    async def answer(self, reference: str, who: Counsellor, question: Question, answer: str) -> None:
        """Keeps what the organisation says of a referral that was closed. Raises `ValueError` for no answer to it."""

        def work(connection: sa.engine.Connection) -> None:
            found = handling.of_organisation(connection, reference, who.organisation)
            afterwards.keep(connection, found.id, Party.COUNSELLOR, question, answer, utcnow())

        await self._conversations.write(work)

    async def answers(self, reference: str, who: Counsellor) -> dict[tuple[Party, Question], str]:
        """What the person and the organisation answered about a referral."""

        def work(connection: sa.engine.Connection) -> dict[tuple[Party, Question], str]:
            found = handling.of_organisation(connection, reference, who.organisation)
            return afterwards.of_referral(connection, found.id)

        return await self._conversations.read(work)

    async def _change(self, reference: str, who: Counsellor, work: Callable[[Change], T]) -> T:
        conversation_id = await self._conversations.read(
            lambda connection: overview.conversation_of(connection, reference, who.organisation)
        )
        result = await self._conversations.change(conversation_id, work)
        self._conversations.notify(topic(who.organisation))
        return result

    def organisation(self, identifier: str) -> Organisation | None:
        """An organisation of the directory."""
        return self._directory.get(identifier)

    def name_of(self, organisation: str) -> str:
        """The name of an organisation as people know it."""
        found = self._directory.get(organisation)
        return found.name if found else organisation


def _had_floor(referral: Referral) -> bool:
    return referral.way is Way.CHAT


def _lines(connection: sa.engine.Connection, conversation_id: str, parts: Sequence[Window], after: int) -> list[Line]:
    """The lines beyond `after` that fall in the parts of a conversation that go with a referral."""
    found: list[Line] = []
    while True:
        page = transcript.lines(connection, conversation_id, after, 500)
        found += overview.shown(page, parts)
        if len(page) < 500:
            return found
        after = page[-1].seq
