"""A course of schema.org as the loose fields of an offering: what each of its properties says.

Read as people write it, not as the specification would have it: names with or without `schema:`, one thing or a list of
them, texts or objects with a name, references by `@id`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

from lxml import etree, html

from bot.catalogue.importers.values import FieldError
from bot.catalogue.model import Weekday

PREFIX = re.compile(r"^(?:https?://schema\.org/|schema:)")
"""What stands before a name of schema.org."""
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", re.IGNORECASE)
_MODES: Final = {
    "online": "online", "distance": "online", "distance learning": "online", "afstandsonderwijs": "online",
    "onsite": "classroom", "in-person": "classroom", "offline": "classroom", "classroom": "classroom",
    "contactonderwijs": "classroom", "onlineeventattendancemode": "online", "offlineeventattendancemode": "classroom",
    "mixedeventattendancemode": "blended", "blended": "blended", "hybrid": "blended",
}  # fmt: skip
_SHORT_DAYS: Final = {day.value[:2]: day.value for day in Weekday}
NAMES: Final = {
    "title": "name", "start": "startDate", "end": "endDate", "moments": "courseSchedule", "hours": "courseWorkload",
    "price": "offers", "certificate": "educationalCredentialAwarded", "entry_conditions": "coursePrerequisites",
    "location.place": "location", "location.postcode": "location", "provider.name": "provider",
    "places_left": "remainingAttendeeCapacity", "delivery_mode": "courseMode", "id": "identifier",
    "language_level": "lw:languageLevel", "recognised_for": "lw:recognisedFor",
}  # fmt: skip
"""What schema.org calls the loose fields, for reports."""


class Nodes(Protocol):
    """Where what is referred to by `@id` is found."""

    def get(self, id_: str, /) -> dict[str, Any] | None:
        """The thing with an id, if it is in the feed."""


def is_a(node: Mapping[str, Any], kind: str) -> bool:
    """Whether a thing is of a type of schema.org, perhaps among others."""
    types = node.get("@type")
    given = types if isinstance(types, list) else [types]
    return any(isinstance(each, str) and each.endswith(kind) and PREFIX.sub("", each) == kind for each in given)


def many(value: Any, nodes: Nodes) -> list[Any]:
    """A value as a list, references looked up."""
    given = value if isinstance(value, list) else [] if value is None else [value]
    return [(nodes.get(each["@id"]) or each) if is_reference(each) else each for each in given]


def is_reference(value: Any) -> bool:
    """Whether a value only names another thing by its id."""
    return isinstance(value, dict) and set(value) == {"@id"} and isinstance(value["@id"], str)


def _one(value: Any, nodes: Nodes) -> dict[str, Any]:
    """The first object of a value; empty when there is none."""
    return next((each for each in many(value, nodes) if isinstance(each, dict)), {})


def text_in(value: Any) -> str | None:
    """A text, whatever shape it has: plain, with a language, a list (Dutch first), or an object with a name."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        dutch = [v for v in value if isinstance(v, dict) and str(v.get("@language", "")).lower().startswith("nl")]
        return next((text for each in (*dutch, *value) if (text := text_in(each))), None)
    if isinstance(value, dict):
        return text_in(value.get("@value", value.get("name", value.get("value"))))
    return None


def inner_text(element: etree._Element) -> str:
    """All text inside an element."""
    return "".join(str(text) for text in element.itertext())


def plain_text(markup: str | None) -> str | None:
    """A description without markup; lines where there were paragraphs."""
    if not markup or "<" not in markup:
        return markup
    text = re.sub(r"(?i)<\s*(?:br|/p|/li|/h\d|/div)[^>]*>", "\n", markup)
    try:
        return inner_text(html.fromstring(f"<div>{text}</div>")).strip()
    except (etree.LxmlError, ValueError):
        return re.sub(r"<[^>]*>", " ", markup)


