"""The facts of a course in Dutch words, the same on cards in the conversation and on pages."""

from __future__ import annotations

from datetime import date
from typing import Final

from babel.dates import format_date

from bot.catalogue.model import DeliveryMode, Incentive, Offering, Part, Schedule, Weekday
from bot.catalogue.price import LineKind, Price

EXAMPLE: Final = "voorbeeldaanbod"
"""The mark of an invented course, wherever it is shown."""
DAY_NAMES: Final = {
    Part.DAY.value: "overdag",
    Part.EVENING.value: "'s avonds",
    Part.WEEKEND.value: "in het weekend",
    Weekday.MONDAY.value: "op maandag",
    Weekday.TUESDAY.value: "op dinsdag",
    Weekday.WEDNESDAY.value: "op woensdag",
    Weekday.THURSDAY.value: "op donderdag",
    Weekday.FRIDAY.value: "op vrijdag",
    Weekday.SATURDAY.value: "op zaterdag",
    Weekday.SUNDAY.value: "op zondag",
}
MODE_NAMES: Final = {
    DeliveryMode.ONLINE.value: "online",
    DeliveryMode.CLASSROOM.value: "in de klas",
    DeliveryMode.BLENDED.value: "deels online",
}
INCENTIVE_NAMES: Final = {
    Incentive.TRAINING_LEAVE.value: "Vlaams opleidingsverlof",
    Incentive.TRAINING_VOUCHERS.value: "opleidingscheques",
    Incentive.TRAINING_CREDIT.value: "Vlaams opleidingskrediet",
}
_UNITS: Final = {
    "lestijd": ("lestijd", "lestijden"),
    "uur": ("uur", "uur"),
    "studiepunt": ("studiepunt", "studiepunten"),
}


def day(when: date) -> str:
    """A day in words: "1 februari 2027"."""
    return format_date(when, "d MMMM yyyy", locale="nl_BE")


def when(schedule: Schedule) -> str:
    """The schedule in words: "dinsdag en donderdag, 's avonds, 18.30 tot 21.30 uur"; empty when nothing is known."""
    if not schedule.moments:
        return " of ".join(DAY_NAMES[part.value] for part in schedule.parts)
    days = [DAY_NAMES[moment.weekday.value].removeprefix("op ") for moment in schedule.moments]
    hours = {f"{m.start:%H.%M} tot {m.end:%H.%M} uur" for m in schedule.moments}
    parts = " en ".join(DAY_NAMES[part.value] for part in schedule.parts)
    listed = " en ".join([", ".join(days[:-1]), days[-1]] if len(days) > 1 else days)
    return ", ".join([listed, parts, *(hours if len(hours) == 1 else ())])


def start_of(offering: Offering) -> str:
    """The start date in words."""
    return day(offering.start) if offering.start else "wanneer je wil"


def length_of(offering: Offering) -> str:
    """How much there is to learn: "120 lestijden"; empty when it is not known."""
    if not offering.hours:
        return ""
    one, more = _UNITS[offering.hours_unit]
    return f"{offering.hours} {one if offering.hours == 1 else more}"


def hours_a_week(schedule: Schedule) -> str:
    """How long the lessons of a week last together: "6 uur per week"; empty when nothing is known."""
    minutes = sum(
        (moment.end.hour - moment.start.hour) * 60 + moment.end.minute - moment.start.minute
        for moment in schedule.moments
    )
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".").replace(".", ",") + " uur per week" if minutes else ""


def address_of(offering: Offering) -> str:
    """Street, postcode and place; "online" when everything is."""
    location = offering.location
    if location is None:
        return "online"
    town = f"{location.postcode} {location.place}".strip()
    return f"{location.street}, {town}" if location.street else town


def places_left(offering: Offering) -> str:
    """How many places are free; empty when the provider does not say."""
    if offering.places_left is None:
        return ""
    if offering.places_left == 0:
        return "volzet"
    return "nog 1 plaats" if offering.places_left == 1 else f"nog {offering.places_left} plaatsen"


def price_in_short(price: Price) -> str:
    """The enrolment in one line, and that it is likely where no source is certain."""
    doubtful = any(not line.certain for line in price.lines if line.kind in {LineKind.ENROLMENT, LineKind.REDUCED})
    return f"{price.short} (vermoedelijk)" if doubtful else price.short
