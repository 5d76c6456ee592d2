"""A question for information: about the course that was shown, or answered by an article."""

from __future__ import annotations

import re

from actions import tracker as look
from actions.answers import found_by_meaning, tell_article, tell_by_meaning
from actions.asking import tell_of_shown
from actions.base import Event, Turn, TurnAction

_NOT_ENROLLING = re.compile(
    r"\bniet\s+(?:meer\s+)?inschrijven\b(?!.*\?)|\bschrijf\s+(?:me|mij)\s+niet\s+in\b", re.IGNORECASE
)


class ActionAnswer(TurnAction):
    """What is known of the course that was shown, the article for the intent, or one of the long tail that fits much better."""

    def name(self) -> str:
        return "action_answer"

    async def act(self, turn: Turn) -> list[Event]:
        if (told := tell_of_shown(turn)) is not None:
            return told
        if look.intent(turn.tracker) == "ask_enrolment" and _NOT_ENROLLING.search(look.text(turn.tracker)):
            turn.say("Dat hoeft niet. Je schrijft je bij mij nergens voor in. Wat wil je wel graag weten?")
            return []
        outcome = found_by_meaning(turn)
        said = tell_by_meaning(turn, outcome)
        return tell_article(turn, look.intent(turn.tracker), outcome.near) if said is None else said
