"""Openings, facts told unasked, stopping."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import tracker as look
from actions.after_need import help_near
from actions.answers import PERSON, asks, found_by_meaning, remember_place, tell_by_meaning
from actions.base import Event, Turn, TurnAction
from actions.costs import about_money, tell_new_prices, tell_price_if, tell_price_with_vouchers
from actions.elsewhere import answer_again
from actions.entitlements import ASKING
from actions.forgetting import tell_forgotten
from actions.person import TOLD
from actions.referral import offered_to_withdraw, open_here, take_back, told_how_to_change
from actions.referral_choices import SLOTS as REFERRAL_SLOTS
from actions.search import narrow, said_in_short, search
from actions.situation import remember_work, said
from actions.spoken_of import about_courses
from actions.wishes import SUBJECTS
from bot.entitlements.answers import skipped

OPENED_BY_CHANNEL = frozenset({"web"})
"""Channels whose page says the opening itself, before the person writes."""

FORM_SLOTS = ("wanted_topic", "wanted_place", *REFERRAL_SLOTS, *ASKING)


class ActionSessionStart(TurnAction):
    """Begins a session. In a new conversation it says first that it is a digital assistant (AI Act, art. 50(1)).

    To a cry for help the helplines come first; `ActionDistress` says it after them.
    """

    def name(self) -> str:
        return "action_session_start"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        """Slots are carried over by Rasa's own rules only in its default action, so they are here."""
        known = [SlotSet(name, value) for name, value in tracker.slots.items() if value is not None]
        return [SessionStarted(), *await self.act(Turn(dispatcher, tracker)), *known, ActionExecuted("action_listen")]

    async def act(self, turn: Turn) -> list[Event]:
        metadata = turn.slot("session_started_metadata") or {}
        is_new = not any(event.get("event") == "user" for event in turn.tracker.events)
        if is_new and metadata.get("channel") not in OPENED_BY_CHANNEL and metadata.get("intent") != "distress":
            turn.respond("utter_opening")
        return []


class ActionGreet(TurnAction):
    """Greets back, unless the opening has just done so."""

    def name(self) -> str:
        return "action_greet"

    async def act(self, turn: Turn) -> list[Event]:
        first = sum(event.get("event") == "user" for event in turn.tracker.events) == 1
        if not first or look.channel(turn.tracker) in OPENED_BY_CHANNEL:
            turn.respond("utter_greet")
        return []


class ActionInform(TurnAction):
    """A fact that nothing asked for: a place or a time narrows the search made before, the rest is remembered."""

    def name(self) -> str:
        return "action_inform"

    async def act(self, turn: Turn) -> list[Event]:
        if await told_how_to_change(turn):
            return []
        if (helped := help_near(turn)) is not None:
            return helped
        if (to_go := tell_forgotten(turn)) is not None:
            return to_go
        kinds = {entity.kind for entity in look.entities(turn.tracker)}
        if (going_on := answer_again(turn)) is not None:
            return going_on
        if kinds & {"location", "schedule", "delivery_mode"} and turn.slot("wishes"):
            return narrow(turn)
        if kinds & SUBJECTS:
            return search(turn)
        if (events := said_in_short(turn)) is not None:
            return events
        if tell_price_if(turn) is not None or tell_price_with_vouchers(turn) is not None:
            return [*remember_place(turn), *remember_work(turn)]
        told = [entity for entity in look.entities(turn.tracker) if entity.told]
        supposes = not told and any(entity.supposed for entity in look.entities(turn.tracker))
        if supposes or asks(look.text(turn.tracker)):
            if (answered := tell_by_meaning(turn, found_by_meaning(turn))) is not None:
                return answered
            if supposes:
                turn.respond("utter_not_understood_plain")
                return []
        of_courses = about_courses(turn) or about_money(turn)
        if told and kinds & set(TOLD) and of_courses and tell_new_prices(turn):
            return [*remember_place(turn), *remember_work(turn)]
        if not told and any(entity.of_other for entity in look.entities(turn.tracker)):
            turn.say("Dank je. Dat gaat over iemand anders, dus ik reken het niet bij jou. Wat wil je graag weten?")
        elif not look.entities(turn.tracker) and skipped(said(turn)):  # "weet ik niet" where nothing was asked
            turn.say("Geen probleem. Wat wil je graag weten?", [PERSON])
        else:
            turn.respond("utter_inform_noted")
        return [*remember_place(turn), *remember_work(turn)]


class ActionCancel(TurnAction):
    """Stops what is going on, and forgets the answers of its form."""

    def name(self) -> str:
        return "action_cancel"

    async def act(self, turn: Turn) -> list[Event]:
        busy = bool(turn.tracker.active_loop)
        referral = None if busy else await open_here(turn)
        if busy and await offered_to_withdraw(turn):
            pass
        elif referral is not None:
            turn.say(
                f"Wil je je aanvraag **{referral.reference}** intrekken, of had je iets anders?", [take_back(referral)]
            )
        else:
            turn.respond("utter_cancelled" if busy else "utter_nothing_to_cancel")
        return [ActiveLoop(None), SlotSet("requested_slot", None), *(SlotSet(name, None) for name in FORM_SLOTS)]