def fields_of(course: dict[str, Any], instance: dict[str, Any], nodes: Nodes) -> dict[str, Any]:
    """The loose fields of one instance of a course; either may be empty. Raises `FieldError`."""
    both = {**course, **{name: value for name, value in instance.items() if value not in (None, "", [])}}
    location = _one(instance.get("location") or course.get("location"), nodes)
    course_id = _identifier(course)
    start = text_in(both.get("startDate"))
    place = _place(location, both, nodes)
    own = _identifier(instance) or "#".join(
        filter(None, (course_id, start, place.get("postcode") or place.get("place") if place else None))
    )
    mode = _mode(instance.get("courseMode") or instance.get("eventAttendanceMode") or course.get("courseMode"))
    if mode is None:
        mode = "online" if is_a(location, "VirtualLocation") or (not location and is_a(course, "OnlineCourse")) else ""
    provider = _one(both.get("provider") or both.get("organizer"), nodes)
    title = plain_text(text_in(course.get("name")) or text_in(instance.get("name")))
    description = plain_text(text_in(both.get("description")))
    name = provider.get("name") if provider else both.get("provider")
    hours, unit = both.get("lw:hours"), both.get("lw:hoursUnit")
    return {
        "id": own,
        "title": title,
        "course": {"id": course_id, "title": text_in(course.get("lw:courseTitle") or course.get("name"))}
        if course_id != own
        else None,
        "modules": [
            {"title": text_in(part), "id": text_in(part.get("courseCode")), "hours": _hours(part.get("timeRequired"))}
            for part in many(course.get("hasPart"), nodes)
            if isinstance(part, dict)
        ],
        "subjects": [
            text for value in ("about", "teaches", "keywords") for each in many(course.get(value), nodes)
            if (text := text_in(each))
        ],
        "description": description if description != title else None,
        "provider": {
            "id": text_in(provider.get("identifier")) or text_in(provider.get("@id")),
            "name": text_in(name),
            "kind": text_in(provider.get("lw:kind")),
            "url": text_in(provider.get("url")),
            "phone": text_in(provider.get("telephone")),
            "email": (text_in(provider.get("email")) or "").removeprefix("mailto:"),
        },
        "location": place,
        "delivery_mode": mode,
        "moments": _moments(both, nodes) or both.get("lw:parts"),
        "start": start,
        "end": text_in(both.get("endDate")),
        "hours": hours if hours is not None else _hours(both.get("courseWorkload") or both.get("timeRequired")),
        "hours_unit": unit,
        "price": both.get("lw:price") or _price(both, nodes),
        "material_cost": both.get("lw:materialCost"),
        "language_level": both.get("lw:languageLevel"),
        "entry_conditions": plain_text(text_in(course.get("coursePrerequisites"))),
        "certificate": text_in(course.get("educationalCredentialAwarded")),
        "recognised_for": both.get("lw:recognisedFor"),
        "shortage": bool(both.get("lw:shortageOccupation")),
        "places_left": both.get("remainingAttendeeCapacity"),
        "example": bool(both.get("lw:example")),
        "url": both.get("lw:page") or text_in(instance.get("url")) or text_in(course.get("url")),
    }  # fmt: skip


def _identifier(node: Mapping[str, Any]) -> str | None:
    for name in ("identifier", "@id", "courseCode", "url"):
        if text := text_in(node.get(name)):
            return text
    return None


def _mode(value: Any) -> str | None:
    given = [text_in(each) or "" for each in (value if isinstance(value, list) else [value])]
    modes = {mode for each in given if (mode := _MODES.get(PREFIX.sub("", each).strip().lower()))}
    return None if not modes else modes.pop() if len(modes) == 1 else "blended"


def _place(location: dict[str, Any], both: Mapping[str, Any], nodes: Nodes) -> dict[str, Any]:
    if is_a(location, "VirtualLocation"):
        return {}
    if not location:
        text = text_in(both.get("location"))
        return {"place": text} if text else {}
    address = _one(location.get("address"), nodes)
    geo = _one(location.get("geo"), nodes)
    return {
        "id": text_in(location.get("identifier")) or text_in(location.get("@id")),
        "name": text_in(location.get("name")),
        "street": text_in(address.get("streetAddress")),
        "postcode": text_in(address.get("postalCode")),
        "place": text_in(address.get("addressLocality")) or (None if address else text_in(location.get("address"))),
        "latitude": geo.get("latitude"),
        "longitude": geo.get("longitude"),
    }


def _moments(both: Mapping[str, Any], nodes: Nodes) -> list[dict[str, Any]]:
    return [
        _moment({**schedule, "byDay": day})
        for schedule in many(both.get("courseSchedule"), nodes)
        if isinstance(schedule, dict) and schedule.get("startTime") and schedule.get("endTime")
        for day in many(schedule.get("byDay"), nodes)
    ]


def _moment(schedule: Mapping[str, Any]) -> dict[str, Any]:
    day = PREFIX.sub("", text_in(schedule.get("byDay")) or "").lower()
    times = {name: (text_in(schedule.get(name)) or "")[:5].strip("T") for name in ("startTime", "endTime")}
    return {"weekday": _SHORT_DAYS.get(day, day), "start": times["startTime"], "end": times["endTime"]}


def _hours(value: Any) -> int | None:
    """Whole hours of an ISO 8601 duration; none for any other text."""
    found = _DURATION.fullmatch(text_in(value) or "")
    if not found or not any(found.groups()):
        return None
    days, hours, minutes = (int(each or 0) for each in found.groups())
    return days * 24 + hours + (1 if minutes else 0) or None


def _price(both: Mapping[str, Any], nodes: Nodes) -> str:
    for offer in many(both.get("offers"), nodes):
        if not isinstance(offer, dict):
            continue
        specification = _one(offer.get("priceSpecification"), nodes)
        amount = offer.get("price", specification.get("price"))
        currency = text_in(offer.get("priceCurrency", specification.get("priceCurrency"))) or "EUR"
        if amount not in (None, ""):
            if currency.upper() not in ("EUR", "€"):
                raise FieldError("price", f"is in {currency[:10]} en niet in euro")
            return text_in(amount) or ""
        if (text_in(offer.get("category")) or "").lower() == "free":
            return "gratis"
    return "gratis" if both.get("isAccessibleForFree") is True else "vraag"
