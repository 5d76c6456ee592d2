"""Where the last answer comes from, and how sure it is: "bron?", "is dat zeker?", "stuur mij de link"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.answers import PERSON, tell_article
from actions.base import Event, Turn, TurnAction
from actions.courses import ActionCourseDetails
from bot.conversation.message import Source

_PRESUMED = "vermoedelijk"
"""The word of an answer for what is not confirmed."""


class ActionTellSource(TurnAction):
    """The sources of the last answer that had any, each with its day; of courses, the page of the one that is meant.

    When nothing was answered yet, where answers come from.
    """

    def name(self) -> str:
        return "action_tell_source"

    async def act(self, turn: Turn) -> list[Event]:
        said = _answer_before(turn)
        if said is None:
            return tell_article(turn, "ask_source")
        custom = said["data"]["custom"]
        sources = [Source.model_validate(source) for source in custom.get("sources") or ()]
        if not sources:
            return await ActionCourseDetails().act(turn)
        lines = ["Mijn antwoord komt hiervan. Een redacteur keek het na op de dag die erbij staat."]
        if _PRESUMED in str(said.get("text") or ""):
            lines.append('Waar ik "vermoedelijk" schrijf, is het niet helemaal zeker: vraag het na.')
        turn.say("\n".join(lines), [PERSON], sources=sources)
        return []


def _answer_before(turn: Turn) -> Mapping[str, Any] | None:
    """The last thing said that had sources or cards."""
    for event in reversed(turn.tracker.events):
        if event.get("event") == "bot":
            custom = (event.get("data") or {}).get("custom") or {}
            if custom.get("sources") or custom.get("cards"):
                return dict(event)
    return None
