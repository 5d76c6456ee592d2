"""What is known of the person and the course that is spoken of, as facts for the rules."""

from __future__ import annotations

from datetime import date

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.base import Event, Turn
from bot.catalogue.model import Offering
from bot.catalogue.search import today_in_belgium
from bot.entitlements import FactValue
from bot.entitlements.answers import Said
from bot.entitlements.audience import Audience
from bot.entitlements.personal_price import PersonalPrice, personal_price
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


def price_for_person(turn: Turn, offering: Offering) -> PersonalPrice:
    """What a course costs this person, by the rules of the day it starts."""
    today = today_in_belgium()
    on = max(offering.start, today) if offering.start else today
    return personal_price(offering, known_person(turn), turn.services.rules, on, turn.services.reductions)


def said(turn: Turn) -> Said:
    """The last message, for reading an answer."""
    kinds = {entity.kind: entity.value for entity in reversed(look.entities(turn.tracker)) if entity.holds}
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
