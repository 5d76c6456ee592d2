"""Keeping a course, and "mijn overzicht": what somebody takes home, as one page behind a link."""

from __future__ import annotations

import re

from babel.dates import format_date

from actions import tracker as look
from actions.answers import PERSON
from actions.base import Event, Turn, TurnAction
from actions.cards import details_card, price_for
from actions.costs import tell_price_of_another
from actions.courses import which
from actions.pointing import chosen
from actions.referral_choices import desks
from actions.search import TITLE
from bot.catalogue.model import Offering
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Button, Card, Source
from bot.overview import kept, store
from bot.overview.model import Overview, Right
from bot.referral.life import OPEN
from bot.referral.organisations import Service
from bot.referral.referrals import Referral, find_by_conversation
from bot.referral.wording import trial
from bot.storage.columns import utcnow

OVERVIEW = Button(title="Mijn overzicht", payload="/ask_overview")
SEARCH = Button(title="Cursus zoeken", payload="/search_course")
RIGHTS = Button(title="Mijn rechten", payload="/ask_entitlements")
_MOST_RIGHTS = 6
_TAKES_OUT = re.compile(
    r"\b(verwijder\w*|schrap\w*|wis\w*|delete\w*)\b|\b(haal|gooi|doe|smijt)\b.*\b(uit|weg|eruit|af)\b"
    r"|\b(niet|nie) (meer )?(te )?(bewaren|bijhouden|houden)\b",
    re.IGNORECASE,
)
"""What somebody writes who wants a course kept no longer."""


class ActionKeepCourse(TurnAction):
    """Keeps one course in the overview, or by its button takes it out again."""

    def name(self) -> str:
        return "action_keep_course"

    async def act(self, turn: Turn) -> list[Event]:
        if _TAKES_OUT.search(look.text(turn.tracker)):
            return await drop_kept(turn)
        if (told := tell_price_of_another(turn)) is not None:
            return told
        offering = chosen(turn)
        if offering is None:
            return which(turn)
        conversation, database = turn.tracker.sender_id, turn.services.database
        if look.value(turn.tracker, "what") == "drop":
            return await _drop(turn, offering)
        done = await database.run(lambda connection: kept.keep(connection, conversation, offering.id, utcnow()))
        if not done:
            turn.say(f"Je overzicht is vol: er staan al {kept.MOST} cursussen in. Haal er eerst een uit.", [OVERVIEW])
            return []
        undo = Button(title="Toch niet", payload=f'/keep_course{{"offering":"{offering.id}","what":"drop"}}')
        turn.say(f"Bewaard: **{offering.title}** staat in je overzicht.", [OVERVIEW, undo])
        return []


async def drop_kept(turn: Turn) -> list[Event]:
    """Takes the kept course that is meant out of the overview: the one of that number among those shown, or the only one.

    Else it asks which.
    """
    conversation = turn.tracker.sender_id
    identifiers = await turn.services.database.run(
        lambda connection: kept.kept(connection, conversation), readonly=True
    )
    offerings = [offering for offering in map(turn.services.catalogue.get, identifiers) if offering]
    meant = chosen(turn) if look.value(turn.tracker, "ordinal") else None
    if meant in offerings or len(offerings) == 1:
        return await _drop(turn, meant if meant in offerings else offerings[0])
    if not offerings:
        turn.say("In je overzicht staat geen bewaarde cursus.", [SEARCH])
        return []
    buttons = [
        Button(title=offering.title[:TITLE], payload=f'/keep_course{{"offering":"{offering.id}","what":"drop"}}')
        for offering in offerings
    ]
    turn.say("Welke cursus haal ik uit je overzicht?", buttons)
    return []


async def _drop(turn: Turn, offering: Offering) -> list[Event]:
    conversation = turn.tracker.sender_id
    await turn.services.database.run(lambda connection: kept.drop(connection, conversation, offering.id))
    again = Button(title="Toch bewaren", payload=f'/keep_course{{"offering":"{offering.id}"}}')
    turn.say(f"**{offering.title}** staat niet meer in je overzicht.", [OVERVIEW, again])
    return []


