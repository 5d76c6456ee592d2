"""What is known of the person and the course that is spoken of, as facts for the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.base import Event, Turn
from actions.somebody_else import for_somebody_else, of_somebody_else
from actions.supposing import supposed
from bot.catalogue.model import Offering
from bot.catalogue.price import euro
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Source
from bot.entitlements import FactValue, Outcome
from bot.entitlements.answers import Said, said_yes
from bot.entitlements.audience import Audience
from bot.entitlements.personal_price import PersonalPrice, personal_price, support_of, vouchers_if, vouchers_of
from bot.entitlements.situation import facts_of, region_of

SLOT_FACTS = ("employment_status", "education_level")
"""Facts that have a slot of their own, filled whenever somebody tells them."""


def course_in_focus(turn: Turn) -> Offering | None:
    """The course that is spoken of."""
    focus = turn.slot("focus")
    return turn.services.catalogue.get(focus) if focus else None


def known_person(turn: Turn) -> dict[str, FactValue]:
    """What is known of the person: told in the form, or anywhere in the conversation."""
    facts: dict[str, FactValue] = dict(turn.slot("situation") or {})
    for name in SLOT_FACTS:
        value = turn.slot(name)
        if value and turn.services.rules.facts[name].choice(value):
            facts[name] = value
    age = str(turn.slot("age") or "")
    if age.isdecimal() and int(age) <= turn.services.rules.facts["age"].maximum:
        facts["age"] = float(age)
    if (home := turn.home()) and "home_region" not in facts:
        facts["home_region"] = region_of(home)
    return facts


def known_facts(turn: Turn) -> dict[str, FactValue]:
    """What is known of the person and of the course that is spoken of."""
    offering = course_in_focus(turn)
    course = facts_of(offering, turn.services.rules.facts) if offering else {}
    return {**course, **known_person(turn)}


def rules_of(turn: Turn) -> date:
    """The day whose rules count: the start of the course that is spoken of, else today."""
    offering = course_in_focus(turn)
    return max(offering.start, today_in_belgium()) if offering and offering.start else today_in_belgium()


def price_for_person(turn: Turn, offering: Offering, person: Mapping[str, FactValue] | None = None) -> PersonalPrice:
    """What a course costs this person, or another `person`, by the rules of the day it starts."""
    theirs = known_person(turn) if person is None else person
    return personal_price(offering, theirs, turn.services.rules, _day_of(offering), turn.services.reductions)


@dataclass(frozen=True, slots=True)
class Vouchers:
    """What is left to pay of a course with vouchers, for this person as far as they are known."""

    pays: str | None
    """None when there are none for them, or the price is not known."""
    sure: bool
    """Whether everything that they ask is known to be so."""
    told: str
    """What they pay, and what it hangs on or why there are none."""
    sources: tuple[Source, ...] = ()


def vouchers_for(turn: Turn, offering: Offering, price: PersonalPrice) -> Vouchers:
    """What vouchers make of the price of a course."""
    rules, on = turn.services.rules, _day_of(offering)
    facts = {**facts_of(offering, rules.facts), **known_person(turn)}
    own = rules.assess(facts, on, vouchers_of(rules)).results[0]
    supposed = vouchers_if(facts, rules, on)
    pages = tuple(Source(title=one.title, url=one.url, checked=own.checked.isoformat()) for one in own.sources)
    if supposed is None:
        return Vouchers(None, True, f"Opleidingscheques: {own.outcome.label.lower()}. {own.deciding.text}", pages)
    sure = own.outcome in (Outcome.YES, Outcome.PROBABLY)
    base = None if price.price.enrolment is None else price.price.enrolment + (offering.material_cost or 0)
    pays = None if base is None else euro(base - support_of(base, supposed, rules))
    open_ends = dict.fromkeys(reason.text for reason in own.reasons if reason.met is None)
    provisos = f"Dit geldt {' en '.join(supposed.provisos)}." if supposed.provisos else ""
    about = "Dat is met het materiaal erbij." if offering.material_cost and pays else ""
    return Vouchers(
        pays, sure, " ".join(filter(None, [about, supposed.gives, *([] if sure else open_ends), provisos])), pages
    )


def _day_of(offering: Offering) -> date:
    today = today_in_belgium()
    return max(offering.start, today) if offering.start else today


def about_another(turn: Turn) -> bool:
    """Whether the message asks for somebody else than who writes, or tells of them."""
    told_of = any(entity.of_other and not entity.negated for entity in look.entities(turn.tracker))
    return told_of or for_somebody_else(look.text(turn.tracker))


def person_asked_about(turn: Turn) -> dict[str, FactValue]:
    """Whom a question is about: somebody else as far as the message tells of them, else who writes, with what it supposes."""
    another = about_another(turn)
    facts: dict[str, FactValue] = {} if another else known_person(turn)
    for entity in look.entities(turn.tracker):
        fact = turn.services.rules.facts.get(entity.kind)
        if fact is None or entity.negated or (another and not entity.of_other):
            continue
        if entity.kind == "age" and entity.value.isdecimal() and int(entity.value) <= fact.maximum:
            facts["age"] = float(entity.value)
        elif fact.choice(entity.value):
            facts[entity.kind] = entity.value
    return facts


def said(turn: Turn) -> Said:
    """The last message, for reading an answer."""
    kinds = {entity.kind: entity.value for entity in reversed(look.entities(turn.tracker)) if entity.told}
    return Said(look.text(turn.tracker), look.intent(turn.tracker), kinds)


def workplace(turn: Turn) -> str | None:
    """The region where the person says to work, when the last message says so."""
    return region_named(turn, look.told_places(turn.tracker).work)


def region_named(turn: Turn, name: str) -> str | None:
    """The region of a place, by its name; None when it is not known."""
    place = turn.services.places.resolve(name).place if name else None
    return region_of(place) if place else None


def remember_work(turn: Turn) -> list[Event]:
    """Keeps the region where the person says to work."""
    region = workplace(turn)
    return [SlotSet("situation", {**(turn.slot("situation") or {}), "work_region": region})] if region else []


def professional(turn: Turn) -> bool:
    """Whether answers are for a professional."""
    return bool(turn.slot("audience") == Audience.PROFESSIONAL.value)


def told_in_words(turn: Turn) -> dict[str, FactValue]:
    """What the words of the message tell of facts that are yes or no: "ik heb een handicap"."""
    text = look.text(turn.tracker)
    return {
        fact.id: True
        for fact in turn.services.rules.facts.values()
        if (at := said_yes(fact, text)) is not None and not supposed(text, at) and not of_somebody_else(text, at)
    }
