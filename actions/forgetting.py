"""Something told before that is to be forgotten: "vergeet dat ik bij de stad werk"."""

from __future__ import annotations

import re

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.base import Event, Turn
from bot.conversation.message import Button
from bot.referral.summary import lines_named

ERASE = Button(title="Wis alles", payload="/delete_my_data")
OF_PERSON = {
    "Plaats": ("home",),
    "Situatie": ("employment_status", "situation"),
    "Diploma": ("education_level",),
    "Leeftijd": ("age",),
}
"""The slots behind each line of what was understood of a person."""
_FORGETS = re.compile(
    r"^\W*(?:(?:kan|kun|wil|mag|sorry|nee|oei)\W+)?(?:(?:je|u)\W+)?(?:vergeet|onthoud?\s+niet|schrap|wis|verwijder)\s+(?:maar\s+|even\s+)?"
    r"(?:dat|wat)\b",
    re.IGNORECASE,
)
_LINE_OF = {"employment_status": "Situatie", "education_level": "Diploma", "age": "Leeftijd"}


def forgets(text: str) -> bool:
    """Whether somebody wants something forgotten that they told."""
    return _FORGETS.match(text) is not None


def forgotten(turn: Turn) -> list[str]:
    """The lines of what was understood that a message wants forgotten; none when it wants no such thing."""
    text = look.text(turn.tracker)
    if not forgets(text):
        return []
    told = [_LINE_OF[entity.kind] for entity in look.entities(turn.tracker) if entity.kind in _LINE_OF]
    return list(dict.fromkeys([*told, *lines_named(text, OF_PERSON)]))


def forget(turn: Turn) -> list[Event]:
    """The slots that a message wants emptied."""
    return [SlotSet(slot, None) for label in forgotten(turn) for slot in OF_PERSON[label]]


def tell_forgotten(turn: Turn) -> list[Event] | None:
    """Forgets it, and says so; None when the message wants nothing forgotten."""
    named = forgotten(turn)
    if not named:
        return None
    turn.say(
        f"Goed, dit gebruik ik niet meer: {', '.join(named).lower()}. Je berichten zelf staan hier nog. "
        "Wil je ook die weg, kies dan Wis alles.",
        [ERASE],
    )
    return forget(turn)
