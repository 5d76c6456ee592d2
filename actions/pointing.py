"""Which of the courses that were shown a message is about."""

from __future__ import annotations

import re
from decimal import Decimal

from actions import tracker as look
from actions.base import Turn
from actions.situation import price_for_person
from bot.catalogue.model import Offering

_ORDINALS = {
    "eerste": 1,
    "tweede": 2,
    "derde": 3,
    "vierde": 4,
    "vijfde": 5,
    "zesde": 6,
    "zevende": 7,
    "achtste": 8,
    "negende": 9,
}
_OF_SOMETHING_ELSE = r"(?!\s+(?:keer|maal|module|jaar|graad|maand|week|dag|les\w*|stap|taal|bericht|vraag)\b)"
_ORDINAL = re.compile(rf"\b({'|'.join(_ORDINALS)})\b{_OF_SOMETHING_ELSE}", re.IGNORECASE)
"""What the understanding leaves alone before a word like "cursus"."""
_NUMBER = re.compile(r"\b(?:nummer|nr\.?|numero)\s*([1-9])\b(?!\s*\d)", re.IGNORECASE)


ORDINAL_WORDS = frozenset({*_ORDINALS, "laatste", "nummer", "nr", "cursus", "opleiding", *map(str, range(1, 10))})
"""The words with which a card is pointed at."""

_CHEAPEST = re.compile(r"\b(?:goedkoopste?|minst dure|minst duur)\b", re.IGNORECASE)
_THE_ONE = re.compile(r"\b(?:die|deze|diegene|degene)\s+(?:op|van|in|bij|te|'s|s|overdag)(?:\s|$)", re.IGNORECASE)
"""Chooses among what was shown: "die op zaterdag"."""


def shown_last(turn: Turn) -> list[Offering]:
    """The courses on the cards shown last, in their order."""
    return [found for found in map(turn.services.catalogue.get, turn.slot("last_shown") or []) if found]


def ordinals(turn: Turn) -> list[str]:
    """The cards that the message names by number, and `last`; nothing while no card was shown."""
    if not turn.slot("shown"):
        return []
    named = look.values(turn.tracker, "ordinal")
    words = [str(_ORDINALS[found.lower()]) for found in _ORDINAL.findall(look.text(turn.tracker))]
    words += _NUMBER.findall(look.text(turn.tracker))
    return list(dict.fromkeys([*named, *words]))


def named(turn: Turn) -> list[Offering]:
    """The courses that the message itself points at: by button, by number, by price, organisation, moment or place."""
    catalogue = turn.services.catalogue
    if identifier := look.value(turn.tracker, "offering"):
        return [found] if (found := catalogue.get(identifier)) else []
    if numbers := ordinals(turn):
        return [found for number in numbers if (found := _numbered(turn, number))]
    if _CHEAPEST.search(look.text(turn.tracker)):
        return cheapest(turn, shown_last(turn))
    if provider := look.value(turn.tracker, "provider"):
        return [o for o in shown_last(turn) if provider.casefold() in (o.provider.kind.value, *_words(o.provider.name))]
    if (moments := set(look.values(turn.tracker, "schedule"))) and _THE_ONE.search(look.text(turn.tracker)):
        return [offering for offering in shown_last(turn) if moments <= held_on(offering)]
    if places := look.values(turn.tracker, "location"):
        place = turn.services.places.resolve(places[0]).place
        there = [o for o in shown_last(turn) if place and o.municipality_id and place.covers(o.municipality_id)]
        return there if len(there) == 1 else []
    return []


def chosen(turn: Turn) -> Offering | None:
    """The one course that the message is about: pointed at, the one spoken of last, or the only one."""
    if pointed := named(turn):
        return pointed[0] if len(pointed) == 1 or ordinals(turn) else None
    if ordinals(turn) or _THE_ONE.search(look.text(turn.tracker)):  # a card that is not there
        return None
    if focus := turn.slot("focus"):
        return turn.services.catalogue.get(focus)
    last = shown_last(turn)
    return last[0] if len(last) == 1 else None


def cheapest(turn: Turn, offerings: list[Offering]) -> list[Offering]:
    """Those that cost this person least, as far as the price is known."""
    known = [(amount, offering) for offering in offerings if (amount := amount_of(turn, offering)) is not None]
    least = min((amount for amount, _ in known), default=None)
    return [offering for amount, offering in known if amount == least]


def amount_of(turn: Turn, offering: Offering) -> Decimal | None:
    """What this person pays; what is free for job seekers counts as free while nothing else is known of them."""
    price = price_for_person(turn, offering)
    if price.pays is None and price.price.reduced == 0 and not turn.slot("employment_status"):
        return price.price.reduced
    return price.pays


def held_on(offering: Offering) -> set[str]:
    """The weekdays and parts of the day on which a course is held."""
    schedule = offering.schedule
    return {moment.weekday.value for moment in schedule.moments} | {part.value for part in schedule.parts}


def _words(name: str) -> list[str]:
    return re.split(r"[^\w]+", name.casefold())


def _numbered(turn: Turn, number: str) -> Offering | None:
    shown: list[str] = turn.slot("shown") or []
    at = len(shown) if number == "last" else int(number) if number.isdecimal() else 0
    return turn.services.catalogue.get(shown[at - 1]) if 1 <= at <= len(shown) else None
