"""schema.org `Course` and `CourseInstance` as JSON-LD: a document, or web pages that embed it.

Read as people write it, not as the specification would have it: names with or without `schema:`, one thing or a list of
them, texts or objects with a name, references by `@id` inside the document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from lxml import etree, html

from bot.catalogue.importers.builder import Builder
from bot.catalogue.importers.feed import Feed, FeedError, Found, Refusal
from bot.catalogue.importers.values import FieldError
from bot.catalogue.model import Weekday

_DEPTH: Final = 60
_TYPES: Final = {"Course", "CourseInstance"}
_PREFIX = re.compile(r"^(?:https?://schema\.org/|schema:)")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", re.IGNORECASE)
_MODES: Final = {
    "online": "online", "distance": "online", "distance learning": "online", "afstandsonderwijs": "online",
    "onsite": "classroom", "in-person": "classroom", "offline": "classroom", "classroom": "classroom",
    "contactonderwijs": "classroom", "onlineeventattendancemode": "online", "offlineeventattendancemode": "classroom",
    "mixedeventattendancemode": "blended", "blended": "blended", "hybrid": "blended",
}  # fmt: skip
_SHORT_DAYS: Final = {day.value[:2]: day.value for day in Weekday}
_NAMES: Final = {
    "title": "name", "start": "startDate", "end": "endDate", "moments": "courseSchedule", "hours": "courseWorkload",
    "price": "offers", "certificate": "educationalCredentialAwarded", "entry_conditions": "coursePrerequisites",
    "location.place": "location", "location.postcode": "location", "provider.name": "provider",
    "places_left": "remainingAttendeeCapacity", "delivery_mode": "courseMode", "id": "identifier",
    "language_level": "lw:languageLevel", "recognised_for": "lw:recognisedFor",
}  # fmt: skip


class JsonLdImporter:
    """Reads a JSON-LD document."""

    name: ClassVar = "json-ld"

    def recognises(self, head: bytes) -> bool:
        """Whether it is JSON that speaks of things with a type."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        return start in (b"{", b"[") and (b'"@type"' in head or b'"@graph"' in head or b'"@context"' in head)

    def read(self, feed: Feed, builder: Builder) -> Iterator[Found | Refusal]:
        """An offering or a refusal for each instance of each course. Raises `FeedError` for what is no JSON."""
        document = load_json(feed.whole())
        found = False
        for result in read_document(document, feed.name, 0, builder):
            found = True
            yield result
        if not found:
            raise FeedError("bevat geen Course van schema.org")


class PageImporter:
    """Reads a web page that embeds JSON-LD."""

    name: ClassVar = "web-page"

    def recognises(self, head: bytes) -> bool:
        """Whether it looks like HTML."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:2000].lower()
        return start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<") and b"<html" in start)

    def read(self, feed: Feed, builder: Builder) -> Iterator[Found | Refusal]:
        """As for a document, for each script of the page. Raises `FeedError` for a page without any."""
        content = feed.whole()
        try:
            tree = html.document_fromstring(content, parser=html.HTMLParser(no_network=True, huge_tree=False))
        except (etree.LxmlError, ValueError) as error:
            raise FeedError(f"is geen webpagina: {error}") from None
        found = False
        for script in tree.iter("script"):
            if str(script.get("type", "")).split(";")[0].strip().lower() != "application/ld+json":
                continue
            line = script.sourceline if isinstance(script.sourceline, int) else 0
            try:
                document = load_json(_inner(script).encode("utf-8", "replace"))
            except FeedError as error:
                found = True
                yield Refusal(feed.name, line, "script", str(error))
                continue
            for result in read_document(document, feed.name, line, builder):
                found = True
                yield result
        if not found:
            raise FeedError("deze pagina bevat geen cursussen in JSON-LD (Course van schema.org)")


def _inner(element: etree._Element) -> str:
    """All text inside an element."""
    return "".join(str(text) for text in element.itertext())


def load_json(content: bytes) -> Any:
    """A JSON text. Raises `FeedError` naming line and column."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FeedError("is geen UTF-8") from None
    except json.JSONDecodeError as error:
        raise FeedError(f"is geen JSON of is afgebroken (regel {error.lineno}, teken {error.colno})") from None
    except (RecursionError, ValueError):
        raise FeedError("is te diep genest of bevat een onmogelijk getal") from None


def read_document(document: Any, file: str, line: int, builder: Builder) -> Iterator[Found | Refusal]:
    """The offerings of a document that was parsed, or why they are refused."""
    things: list[dict[str, Any]] = []
    by_id: dict[str, dict[str, Any]] = {}
    try:
        _collect(document, things, by_id, 0)
    except RecursionError:
        yield Refusal(file, line, "@graph", "is te diep genest")
        return
    inside = {id(instance) for thing in things for instance in _many(thing.get("hasCourseInstance"), by_id)}
    for thing in things:
        if _is(thing, "CourseInstance"):
            if id(thing) not in inside:
                yield _built({}, thing, file, line, by_id, builder)
            continue
        if _is_part(thing):
            continue
        instances = [each for each in _many(thing.get("hasCourseInstance"), by_id) if isinstance(each, dict)]
        for instance in instances or [{}]:
            yield _built(thing, instance, file, line, by_id, builder)


def _built(
    course: dict[str, Any],
    instance: dict[str, Any],
    file: str,
    line: int,
    by_id: Mapping[str, dict[str, Any]],
    builder: Builder,
) -> Found | Refusal:
    try:
        return Found(line, builder.build(_fields(course, instance, by_id)))
    except FieldError as error:
        name = _text(course.get("name")) or _text(instance.get("name")) or ""
        reason = f"{error.reason} (bij '{name[:60]}')" if name else error.reason
        return Refusal(file, line, _NAMES.get(error.field, error.field), reason)


def _collect(node: Any, things: list[dict[str, Any]], by_id: dict[str, dict[str, Any]], depth: int) -> None:
    """Every course and instance in a document, with the names of schema.org bare, and everything that has an id."""
    if depth > _DEPTH:
        raise RecursionError
    if isinstance(node, list):
        for item in node:
            _collect(item, things, by_id, depth + 1)
    elif isinstance(node, dict):
        for name in [name for name in node if _PREFIX.match(name)]:
            node.setdefault(_PREFIX.sub("", name), node[name])
        if isinstance(own := node.get("@id"), str) and len(node) > 1:
            by_id.setdefault(own, node)
        if any(_is(node, kind) for kind in _TYPES):
            things.append(node)
        for name, value in list(node.items()):
            if name == "hasPart" and _is(node, "Course"):
                for part in value if isinstance(value, list) else [value]:
                    if isinstance(part, dict):
                        part["lw:isPart"] = True
            if isinstance(value, dict | list):
                _collect(value, things, by_id, depth + 1)


def _is(node: Mapping[str, Any], kind: str) -> bool:
    types = node.get("@type")
    given = types if isinstance(types, list) else [types]
    return any(isinstance(each, str) and _PREFIX.sub("", each) == kind for each in given)


def _is_part(course: Mapping[str, Any]) -> bool:
    """Whether it is only named as a module of another course."""
    return course.get("lw:isPart") is True and not course.get("hasCourseInstance")


def _many(value: Any, by_id: Mapping[str, dict[str, Any]]) -> list[Any]:
    """A value as a list, references looked up."""
    given = value if isinstance(value, list) else [] if value is None else [value]
    return [by_id.get(each["@id"], each) if _is_reference(each) else each for each in given]


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"@id"} and isinstance(value["@id"], str)


def _one(value: Any, by_id: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The first object of a value; empty when there is none."""
    return next((each for each in _many(value, by_id) if isinstance(each, dict)), {})


def _text(value: Any) -> str | None:
    """A text, whatever shape it has: plain, with a language, a list (Dutch first), or an object with a name."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        dutch = [v for v in value if isinstance(v, dict) and str(v.get("@language", "")).lower().startswith("nl")]
        return next((text for each in (*dutch, *value) if (text := _text(each))), None)
    if isinstance(value, dict):
        return _text(value.get("@value", value.get("name", value.get("value"))))
    return None


def plain_text(markup: str | None) -> str | None:
    """A description without markup; lines where there were paragraphs."""
    if not markup or "<" not in markup:
        return markup
    text = re.sub(r"(?i)<\s*(?:br|/p|/li|/h\d|/div)[^>]*>", "\n", markup)
    try:
        return _inner(html.fromstring(f"<div>{text}</div>")).strip()
    except (etree.LxmlError, ValueError):
        return re.sub(r"<[^>]*>", " ", markup)


def _fields(course: dict[str, Any], instance: dict[str, Any], by_id: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    both = {**course, **{name: value for name, value in instance.items() if value not in (None, "", [])}}
    location = _one(instance.get("location") or course.get("location"), by_id)
    course_id = _identifier(course)
    start = _text(both.get("startDate"))
    place = _place(location, both, by_id)
    own = _identifier(instance) or "#".join(
        filter(None, (course_id, start, place.get("postcode") or place.get("place") if place else None))
    )
    mode = _mode(instance.get("courseMode") or instance.get("eventAttendanceMode") or course.get("courseMode"))
    if mode is None:
        mode = "online" if _is(location, "VirtualLocation") or (not location and _is(course, "OnlineCourse")) else ""
    provider = _one(both.get("provider") or both.get("organizer"), by_id)
    title = plain_text(_text(course.get("name")) or _text(instance.get("name")))
    description = plain_text(_text(both.get("description")))
    name = provider.get("name") if provider else both.get("provider")
    hours, unit = both.get("lw:hours"), both.get("lw:hoursUnit")
    return {
        "id": own,
        "title": title,
        "course": {"id": course_id, "title": _text(course.get("lw:courseTitle") or course.get("name"))}
        if course_id != own
        else None,
        "modules": [
            {"title": _text(part), "id": _text(part.get("courseCode")), "hours": _hours(part.get("timeRequired"))}
            for part in _many(course.get("hasPart"), by_id)
            if isinstance(part, dict)
        ],
        "subjects": [
            text for value in ("about", "teaches", "keywords") for each in _many(course.get(value), by_id)
            if (text := _text(each))
        ],
        "description": description if description != title else None,
        "provider": {
            "id": _text(provider.get("identifier")) or _text(provider.get("@id")),
            "name": _text(name),
            "kind": _text(provider.get("lw:kind")),
            "url": _text(provider.get("url")),
            "phone": _text(provider.get("telephone")),
            "email": (_text(provider.get("email")) or "").removeprefix("mailto:"),
        },
        "location": place,
        "delivery_mode": mode,
        "moments": _moments(both, by_id) or both.get("lw:parts"),
        "start": start,
        "end": _text(both.get("endDate")),
        "hours": hours if hours is not None else _hours(both.get("courseWorkload") or both.get("timeRequired")),
        "hours_unit": unit,
        "price": both.get("lw:price") or _price(both, by_id),
        "material_cost": both.get("lw:materialCost"),
        "language_level": both.get("lw:languageLevel"),
        "entry_conditions": plain_text(_text(course.get("coursePrerequisites"))),
        "certificate": _text(course.get("educationalCredentialAwarded")),
        "recognised_for": both.get("lw:recognisedFor"),
        "shortage": bool(both.get("lw:shortageOccupation")),
        "places_left": both.get("remainingAttendeeCapacity"),
        "example": bool(both.get("lw:example")),
        "url": both.get("lw:page") or _text(instance.get("url")) or _text(course.get("url")),
    }  # fmt: skip


def _identifier(node: Mapping[str, Any]) -> str | None:
    for name in ("identifier", "@id", "courseCode", "url"):
        if text := _text(node.get(name)):
            return text
    return None


def _mode(value: Any) -> str | None:
    given = [_text(each) or "" for each in (value if isinstance(value, list) else [value])]
    modes = {mode for each in given if (mode := _MODES.get(_PREFIX.sub("", each).strip().lower()))}
    return None if not modes else modes.pop() if len(modes) == 1 else "blended"


def _place(location: dict[str, Any], both: Mapping[str, Any], by_id: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    if _is(location, "VirtualLocation"):
        return {}
    if not location:
        text = _text(both.get("location"))
        return {"place": text} if text else {}
    address = _one(location.get("address"), by_id)
    geo = _one(location.get("geo"), by_id)
    return {
        "id": _text(location.get("identifier")) or _text(location.get("@id")),
        "name": _text(location.get("name")),
        "street": _text(address.get("streetAddress")),
        "postcode": _text(address.get("postalCode")),
        "place": _text(address.get("addressLocality")) or (None if address else _text(location.get("address"))),
        "latitude": geo.get("latitude"),
        "longitude": geo.get("longitude"),
    }


def _moments(both: Mapping[str, Any], by_id: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        _moment({**schedule, "byDay": day})
        for schedule in _many(both.get("courseSchedule"), by_id)
        if isinstance(schedule, dict) and schedule.get("startTime") and schedule.get("endTime")
        for day in _many(schedule.get("byDay"), by_id)
    ]


def _moment(schedule: Mapping[str, Any]) -> dict[str, Any]:
    day = _PREFIX.sub("", _text(schedule.get("byDay")) or "").lower()
    times = {name: (_text(schedule.get(name)) or "")[:5].strip("T") for name in ("startTime", "endTime")}
    return {"weekday": _SHORT_DAYS.get(day, day), "start": times["startTime"], "end": times["endTime"]}


def _hours(value: Any) -> int | None:
    """Whole hours of an ISO 8601 duration; none for any other text."""
    found = _DURATION.fullmatch(_text(value) or "")
    if not found or not any(found.groups()):
        return None
    days, hours, minutes = (int(each or 0) for each in found.groups())
    return days * 24 + hours + (1 if minutes else 0) or None


def _price(both: Mapping[str, Any], by_id: Mapping[str, dict[str, Any]]) -> str:
    for offer in _many(both.get("offers"), by_id):
        if not isinstance(offer, dict):
            continue
        specification = _one(offer.get("priceSpecification"), by_id)
        amount = offer.get("price", specification.get("price"))
        currency = _text(offer.get("priceCurrency", specification.get("priceCurrency"))) or "EUR"
        if amount not in (None, ""):
            if currency.upper() not in ("EUR", "€"):
                raise FieldError("price", f"is in {currency[:10]} en niet in euro")
            return _text(amount) or ""
        if (_text(offer.get("category")) or "").lower() == "free":
            return "gratis"
    return "gratis" if both.get("isAccessibleForFree") is True else "vraag"
