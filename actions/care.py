"""What asks for care: distress, another language."""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, SlotSet

from actions import tracker as look
from actions.after_need import lately_answered
from actions.answers import found_by_meaning, tell_by_meaning
from actions.base import Event, Turn, TurnAction
from actions.correcting import corrected
from actions.courtesy import OPENED_BY_CHANNEL
from actions.fallback import ask_meaning
from bot.conversation.message import Button


class ActionDistress(TurnAction):
    """Warm words and the helplines; leaves any form. No question, no offer but a person. What opens a conversation comes
    after them (`ActionSessionStart`)."""

    def name(self) -> str:
        return "action_distress"

    async def act(self, turn: Turn) -> list[Event]:
        helplines = turn.services.helplines
        before = lately_answered(turn)
        turn.say(
            helplines.text_again(before) if before else helplines.text(),
            [Button(title="Iemand spreken", payload="/request_human")],
            helplines.cards(),
            helplines.sources(),
        )
        if look.is_first(turn.tracker) and look.channel(turn.tracker) not in OPENED_BY_CHANNEL:
            turn.respond("utter_opening_in_need")
        return [ActiveLoop(None), SlotSet("requested_slot", None)]


class ActionOtherLanguage(TurnAction):
    """One line in the person's language: this assistant speaks Dutch, here is a person, here is where to learn Dutch.

    What is in no language at all is not taken for one.
    """

    def name(self) -> str:
        return "action_other_language"

    async def act(self, turn: Turn) -> list[Event]:
        if (events := corrected(turn)) is not None:  # "dan liever Frans", after a search for Spanish
            return events
        words, asked_for = look.text(turn.tracker), look.value(turn.tracker, "language")
        if (said := tell_by_meaning(turn, found_by_meaning(turn))) is not None:
            return said
        if words and not asked_for and not turn.services.languages.readable(words):
            ask_meaning(turn)
            return []
        line = turn.services.languages.line(words, asked_for)
        turn.respond("utter_other_language", line=line)
        return []
