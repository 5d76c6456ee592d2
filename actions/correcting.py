"""Putting something else in place of what was searched: "nee, niet Gent maar Aalst", "ik bedoel boekhouden"."""

from __future__ import annotations

import re

from actions import tracker as look
from actions.after_need import just_after
from actions.base import Event, Turn, TurnAction
from actions.search import narrow

_SEARCHED = frozenset({"course_topic", "language", "location", "schedule", "delivery_mode", "provider"})
_WORDS = frozenset(
    "bedoel bedoelde beter cursus doe eerder fout geen goed liefst liever mis neem neen niet oei oeps opleiding opnieuw "
    "pak pardon terug vergist verkeerd verkeerde wacht was weer wil zoek".split()
)
"""Words of somebody who corrects themselves, beside the small ones."""
_ASKING = re.compile(r"\b(?:wat|wie|waar\w*|hoe|hoeveel|wanneer|welke?)\b", re.IGNORECASE)
"""Of somebody who asks: "wat is Ligo" puts nothing in place of a search."""

_SPEAKS = re.compile(r"\bin (?:het|'t)\s*$", re.IGNORECASE)
"""Before a language: the one to talk in ("liever in het Frans")."""


def corrected(turn: Turn) -> list[Event] | None:
    """The search again with what the message puts in its place; None when it does not, or nothing was searched."""
    rest = look.without(turn.tracker, _SEARCHED)
    if not turn.slot("wishes") or rest == look.text(turn.tracker) or _ASKING.search(rest) or _SPEAKS.search(rest):
        return None
    return narrow(turn) if turn.services.follow_ups.bare(rest, _WORDS) else None


class ActionDeny(TurnAction):
    """A no outside any question: one that corrects a search, or, after a cry for help, one that leaves it at that."""

    def name(self) -> str:
        return "action_deny"

    async def act(self, turn: Turn) -> list[Event]:
        if (events := corrected(turn)) is not None:
            return events
        turn.respond("utter_deny_help" if just_after(turn) else "utter_deny")
        return []


class ActionComplaint(TurnAction):
    """Somebody says that an answer is wrong, and maybe what it should have been about."""

    def name(self) -> str:
        return "action_complaint"

    async def act(self, turn: Turn) -> list[Event]:
        if (events := corrected(turn)) is not None:
            return events
        turn.respond("utter_complaint")
        return []
