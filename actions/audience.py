"""Notices in any message that a professional is asking, so that every answer is worded for them."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.base import Event, Turn, TurnAction


class ActionNoticeAudience(TurnAction):
    """Fills the slot `audience`; runs on every message, before the answer is chosen."""

    def name(self) -> str:
        return "action_notice_audience"

    async def act(self, turn: Turn) -> list[Event]:
        found = turn.services.professionals.audience(look.text(turn.tracker))
        return [SlotSet("audience", found.value)] if found and found.value != turn.slot("audience") else []
