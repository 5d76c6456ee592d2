"""What is said after a cry for help: a place asks for help there, "ja" means the person who was offered."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.answers import PERSON, place_named
from actions.base import Event, Turn
from actions.wishes import SUBJECTS

LATELY = 5
"""Messages for which somebody still has the helplines before them."""


def just_after(turn: Turn) -> bool:
    """Whether the message before this one was a cry for help."""
    return look.previous_action(turn.tracker) == "action_distress"


def lately_answered(turn: Turn) -> int:
    """How many of the few messages before this one were a cry for help too."""
    users = answered = 0
    for event in reversed(turn.tracker.events):
        users += event.get("event") == "user"
        answered += event.get("event") == "action" and event.get("name") == "action_distress"
        if users > LATELY:
            break
    return answered


def help_near(turn: Turn) -> list[Event] | None:
    """Says who helps in the place that is named right after a cry for help; None when it is not about that."""
    kinds = {entity.kind for entity in look.entities(turn.tracker)}
    if not just_after(turn) or "location" not in kinds or kinds & SUBJECTS:
        return None
    place = place_named(turn)
    turn.say(turn.services.helplines.near(place.municipality if place else ""), [PERSON])
    return [SlotSet("home", place.id)] if place else []
