"""Courses as cards."""

from __future__ import annotations

from babel.dates import format_date

from actions.base import Turn
from actions.wishes import DAY_NAMES, MODE_NAMES
from bot.catalogue.model import Offering, Schedule
from bot.catalogue.price import LineKind, Price, price_of
from bot.catalogue.search import Hit, today_in_belgium
from bot.catalogue.wording import missed
from bot.conversation.message import Button, Card, Fact

EXAMPLE = "voorbeeldaanbod"
"""The mark of an invented course, on every card."""


def when(schedule: Schedule) -> str:
    """The schedule in words: "dinsdag en donderdag, 's avonds, 18.30 tot 21.30 uur"."""
    if not schedule.moments:
        return " of ".join(DAY_NAMES[part.value] for part in schedule.parts)
    days = [DAY_NAMES[moment.weekday.value].removeprefix("op ") for moment in schedule.moments]
    hours = {f"{m.start:%H.%M} tot {m.end:%H.%M} uur" for m in schedule.moments}
    parts = " en ".join(DAY_NAMES[part.value] for part in schedule.parts)
    listed = " en ".join([", ".join(days[:-1]), days[-1]] if len(days) > 1 else days)
    return ", ".join([listed, parts, *(hours if len(hours) == 1 else ())])


def start_of(offering: Offering) -> str:
    """The start date in words."""
    return format_date(offering.start, "d MMMM yyyy", locale="nl_BE") if offering.start else "wanneer je wil"


def price_in_short(price: Price) -> str:
    """The enrolment in one line, and that it is likely where no source is certain."""
    doubtful = any(not line.certain for line in price.lines if line.kind in {LineKind.ENROLMENT, LineKind.REDUCED})
    return f"{price.short} (vermoedelijk)" if doubtful else price.short


def price_for(turn: Turn, offering: Offering) -> Price:
    """The price of an offering today."""
    return price_of(offering, turn.services.figures, today_in_belgium(), turn.services.reductions)


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
    facts.append(("Waarom", ", ".join(hit.why)))
    facts.append(("Let op", ", ".join(missed(hit.missed))))
    return Card(
        title=f"{number}. {offering.title}",
        subtitle=offering.provider.name,
        facts=tuple(Fact(label=label, value=value) for label, value in facts if value),
        notice=EXAMPLE if offering.example else "",
        url=offering.url,
        buttons=(Button(title="Meer hierover", payload=f'/course_details{{"offering":"{offering.id}"}}'),),
    )


def details_card(turn: Turn, offering: Offering) -> Card:
    """Everything known about a course."""
    location = offering.location
    street = (
        f"{location.street}, {location.postcode} {location.place}"
        if location and location.street
        else offering.place_name
    )
    end = f" tot {format_date(offering.end, 'd MMMM yyyy', locale='nl_BE')}" if offering.end else ""
    units = {"lestijd": "lestijden", "uur": "uur", "studiepunt": "studiepunten"}
    facts = [
        ("Waar", f"{location.name}, {street}" if location else street),
        ("Start", start_of(offering) + end),
        ("Wanneer", when(offering.schedule)),
        ("Hoe", MODE_NAMES[offering.delivery_mode.value]),
        ("Duur", f"{offering.hours} {units[offering.hours_unit]}" if offering.hours else ""),
        ("Nederlands", f"niveau {offering.language_level.value}" if offering.language_level else ""),
        ("Voorwaarden", offering.entry_conditions),
        ("Je krijgt", offering.certificate),
        ("Knelpuntberoep", "ja" if offering.shortage else ""),
        ("Prijs", price_in_short(price_for(turn, offering))),
    ]
    return Card(
        title=offering.title,
        subtitle=offering.provider.name,
        facts=tuple(Fact(label=label, value=value) for label, value in facts if value),
        notice=EXAMPLE if offering.example else "",
        url=offering.url,
    )
