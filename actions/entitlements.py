"""What somebody is entitled to: at most six short questions, then each measure with why, what next and since when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import tracker as look
from actions.answers import asks, found_by_meaning, remember_place, tell_article, tell_by_meaning
from actions.base import Event, Turn, TurnAction
from actions.costs import asks_only_reduction, tell_price_for_me, tell_price_if, tell_price_with_vouchers
from actions.discounts import reducing, tell_reduction
from actions.entitlement_asides import corrected_facts, of_another, refuses, tell_supposed, tell_what_there_is
from actions.entitlement_cards import REFUSED, tell_results
from actions.entitlement_telling import own_job, supposed_of_oneself, told_share
from actions.forms import ANSWERS, AskAction, OneQuestionForm, Slots
from actions.pointing import named, shown_last
from actions.prices import tell_price, tell_prices
from actions.situation import (
    SLOT_FACTS,
    course_in_focus,
    known_facts,
    known_person,
    region_named,
    rules_of,
    said,
    told_in_words,
    workplace,
)
from bot.conversation.message import Button
from bot.entitlements import Assessment, Fact, FactValue
from bot.entitlements.answers import REGIONS, SKIP, Said, plainly_answers, read_answer, skipped
from bot.entitlements.facts import Kind
from bot.entitlements.personal_price import lowering
from bot.knowledge.deciding import SURE

MOST_QUESTIONS = 6
"""Questions at most, skipped ones counted."""
TRIES = 2
"""Times that a question is asked before it is said how to leave it."""
LEAVE = 'Zeg "weet ik niet" om de vraag over te slaan, of "stop".'
ASKING = ("entitlement_answer", "entitlement_fact", "entitlement_asked")
DONE = "done"
SKIP_BUTTON = Button(title="Weet ik niet", payload='/choose{"answer":"skip"}')
_PLACES = {"home_region": "home", "work_region": "work"}
"""Facts that a place answers when it is said which it is."""
_IN_WORDS = {"home_region": "woon je", "work_region": "werk je"}
_CORRECTS = re.compile(r"\b(bedoel\w*|niet|verkeerd|fout|sorry|nee|neen|wacht|eigenlijk|toch)\b", re.IGNORECASE)
_ABOUT_SOMEBODY = re.compile(
    r"\b(ik|'k|mij|me|mijn|we|wij|ons|hij|zij|ze|iemand|die|cli[eë]nte?n?|kandidaat|mevrouw|meneer)\b", re.IGNORECASE
)
_RIGHT = re.compile(r"\brecht\b|in aanmerking|\bkrijg\w*|\b(kan|mag) ik\b|voor mij\b|geldt\b", re.IGNORECASE)
_GENERAL = re.compile(r"^\W*(hoe|waar|wat|wanneer|wie|welke?|hoeveel|waarom)\b", re.IGNORECASE)
_KEEPS = re.compile(r"\b(hou|houden|behou\w*|verlie\w*|kwijt\w*)\b", re.IGNORECASE)
"""Asks what happens to what somebody has: no right that can be worked out."""


def asks_for_somebody(text: str) -> bool:
    """Whether a question is about the right of a person ("heb ik recht op …") and not about the measure in general."""
    of_person = _RIGHT.search(text) and _ABOUT_SOMEBODY.search(text)
    return bool(of_person and not _GENERAL.match(text) and not _KEEPS.search(text))


def assess(turn: Turn, told: dict[str, FactValue] | None = None) -> Assessment:
    """The measures that are in question, for what is known (with what this message just told)."""
    scope: list[str] | None = turn.slot("entitlement_scope")
    return turn.services.rules.assess({**known_facts(turn), **(told or {})}, rules_of(turn), scope)


def next_question(turn: Turn, assessment: Assessment, asked: list[str]) -> Fact | None:
    """The question to ask now; none when there is nothing to learn, or enough was asked."""
    distinct = dict.fromkeys(asked)
    if len(distinct) >= MOST_QUESTIONS:
        return None
    wanted = assessment.questions(without=distinct)
    return turn.services.rules.facts[wanted[0]] if wanted else None


def in_scope(turn: Turn, intent: str, named: str = "") -> tuple[str, ...]:
    """The measures that a question is about."""
    measures = turn.services.rules.answering(intent, named)
    return reducing(turn, measures) if intent == "ask_discount" and not named else measures


def another_instead(turn: Turn, measures: tuple[str, ...]) -> bool:
    """Whether what is known refuses somebody what they name, while another measure is there for them: they must hear both."""
    known = {**known_person(turn), **own_job(turn)}
    assessment = turn.services.rules.assess(known, rules_of(turn), measures)
    refused = {result.outcome in REFUSED for result in assessment.overview}
    return refused == {True, False} and not assessment.questions()


def start(turn: Turn, scope: tuple[str, ...] | None) -> list[Event]:
    """Begins with the questions, or tells at once when nothing needs asking."""
    situation = {**(turn.slot("situation") or {}), **told_in_words(turn), **own_job(turn)}
    if region := workplace(turn):
        situation["work_region"] = region
    home = remember_place(turn)
    if (share := told_share(turn)) is not None:
        situation["job_share"] = share
    events = [
        *(SlotSet(name, None) for name in ASKING),
        *home,
        *supposed_of_oneself(turn),
        SlotSet("situation", situation or None),
        SlotSet("entitlement_scope", list(scope) if scope else None),
    ]
    turn.tracker.slots.update({event["name"]: event["value"] for event in events})
    assessment = assess(turn)
    if next_question(turn, assessment, []) is None:
        return [*events, *tell(turn, assessment)]
    return [*events, SlotSet("requested_slot", None), FollowupAction("entitlements_form")]


def tell(turn: Turn, assessment: Assessment) -> list[Event]:
    """What came out: the price of the course when that was the question, else each measure."""
    offering = course_in_focus(turn)
    if offering and turn.slot("entitlement_scope") == list(lowering(offering, turn.services.rules)):
        tell_price(turn, offering)
        return []
    return tell_results(turn, assessment)


class ActionStartEntitlements(TurnAction):
    """Which support is there for me: for everything, or for one measure that is named."""

    def name(self) -> str:
        return "action_start_entitlements"

    async def act(self, turn: Turn) -> list[Event]:
        rules = turn.services.rules
        offering = turn.services.catalogue.get(look.value(turn.tracker, "offering") or "")
        if offering:  # a button under a price: what do I pay
            turn.tracker.slots["focus"] = offering.id
            return [SlotSet("focus", offering.id), *start(turn, lowering(offering, rules) or None)]
        about, named = look.value(turn.tracker, "about"), look.value(turn.tracker, "incentive")
        outcome = found_by_meaning(turn)
        one_support = outcome.article is not None and outcome.article.intent != "ask_entitlements"
        if outcome.unknown or (one_support and outcome.chance >= SURE):  # that no rule works out
            return tell_by_meaning(turn, outcome) or []
        scope = in_scope(turn, about) if about else rules.answering("ask_entitlements", named) if named else ()
        return start(turn, scope or None)


class ActionAnswerRight(TurnAction):
    """A question about one right: worked out for who asks it for somebody, explained for who asks what it is."""

    def name(self) -> str:
        return "action_answer_right"

    async def act(self, turn: Turn) -> list[Event]:
        intent = look.intent(turn.tracker)
        if (told := self._in_euro(turn, intent)) is not None:
            return told
        named = look.value(turn.tracker, "incentive") or ""
        measures = in_scope(turn, intent, named)
        if named and look.text(turn.tracker) and another_instead(turn, measures):
            return start(turn, measures)
        outcome = found_by_meaning(turn)
        in_question = bool(measures) and asks_for_somebody(look.text(turn.tracker))
        tells = outcome.chance < SURE and any(
            look.value(turn.tracker, kind) for kind in (*SLOT_FACTS, "location", "age")
        )
        own = outcome.article is not None and outcome.article.intent == intent
        if intent == "ask_discount" and asks_only_reduction(look.text(turn.tracker)) and measures:
            return start(turn, measures)
        if in_question and (tells or own):  # the form tells it more precisely
            return start(turn, measures)
        if (told := tell_by_meaning(turn, outcome)) is not None:
            return told
        if in_question:
            return start(turn, measures)
        events = tell_article(turn, intent, outcome.near)
        if measures:
            turn.offer(Button(title="Geldt dit voor mij?", payload=f'/ask_entitlements{{"about":"{intent}"}}'))
        return events

    def _in_euro(self, turn: Turn, intent: str) -> list[Event] | None:
        """The price, when that is what a question for a reduction or for vouchers asks."""
        if intent != "ask_discount":
            return tell_price_with_vouchers(turn)
        for priced in (tell_price_if, tell_price_for_me):
            if (events := priced(turn)) is not None:
                return events
        return [] if tell_reduction(turn) else None


class AskEntitlementFact(AskAction):
    """Asks the question that teaches most, or again the one that is still open."""

    going_on = "Wil je verder met de vragen over steun?"

    def name(self) -> str:
        return "action_ask_entitlements_form_entitlement_answer"

    async def ask(self, turn: Turn) -> list[Event]:
        asked: list[str] = turn.slot("entitlement_asked") or []
        pending = turn.slot("entitlement_fact")
        facts = turn.services.rules.facts
        fact = facts[pending] if pending in facts else next_question(turn, assess(turn), asked)
        if fact is None:  # cannot be: the form ends when nothing is left to ask
            return []
        opening = ""
        if pending is None and not asked:
            opening = 'Ik stel je enkele korte vragen. Je mag elke vraag overslaan. Met "stop" stop je.\n\n'
        turn.say(opening + fact.question, [*choices(fact), SKIP_BUTTON])
        return [SlotSet("entitlement_fact", fact.id), SlotSet("entitlement_asked", [*asked, fact.id])]


def choices(fact: Fact) -> list[Button]:
    """The likely answers to a question."""
    if fact.kind is Kind.YES_NO:
        pairs = [("Ja", "yes"), ("Nee", "no")]
    elif fact.kind is Kind.NUMBER:
        pairs = [(title, f"{value:g}") for value, title in fact.buttons.items()]
    else:
        pairs = [(choice.title, choice.id) for choice in fact.values if choice.title]
    return [Button(title=title, payload=f'/choose{{"answer":"{value}"}}') for title, value in pairs]


class ValidateEntitlementsForm(OneQuestionForm):
    """Reads an answer, and whatever else it tells."""

    answers = ANSWERS | {"ask_entitlements"}
    why: Mapping[str, str] = MappingProxyType(
        {
            "entitlement_answer": "Wie recht heeft op steun, hangt van die dingen af. Met je antwoord weet ik wat voor jou "
            "geldt. Je mag de vraag overslaan."
        }
    )

    def name(self) -> str:
        return "validate_entitlements_form"

    async def get_extraction_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[Event]:
        """The answer, kept where that fact is kept; the form is done when nothing is left to ask."""
        requested, turn = tracker.get_slot("requested_slot"), Turn(dispatcher, tracker)
        if requested and (changed := await self.changed(turn, requested)) is not None:
            return changed
        if not requested or not self.is_answer(tracker, requested):
            return []
        return self.read(turn)

    def read(self, turn: Turn) -> list[Event]:
        """The events of an answer to the question that was asked."""
        fact = turn.services.rules.facts.get(turn.slot("entitlement_fact") or "")
        if fact is None:
            return []
        answer = said(turn)
        told = self._told_besides(turn, fact, answer.entities)
        value = None if answer.entities.get("answer") == SKIP else self._value(turn, fact, answer)
        if value is not None:
            told[fact.id] = value
        asked: list[str] = turn.slot("entitlement_asked") or []
        left = answer.entities.get("answer") == SKIP or skipped(answer)
        if value is None and not left:
            if (events := self._gone_into(turn, told)) is not None:
                # The question comes again, as if for the first time.
                return [*events, SlotSet("entitlement_asked", asked[:-1])]
            hint = fact.hint or "Antwoord met een van de knoppen, of typ het in je eigen woorden."
            turn.say(hint if asked.count(fact.id) < TRIES else f"Dat begrijp ik niet. {LEAVE}")
            return self._keep(turn, told)
        kept = self._keep(turn, told)
        ended = next_question(turn, assess(turn, told), asked) is None
        return [*kept, SlotSet("entitlement_fact", None), SlotSet("entitlement_answer", DONE if ended else None)]

    def _value(self, turn: Turn, fact: Fact, answer: Said) -> FactValue | None:
        """What the message answers; of a home and a place of work told at once, the one that was asked."""
        told = look.told_places(turn.tracker)
        if fact.id in _PLACES and (told.home or told.work):
            return region_named(turn, getattr(told, _PLACES[fact.id]))
        implied = (
            turn.services.rules.facts.implied(kind, value).get(fact.id) for kind, value in answer.entities.items()
        )
        if (follows := next((value for value in implied if value is not None), None)) is not None:
            return follows
        read = read_answer(fact, answer, turn.services.places)
        return told_in_words(turn).get(fact.id) if read is None else read

    def _gone_into(self, turn: Turn, told: dict[str, FactValue]) -> list[Event] | None:
        """What is done with a message that does not answer: something else that it tells is kept, what it asks is answered.

        None when it does neither.
        """
        if told:
            turn.say("Dat onthoud ik.")
            return self._keep(turn, told)
        answered = tell_by_meaning(turn, found_by_meaning(turn)) if asks(look.text(turn.tracker)) else None
        if answered is None and look.intent(turn.tracker) == "ask_entitlements":
            turn.say("Dat hangt van je situatie af. Daarvoor vraag ik nog dit.")
            return []
        return answered

    def _told_besides(self, turn: Turn, asked: Fact, entities: Any) -> dict[str, FactValue]:
        """What the message tells unasked: where somebody works or lives, and what has a slot of its own and was not known."""
        told: dict[str, FactValue] = {}
        for name in SLOT_FACTS:
            value = entities.get(name)
            if name != asked.id and value and not turn.slot(name) and turn.services.rules.facts[name].choice(value):
                told[name] = value
        named = look.told_places(turn.tracker)
        if asked.id not in REGIONS and named.neither:  # a place alone answers those
            named = replace(named, home=named.neither)
        for about, kind in _PLACES.items():
            if about != asked.id and (region := region_named(turn, getattr(named, kind))):
                told[about] = region
        told |= {name: value for name, value in told_in_words(turn).items() if name != asked.id}
        if asked.id != "job_share" and (share := told_share(turn)) is not None:
            told["job_share"] = share
        return told

    async def aside(self, turn: Turn, requested: str) -> Slots | None:
        """No wish for questions, somebody else, a supposition, something that is corrected: of places the one of the message
        before, or that was asked last."""
        text, named = look.text(turn.tracker), look.told_places(turn.tracker)
        asked: list[str] = [fact for fact in turn.slot("entitlement_asked") or [] if fact in _PLACES]
        before = look.told_places_of(look.message_before(turn.tracker))
        if refuses(turn):
            return Slots(entitlement_answer=DONE, entitlement_fact=None)
        if of_another(turn) or tell_supposed(turn, turn.slot("entitlement_scope")):
            return Slots()
        pending = turn.services.rules.facts.get(turn.slot("entitlement_fact") or "")
        if pending and self._value(turn, pending, said(turn)) is None and (changed := corrected_facts(turn)):
            turn.say("Goed, dat pas ik aan.")
            # What is denied may be asked, and what was asked may no longer need to be.
            kept = [name for name in (turn.slot("entitlement_asked") or [])[:-1] if name not in changed]
            return Slots(changed, entitlement_answer=None, entitlement_fact=None, entitlement_asked=kept)
        if not named.neither or turn.slot("entitlement_fact") in REGIONS or not _CORRECTS.search(text):
            return None
        about = "work_region" if before.work or (not before.home and asked[-1:] == ["work_region"]) else "home_region"
        region = region_named(turn, named.neither)
        if region is None:
            return None
        turn.say(f"Goed, dan {_IN_WORDS[about]} in {named.neither}.")
        moved = Slots(situation={**(turn.slot("situation") or {}), about: region}, entitlement_answer=None)
        if about == "home_region":
            moved |= {event["name"]: event["value"] for event in remember_place(turn)}
        return Slots(moved)

    def _keep(self, turn: Turn, told: dict[str, FactValue]) -> list[Event]:
        situation: dict[str, FactValue] = dict(turn.slot("situation") or {})
        events: list[Event] = []
        for name, value in told.items():
            if name in SLOT_FACTS:
                events.append(SlotSet(name, value))
            elif name == "age":
                events.append(SlotSet("age", f"{value:g}"))
            else:
                situation[name] = value
        if "home_region" in told:
            events += remember_place(turn)
        return [*events, SlotSet("situation", situation or None)]


def answered_in_passing(turn: Turn) -> list[Event] | None:
    """The events of a message that, whatever it was taken for, is a plain answer to the question of the form: "ik zoek werk".

    None when the form asks nothing or the message is something else.
    """
    if turn.tracker.active_loop.get("name") != "entitlements_form":
        return None
    fact = turn.services.rules.facts.get(turn.slot("entitlement_fact") or "")
    if fact is None or not plainly_answers(fact, said(turn)):
        return None
    return ValidateEntitlementsForm().read(turn)


class ActionTellEntitlements(TurnAction):
    """What came out."""

    def name(self) -> str:
        return "action_tell_entitlements"

    async def act(self, turn: Turn) -> list[Event]:
        cleared = [SlotSet(name, None) for name in ASKING]
        if refuses(turn):
            if (pointed := named(turn)) and shown_last(turn):
                tell_prices(turn, pointed)
                return cleared
            if not known_person(turn):
                return [*tell_what_there_is(turn), *cleared]
        return [*tell(turn, assess(turn)), *cleared]
