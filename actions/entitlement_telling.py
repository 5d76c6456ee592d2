"""What a message tells unasked that the questions about support need: for whom somebody works, how much, what they are."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.base import Event, Turn
from actions.situation import SLOT_FACTS, about_another, professional, said
from bot.entitlements import FactValue
from bot.entitlements.answers import employer, read_answer, told_status

_SHARE = re.compile(r"\b(voltijds|halftijds|full ?time|half ?time|\d/\d|\d+ ?(%|procent))", re.IGNORECASE)
"""Words that tell how large a job is, whatever was asked."""
_IF_I = re.compile(r"(?<!en )(?<!wat )\bals (?:ik|'k|k)\b", re.IGNORECASE)


def own_job(turn: Turn) -> dict[str, FactValue]:
    """What somebody tells by saying for whom they work. A professional speaks of their own job, not of who it is about."""
    sector = employer(turn.services.rules.facts["sector"], look.text(turn.tracker))
    return {"sector": sector, "works_as_employee": True} if sector and not professional(turn) else {}


def supposed_of_oneself(turn: Turn) -> list[Event]:
    """What a question for one's own right tells or supposes of its own, where nothing else is known: "krijg ik iets als ik
    werkloos ben", "ik ben ziek, krijg ik een premie"."""
    text = look.text(turn.tracker)
    told: dict[str, Any] = {}
    if _IF_I.search(text):
        told = {name: look.value(turn.tracker, name) for name in SLOT_FACTS}
    if not told.get("employment_status") and not about_another(turn):
        told["employment_status"] = told_status(turn.services.rules.facts["employment_status"], text)
    return [SlotSet(name, value) for name, value in told.items() if value and not turn.slot(name)]


def told_share(turn: Turn) -> FactValue | None:
    """How large the person's job is, when the message says so unasked."""
    if not _SHARE.search(look.text(turn.tracker)):
        return None
    return read_answer(turn.services.rules.facts["job_share"], said(turn), turn.services.places)