class ActionOverview(TurnAction):
    """Makes the page and gives its link."""

    def name(self) -> str:
        return "action_overview"

    async def act(self, turn: Turn) -> list[Event]:
        overview = await gathered(turn)
        if overview.empty:
            turn.respond("utter_overview_empty")
            return []
        conversation, key = turn.tracker.sender_id, look.message_key(turn.tracker)
        settings = turn.services.settings
        token = await turn.services.database.run(
            lambda connection: store.make(connection, conversation, key, overview, settings.overview_days)
        )
        parts = [
            _count(len(overview.courses), "cursus", "cursussen"),
            _count(len(overview.rights), "recht", "rechten"),
        ]
        text = (
            f"Dit is je overzicht: {' en '.join(part for part in parts if part)}.\n"
            f"{settings.public_url}/overzicht/{token}\n\n"
            f"Je kan het afdrukken of doorsturen. De link werkt {settings.overview_days} dagen. "
            "Wie de link heeft, kan het lezen."
        )
        turn.say(text, [RIGHTS if not overview.rights else SEARCH, PERSON])
        return []


async def gathered(turn: Turn) -> Overview:
    """Everything that the conversation holds for the overview."""
    conversation = turn.tracker.sender_id
    database, catalogue = turn.services.database, turn.services.catalogue
    identifiers = await database.run(lambda connection: kept.kept(connection, conversation), readonly=True)
    referrals = await database.run(lambda connection: find_by_conversation(connection, conversation), readonly=True)
    shown = [] if identifiers else list(turn.slot("last_shown") or [])
    offerings = [offering for offering in map(catalogue.get, identifiers or shown) if offering]
    rights = rights_of(turn)
    open_referrals = [referral for referral in referrals if referral.status in OPEN]
    unread = bool(open_referrals) and (await desks(turn)).trial
    contacts, contact_sources = _contacts(turn, open_referrals)
    sources = [
        Source(title=source.title, url=source.url, checked=source.checked.isoformat())
        for offering in offerings
        for source in price_for(turn, offering).sources
    ]
    return Overview(
        made_at=utcnow(),
        kept=bool(identifiers),
        courses=tuple(details_card(turn, offering) for offering in offerings),
        rights=rights,
        steps=tuple(_steps(turn, offerings, rights, open_referrals, unread)),
        contacts=contacts,
        sources=tuple(dict.fromkeys([*sources, *contact_sources])),
    )


def rights_of(turn: Turn) -> tuple[Right, ...]:
    """What was worked out about support, as the conversation keeps it; none when nothing was."""
    found = turn.slot("entitlements") or []
    return tuple(Right.model_validate(one) for one in found[:_MOST_RIGHTS])


def _steps(
    turn: Turn, offerings: list[Offering], rights: tuple[Right, ...], referrals: list[Referral], unread: bool
) -> list[str]:
    steps = []
    for referral in referrals:
        organisation = turn.services.directory.get(referral.organisation)
        name = organisation.name if organisation else "de organisatie"
        what = trial(name) if unread else "Iemand neemt contact met je op."
        steps.append(f"Je vraag {referral.reference} staat bij {name}. {what}")
    for offering in offerings:
        before = f" voor {format_date(offering.start, 'd MMMM', locale='nl_BE')}" if offering.start else ""
        if offering.start and offering.start <= today_in_belgium():
            before = ""
        steps.append(f"Vraag {offering.provider.name} of er nog plaats is{before}: {offering.title}.")
    steps += [f"{right.name}: {right.next_step}" for right in rights if right.next_step]
    return list(dict.fromkeys(steps))


def _contacts(turn: Turn, referrals: list[Referral]) -> tuple[tuple[Card, ...], list[Source]]:
    """Whom the person is referred to, else who informs near them."""
    directory = turn.services.directory
    helpers = {one.organisation: directory.get(one.organisation) for one in referrals}
    if not helpers:
        status = str(turn.slot("employment_status") or "")
        suggestions = directory.route_from(Service.INFORM, turn.home(), status)
        helpers = {one.organisation.id: one.organisation for one in suggestions[:2]}
    known = [helper for helper in helpers.values() if helper]
    return tuple(directory.card(one) for one in known), [one.reference() for one in known]


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}" if number else ""
