"""Notices in any message what it tells of the person, before the answer is chosen."""

from __future__ import annotations

import re

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.base import Event, Turn, TurnAction
from actions.forgetting import forget
from actions.supposing import supposed

TOLD = ("employment_status", "education_level", "age")
"""Slots that are filled by the entities of their name."""
_WORKS = re.compile(
    r"(?<![\w'])(?:ik|'k|k)\b[^.,;:!?]*\bwerk (?:al|nu|nog|ook|zelf|sinds|voltijds|deeltijds|halftijds|in|bij|\d+)\b"
    r"(?!.*\b(?:vrijwillig\w*|zelfstandig\w*|niet meer|tot voor kort)\b)",
    re.IGNORECASE,
)
"""Who works, says nothing else and no status."""
ASKS_ITSELF = "entitlements_form"
"""There a word may answer another question ("voltijds", "38"): the form fills these slots."""


class ActionNoticePerson(TurnAction):
    """Fills the slot `audience` and those of `TOLD`. What is denied ("geen werk"), supposed or of somebody else fills none."""

    def name(self) -> str:
        return "action_notice_person"

    async def act(self, turn: Turn) -> list[Event]:
        if to_go := forget(turn):
            return to_go
        found = turn.services.professionals.audience(look.text(turn.tracker))
        told = {"audience": found.value if found else None}
        if (turn.tracker.active_loop or {}).get("name") != ASKS_ITSELF:
            told |= {name: look.told(turn.tracker, name) for name in TOLD}
            if not told["employment_status"] and not turn.slot("employment_status"):
                told["employment_status"] = "employee" if _works(look.text(turn.tracker)) else None
        return [SlotSet(name, value) for name, value in told.items() if value and value != turn.slot(name)]


def _works(text: str) -> bool:
    """Whether somebody says to work, and does not only suppose so."""
    found = _WORKS.search(text)
    return found is not None and not supposed(text, found.end())
