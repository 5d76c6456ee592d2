"""What both forms share: only the question that was asked is answered, and other questions go first."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import tracker as look
from actions.base import Event, Turn, TurnAction
from actions.referral import offered_to_withdraw
from bot.conversation.message import Button

ANSWERS = frozenset({"affirm", "choose", "deny", "inform", "nlu_fallback"})
"""Intents that answer a question of a form. Every other one is a question of the person and goes first."""

ALONE = frozenset(
    {"location", "provider", "schedule", "employment_status", "education_level", "age", "phone_number", "email"}
)
"""What answers when nothing else is said, whatever intent it is taken for: "Mechelen" alone is also a way to search."""


WHY = 'Zo kan ik je beter helpen. Met "stop" stop je altijd.'
_WHY = re.compile(
    r"\b(waarom|waarvoor|wrm|vanwaar)\b.*\b(vraag|vraagt|vragen|weten|nodig|zeggen|geven|invullen|die vraag|dat)\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\W*((en|ja|oke?) )?(waar (waren|zijn) we|((ga|doe) )?(maar )?(verder|voort)|wat was de vraag|herhaal( de vraag)?)"
    r"( ook alweer| weer)?\W*",
    re.IGNORECASE,
)
_FEW_WORDS = 10
STOP = Button(title="Stoppen", payload="/cancel")
AGAIN = "again"
"""The value of the button that goes on with the question."""
PATIENCE = 2
"""Digressions in a row after which a form no longer repeats its question, and offers to go on."""
_YES_OR_NO = re.compile(r"\W*(ja|jawel|ok|oké|oke|goed|graag|nee|neen)( graag| hoor| dank je)?\W*", re.IGNORECASE)


def asks_why(text: str) -> bool:
    """Whether somebody asks why a question is asked."""
    return len(text.split()) <= _FEW_WORDS and _WHY.search(text) is not None


def asks_again(text: str) -> bool:
    """Whether somebody wants to go on with the question."""
    return _AGAIN.fullmatch(text) is not None


def said_in_form(turn: Turn, text: str) -> bool:
    """Whether this was said, word for word, since the form began."""
    for event in reversed(turn.tracker.events):
        if event.get("event") == "active_loop" and event.get("name"):
            return False
        if event.get("event") == "bot" and event.get("text") == text:
            return True
    return False


class Slots(dict[str, Any]):
    """What an answer says of several slots at once, that of the question included (None asks it again)."""


class OneQuestionForm(FormValidationAction, ABC):  # type: ignore[misc]
    """A form whose answers are read only for the slot that was asked for.

    A subclass has, for each slot, a coroutine `read_<slot>` that takes the turn and gives the value, or None after having
    said what was wrong; then the question is asked again.
    """

    answers: frozenset[str] = ANSWERS
    why: Mapping[str, str] = {}
    """Why something is asked, by slot; `WHY` where nothing stands."""

    @abstractmethod
    def name(self) -> str:
        """`validate_` and the name of the form."""

    async def get_extraction_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """The answer to the question asked last, or what changes an earlier answer. Nothing for another question: Rasa then
        leaves the form to answer it."""
        requested = tracker.get_slot("requested_slot")
        if not requested:
            return []
        turn = Turn(dispatcher, tracker)
        if (changed := await self.changed(turn, requested)) is not None:
            return changed
        if not self.is_answer(tracker, requested):
            return []
        value = await getattr(self, f"read_{requested}")(turn)
        return _filled(requested, value if isinstance(value, Slots) else Slots({requested: value}))

    async def changed(self, turn: Turn, requested: str) -> list[Event] | None:
        """What `aside` changes, after which the question comes again; None when the message is no aside."""
        if look.value(turn.tracker, "answer") == AGAIN:
            return _filled(requested, Slots())
        found = await self._aside(turn, requested) if look.text(turn.tracker) else None
        return None if found is None else _filled(requested, found)

    async def _aside(self, turn: Turn, requested: str) -> Slots | None:
        text = look.text(turn.tracker)
        if look.digressions(turn.tracker, before=True) >= PATIENCE and _YES_OR_NO.fullmatch(text):
            return Slots()  # to the offer to go on, not to the question
        if (changed := await self.aside(turn, requested)) is not None:
            return changed
        if asks_why(text):
            turn.say(self.why.get(requested, WHY))
            return Slots()
        if asks_again(text) or await offered_to_withdraw(turn):
            return Slots()
        return None

    async def aside(self, turn: Turn, requested: str) -> Slots | None:
        """What a typed message changes of earlier answers, whatever it was taken for; None when it does no such thing."""
        return None

    def is_answer(self, tracker: Tracker, requested: str) -> bool:
        """Whether the message answers the question, and is none itself."""
        return look.intent(tracker) in self.answers or look.says_only(tracker, ALONE)

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """What was extracted has been read and checked at once."""
        return [SlotSet(name, value) for name, value in tracker.slots_to_validate().items()]


class AskAction(TurnAction, ABC):
    """A question of a form. After some digressions in a row it only offers to go on, and after thanks it says nothing."""

    going_on: str
    """The offer."""

    @abstractmethod
    async def ask(self, turn: Turn) -> list[Event]:
        """Asks."""

    async def act(self, turn: Turn) -> list[Event]:
        if look.digressions(turn.tracker) < PATIENCE:
            return await self.ask(turn)
        if look.intent(turn.tracker) not in look.THANKS:
            turn.say(
                f'{self.going_on} Zeg dan "verder".',
                [
                    Button(title="Verder", payload=f'/choose{{"answer":"{AGAIN}"}}'),
                    STOP,
                ],
            )
        return []


def _filled(requested: str, read: Slots) -> list[Event]:
    return [SlotSet(name, found) for name, found in ({requested: None} | read).items()]
