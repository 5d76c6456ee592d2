"""What the routes of referrals share: the desk, the accounts behind it, and how refusals are worded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.catalogue import store as offerings
from bot.catalogue.model import Offering
from bot.conversation.message import Author
from bot.conversation.model import Line, UnknownConversation
from bot.conversation.service import Conversations
from bot.counsellors import accounts, notes, replies
from bot.counsellors.model import Counsellor as Account
from bot.overview import store as overviews
from bot.overview.kept import kept as kept_courses
from bot.overview.model import Overview
from bot.referral import notices
from bot.referral.desk import Desk, Opened
from bot.referral.handling import AlreadyClaimed, Counsellor
from bot.referral.life import NotPossible, Party, UnknownReferral
from bot.referral.presence import says_available
from bot.referral.referrals import Referral
from bot.storage.database import Database
from bot.storage.tables import utcnow
from channels.desk import view
from channels.desk.access import Visitor
from channels.desk.pages import Refusal

T = TypeVar("T")

NOT_HERE = "Deze doorverwijzing is er niet, of is van een andere organisatie."


@dataclass(frozen=True, slots=True)
class Room:
    """The desk with what stands around it."""

    desk: Desk
    conversations: Conversations
    database: Database

    async def read(self, work: Callable[[sa.engine.Connection], T]) -> T:
        """The result of `work` in a transaction that only reads."""
        return await self.database.run(work, readonly=True)

    async def names(self, organisation: str) -> dict[str, str]:
        """The names of an organisation's counsellors by their id, those of who left included."""
        found = await self.read(lambda connection: accounts.of_organisation(connection, organisation))
        return {str(one.id): one.name for one in found}

    @asynccontextmanager
    async def refusals(self, visitor: Visitor) -> AsyncIterator[None]:
        """Words what the desk refuses, with the name of a colleague who has it."""
        try:
            with refusals():
                yield
        except AlreadyClaimed as taken:
            who = view.who(taken.counsellor_id, await self.names(visitor.organisation))
            raise Refusal(409, f"{who} heeft deze doorverwijzing opgenomen.") from None

    async def available(self, visitor: Visitor) -> bool:
        """Whether the visitor says that people may be passed on to them."""
        return await self.read(lambda connection: says_available(connection, str(visitor.counsellor.id)))

    async def rows(self, visitor: Visitor, *, ended: bool) -> list[view.Row]:
        """The list of the visitor's organisation."""
        names = await self.names(visitor.organisation)
        found = await self.desk.listed(visitor.organisation, ended=ended)
        return [view.row(one, str(visitor.counsellor.id), names, utcnow()) for one in found]

    async def opened(self, visitor: Visitor, reference: str) -> Opened:
        """One referral, written down as read. Raises `Refusal` for what is not of the visitor's organisation."""
        with refusals():
            return await self.desk.opened(reference, as_desk(visitor))

    async def standing(self, visitor: Visitor, opened: Opened) -> view.Standing:
        """How an opened referral stands for the visitor."""
        names = await self.names(visitor.organisation)
        proposed = opened.referral.handover_to
        return view.standing(
            opened.referral, opened.conversation, str(visitor.counsellor.id), names,
            self.desk.name_of(proposed) if proposed else "", opened.calls_at, utcnow(),
        )  # fmt: skip

    async def colleagues(self, visitor: Visitor) -> list[Account]:
        """To whom the visitor may hand on."""
        found = await self.read(lambda connection: accounts.of_organisation(connection, visitor.organisation))
        return [one for one in found if one.active and not one.invited and one.id != visitor.counsellor.id]

    def _others(self, connection: sa.engine.Connection, organisation: str) -> list[tuple[str, str]]:
        """The other organisations with somebody at a desk, to whom the visitor may propose the person to go."""
        there = (self.desk.organisation(one) for one in notices.staffed(connection) if one != organisation)
        found = [(one.id, one.name) for one in there if one is not None and one.accepts_referral]
        return sorted(found, key=lambda pair: pair[1].casefold())

    async def whole(self, visitor: Visitor, opened: Opened) -> dict[str, Any]:
        """Everything that the page of one referral shows."""
        organisation, referral = visitor.organisation, opened.referral
        names = await self.names(organisation)
        arrived = self.conversations.signs.arrived(referral.conversation_id, Author.CITIZEN)
        reach = view.Reach(arrived, opened.conversation.read_seq if opened.conversation else 0)

        def beside(connection: sa.engine.Connection) -> dict[str, Any]:
            return {
                "notes": notes.of_referral(connection, referral.id, organisation),
                "canned": replies.of_organisation(connection, organisation),
                "kept": _kept(connection, referral),
                "overview": _overview(connection, referral),
                "others": self._others(connection, organisation),
            }

        standing, colleagues, found = await asyncio.gather(
            self.standing(visitor, opened), self.colleagues(visitor), self.read(beside)
        )
        answers = await self.desk.answers(referral.reference, as_desk(visitor)) if referral.closed_at else {}
        return {
            "stand": standing,
            "referral": referral,
            "colleagues": colleagues,
            "outcomes": view.OUTCOMES,
            "lines": [view.shown(line, opened.deliveries, reach) for line in opened.lines],
            "after": opened.lines[-1].seq if opened.lines else 0,
            "told": told(opened.lines),
            "answers": [view.answered(party, answer) for (party, _), answer in answers.items()],
            "asks": referral.closed_at is not None and not any(party is Party.COUNSELLOR for party, _ in answers),
            **found,
            "history": [view.happened(event, names) for event in opened.history],
        }


def _kept(connection: sa.engine.Connection, referral: Referral) -> list[Offering]:
    """The courses that the person kept, when the conversation goes along."""
    if not referral.with_transcript:
        return []
    found = (offerings.get(connection, one) for one in kept_courses(connection, referral.conversation_id))
    return [one for one in found if one is not None]


def _overview(connection: sa.engine.Connection, referral: Referral) -> Overview | None:
    """What the person had worked out of their rights before the referral, when the conversation goes along."""
    if not referral.with_transcript:
        return None
    return overviews.latest(connection, referral.conversation_id, referral.created_at, utcnow())


def told(lines: list[Line]) -> dict[str, list[Any]]:
    """What the person was told: the sources of the answers and the courses that were shown, each once."""
    sources: dict[tuple[str, str | None], Any] = {}
    cards: dict[tuple[str, str], Any] = {}
    for line in lines:
        if line.author is Author.ASSISTANT and line.reply is not None:
            sources |= {(one.title, one.url): one for one in line.reply.sources}
            cards |= {(one.title, one.subtitle): one for one in line.reply.cards}
    return {"sources": list(sources.values()), "cards": list(cards.values())}


def as_desk(visitor: Visitor) -> Counsellor:
    """The visitor as one who handles referrals; the person sees the first name."""
    return Counsellor(str(visitor.counsellor.id), visitor.organisation, visitor.counsellor.first_name)


@contextmanager
def refusals() -> Iterator[None]:
    """Words what the desk refuses, except of what somebody else has (`Room.refusals`)."""
    try:
        yield
    except UnknownReferral:
        raise Refusal(404, NOT_HERE) from None
    except UnknownConversation:
        raise Refusal(410, "De persoon wiste het gesprek en de gegevens.") from None
    except NotPossible as error:
        raise Refusal(409, f"Dat kan nu niet: deze doorverwijzing is {view.STATES[error.state]}.") from None
