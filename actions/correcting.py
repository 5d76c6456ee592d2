"""Putting something else in place of what was searched: "nee, niet Gent maar Aalst", "ik bedoel boekhouden"."""

from __future__ import annotations

from actions import tracker as look
from actions.base import Event, Turn, TurnAction
from actions.search import narrow

_SEARCHED = frozenset({"course_topic", "language", "location", "schedule", "delivery_mode", "provider"})
_WORDS = frozenset(
    "bedoel bedoelde cursus eerder fout geen liever mis neen niet oei oeps opleiding pardon vergist verkeerd verkeerde wacht "
    "wil zoek".split()
)
"""Words of somebody who corrects themselves, beside the small ones."""


def corrected(turn: Turn) -> list[Event] | None:
    """The search again with what the message puts in its place; None when it does not, or nothing was searched."""
    rest = look.without(turn.tracker, _SEARCHED)
    if not turn.slot("wishes") or rest == look.text(turn.tracker):
        return None
    return narrow(turn) if turn.services.follow_ups.bare(rest, _WORDS) else None


class _Said(TurnAction):
    """The response to a courtesy, unless the message corrects a search."""

    response = ""

    async def act(self, turn: Turn) -> list[Event]:
        events = corrected(turn)
        if events is None:
            turn.respond(self.response)
            return []
        return events


class ActionDeny(_Said):
    """A no outside any question."""

    response = "utter_deny"

    def name(self) -> str:
        return "action_deny"


class ActionComplaint(_Said):
    """Somebody says that an answer is wrong."""

    response = "utter_complaint"

    def name(self) -> str:
        return "action_complaint"
