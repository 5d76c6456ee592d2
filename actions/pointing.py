"""Which of the courses that were shown a message is about."""

from __future__ import annotations

import re

from actions import tracker as look
from actions.base import Turn
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


ORDINAL_WORDS = frozenset({*_ORDINALS, "laatste", "nummer", "nr", "cursus", "opleiding", *map(str, range(1, 10))})
"""The words with which a card is pointed at."""


def shown_last(turn: Turn) -> list[Offering]:
    """The courses on the cards shown last, in their order."""
    return [found for found in map(turn.services.catalogue.get, turn.slot("last_shown") or []) if found]


def ordinals(turn: Turn) -> list[str]:
    """The cards that the message names by number, and `last`; nothing while no card was shown."""
    if not turn.slot("shown"):
        return []
    named = look.values(turn.tracker, "ordinal")
    words = [str(_ORDINALS[found.lower()]) for found in _ORDINAL.findall(look.text(turn.tracker))]
    return list(dict.fromkeys([*named, *words]))


def named(turn: Turn) -> list[Offering]:
    """The courses that the message itself points at: by button, by number, by where they are."""
    catalogue = turn.services.catalogue
    if identifier := look.value(turn.tracker, "offering"):
        return [found] if (found := catalogue.get(identifier)) else []
    if numbers := ordinals(turn):
        return [found for number in numbers if (found := _numbered(turn, number))]
    if places := look.values(turn.tracker, "location"):
        place = turn.services.places.resolve(places[0]).place
        there = [o for o in shown_last(turn) if place and o.municipality_id and place.covers(o.municipality_id)]
        return there if len(there) == 1 else []
    return []


def chosen(turn: Turn) -> Offering | None:
    """The one course that the message is about: pointed at, the one spoken of last, or the only one."""
    if pointed := named(turn):
        return pointed[0]
    if ordinals(turn):  # a card that is not there
        return None
    if focus := turn.slot("focus"):
        return turn.services.catalogue.get(focus)
    last = shown_last(turn)
    return last[0] if len(last) == 1 else None


def _numbered(turn: Turn, number: str) -> Offering | None:
    shown: list[str] = turn.slot("shown") or []
    at = len(shown) if number == "last" else int(number) if number.isdecimal() else 0
    return turn.services.catalogue.get(shown[at - 1]) if 1 <= at <= len(shown) else None
