"""A yes outside any form: it presses the one button that our question can have meant."""

from __future__ import annotations

import json

from rasa_sdk.events import FollowupAction

from actions import tracker as look
from actions.answers import PERSON
from actions.base import Event, Turn, TurnAction
from actions.correcting import corrected
from actions.digression import BY_INTENT


class ActionAffirm(TurnAction):
    """Yes: to a person, when that was offered first; else to the only other thing that we asked. Without any, it asks what
    somebody wants to know."""

    def name(self) -> str:
        return "action_affirm"

    async def act(self, turn: Turn) -> list[Event]:
        asked, payloads = look.offer(turn.tracker)
        if payloads[:1] == [PERSON.payload]:
            return [FollowupAction("action_start_referral")]
        if (events := corrected(turn)) is not None:  # "neem dan maar Menen"
            return events
        others = [payload for payload in payloads if payload != PERSON.payload]
        if "?" in asked and len(others) == 1:
            intent, _, values = others[0].removeprefix("/").partition("{")
            if intent in BY_INTENT:
                _press(turn, others[0], intent, json.loads("{" + values) if values else {})
                return await BY_INTENT[intent]().act(turn)
        turn.respond("utter_affirm")
        return []


def _press(turn: Turn, payload: str, intent: str, values: dict[str, str]) -> None:
    """Makes the last message that of a button."""
    entities = [{"entity": kind, "value": value} for kind, value in values.items()]
    turn.tracker.latest_message = {
        **turn.tracker.latest_message,
        "text": payload,
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [],
        "entities": entities,
    }
