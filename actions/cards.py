"""Courses as cards."""

from __future__ import annotations

from actions.base import Turn
from actions.situation import price_for_person
from bot.catalogue.model import Offering
from bot.catalogue.presenting import (
    EXAMPLE,
    MODE_NAMES,
    address_of,
    day,
    length_of,
    places_left,
    price_in_short,
    start_of,
    when,
)
from bot.catalogue.price import Price, price_of
from bot.catalogue.search import Hit, today_in_belgium
from bot.catalogue.wording import missed
from bot.conversation.message import Button, Card, Fact
from bot.entitlements.personal_price import in_short


def price_for(turn: Turn, offering: Offering) -> Price:
    """The price of an offering today."""
    return price_of(offering, turn.services.figures, today_in_belgium(), turn.services.reductions)


def page_of(turn: Turn, offering: Offering) -> str:
    """The address of the course's own page."""
    return f"{turn.services.settings.public_url}/opleidingen/{offering.slug}"


def more_button(offering: Offering) -> Button:
    """Tells everything known about a course."""
    return Button(title="Meer hierover", payload=f'/course_details{{"offering":"{offering.id}"}}')


def keep_button(offering: Offering) -> Button:
    """Keeps a course in the overview."""
    return Button(title="Bewaar", payload=f'/keep_course{{"offering":"{offering.id}"}}')


def course_card(turn: Turn, hit: Hit, number: int) -> Card:
    """A search result: name, provider, place and distance, start, schedule, price, why it was found and what it misses."""
    offering = hit.offering
    place = offering.place_name
    if hit.distance_km is not None and hit.distance_km >= 1:
        place += f", op {hit.distance_km:.0f} km"
    facts = [("Waar", place), ("Start", start_of(offering)), ("Wanneer", when(offering.schedule))]
    if offering.delivery_mode.value != "classroom":
        facts.append(("Hoe", MODE_NAMES[offering.delivery_mode.value]))
    facts.append(("Prijs", price_in_short(price_for(turn, offering))))
    facts.append(("Voor jou", in_short(price_for_person(turn, offering))))
    facts.append(("Waarom", ", ".join(hit.why)))
    facts.append(("Let op", ", ".join(missed(hit.missed))))
    return Card(
        title=f"{number}. {offering.title}",
        subtitle=offering.provider.name,
        facts=tuple(Fact(label=label, value=value) for label, value in facts if value),
        notice=EXAMPLE if offering.example else "",
        url=page_of(turn, offering),
        buttons=(more_button(offering), keep_button(offering)),
    )


def details_card(turn: Turn, offering: Offering) -> Card:
    """Everything known about a course."""
    location = offering.location
    end = f" tot {day(offering.end)}" if offering.end else ""
    facts = [
        ("Waar", f"{location.name}, {address_of(offering)}" if location else address_of(offering)),
        ("Start", start_of(offering) + end),
        ("Wanneer", when(offering.schedule)),
        ("Hoe", MODE_NAMES[offering.delivery_mode.value]),
        ("Duur", length_of(offering)),
        ("Nederlands", f"niveau {offering.language_level.value}" if offering.language_level else ""),
        ("Voorwaarden", offering.entry_conditions),
        ("Je krijgt", offering.certificate),
        ("Vrije plaatsen", places_left(offering)),
        ("Knelpuntberoep", "ja" if offering.shortage else ""),
        ("Prijs", price_in_short(price_for(turn, offering))),
    ]
    return Card(
        title=offering.title,
        subtitle=offering.provider.name,
        facts=tuple(Fact(label=label, value=value) for label, value in facts if value),
        notice=EXAMPLE if offering.example else "",
        url=page_of(turn, offering),
    )
