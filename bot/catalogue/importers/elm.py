"""European Learning Model: learning opportunities (LOQ) as XML, validated against the schema of the European Commission.

XML from outside is read without entities, without a document type and without network. What does not fit the schema
refuses the opportunity it stands in; what others refer to (organisations, locations) is looked up in the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Final

from lxml import etree

from bot.catalogue.importers.builder import Builder
from bot.catalogue.importers.feed import Feed, FeedError, Found, Refusal
from bot.catalogue.importers.json_ld import plain_text
from bot.catalogue.importers.values import FieldError
from bot.settings import ROOT

NAMESPACE: Final = "http://data.europa.eu/snb/model/ap/loq-constraints/"
SCHEMA: Final = ROOT / "data" / "catalogue" / "elm" / "loq.xsd"
_LOQ: Final = f"{{{NAMESPACE}}}"
_CLV: Final = "{http://data.europa.eu/m8g/}"
_MODES: Final = {
    "http://data.europa.eu/snb/learning-assessment/920fbb3cbe": "online",
    "http://data.europa.eu/snb/learning-assessment/e92d221e4d": "blended",
    "http://data.europa.eu/snb/learning-assessment/9191af2ed9": "classroom",
}
_NAMES: Final = {
    "title": "title", "start": "temporal/startDate", "end": "temporal/endDate", "price": "priceDetail",
    "hours": "duration", "location.place": "location", "location.postcode": "location", "provider.name": "providedBy",
    "url": "homepage", "certificate": "learningAchievementSpecification", "id": "id",
}  # fmt: skip
_POSTCODE = re.compile(r"(?<!\d)(?:B-?)?(\d{4})(?!\d)")
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?)?")
_MOST_REASONS: Final = 3
"""How many faults of one opportunity are named."""


class ElmImporter:
    """Reads LOQ XML."""

    name: ClassVar = "elm"

    def recognises(self, head: bytes) -> bool:
        """Whether it is XML in the namespace of LOQ."""
        bare = head.replace(b"\0", b"")  # UTF-16
        return b"<" in bare[:200] and NAMESPACE.encode() in bare and b"Courses" in bare

    def read(self, feed: Feed, builder: Builder) -> Iterator[Found | Refusal]:
        """An offering or a refusal for each opportunity. Raises `FeedError` for what is no XML, or may do harm."""
        root = parse_xml(feed.whole())
        if root.tag != f"{_LOQ}Courses":
            raise FeedError(
                f"begint met <{etree.QName(root).localname}> en niet met <Courses> van het European Learning Model"
            )
        by_id = {
            element.get("id"): element for element in root.iter() if isinstance(element.tag, str) and element.get("id")
        }
        opportunities = root.findall(f"{_LOQ}learningOpportunityReferences/{_LOQ}learningOpportunity")
        if not opportunities:
            raise FeedError("bevat geen <learningOpportunity>")
        faults = _faults(root)
        for wrong in faults.values():
            yield from (Refusal(feed.name, line, field, reason) for line, field, reason in wrong[:_MOST_REASONS])
        for opportunity in opportunities:
            if opportunity in faults:
                continue
            try:
                yield Found(_line(opportunity), builder.build(_fields(opportunity, by_id)))
            except FieldError as error:
                reason = f"{error.reason} (bij '{(_text(opportunity, 'title') or '')[:60]}')"
                yield Refusal(feed.name, _line(opportunity), _NAMES.get(error.field, error.field), reason)


def parse_xml(content: bytes) -> etree._Element:
    """An XML document that refers to nothing outside itself. Raises `FeedError`.

    A document type is refused outright: it is where entities are declared, and no feed needs one.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        # Events, so that a document type is seen before what it declares is used.
        for _, element in etree.iterparse(
            BytesIO(content),
            events=("start",),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        ):
            if element.getroottree().docinfo.doctype:
                raise FeedError("heeft een DOCTYPE; dat aanvaarden we niet")
            break
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise FeedError(f"is geen geldige XML of is afgebroken: {error.msg}") from None
    except ValueError as error:
        raise FeedError(f"is geen geldige XML: {error}") from None


@lru_cache(maxsize=1)
def _schema(path: Path = SCHEMA) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True, resolve_entities=False)))


def _faults(root: etree._Element) -> dict[etree._Element, list[tuple[int, str, str]]]:
    """For each record that does not fit the schema: line, element and reason of what is wrong in it."""
    schema = _schema()
    if schema.validate(root):
        return {}
    faults: dict[etree._Element, list[tuple[int, str, str]]] = {}
    tree = root.getroottree()
    entries: Any = schema.error_log
    for entry in entries:
        at = tree.xpath(entry.path) if entry.path else [root]
        element = at[0] if isinstance(at, list) and at and isinstance(at[0], etree._Element) else root
        record = element
        # A record stands two below the root: <Courses>, a list of references, the record.
        while (parent := record.getparent()) is not None and parent.getparent() not in (None, root):
            record = parent
        name = etree.QName(element).localname
        faults.setdefault(record, []).append((entry.line, name, f"past niet in het schema: {_plain(entry.message)}"))
    return faults


def _plain(message: str) -> str:
    """What the validator says, without the long names of namespaces."""
    return re.sub(r"\{[^}]*\}", "", message)[:300]


def _line(element: etree._Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0


def _fields(opportunity: etree._Element, by_id: dict[Any, etree._Element]) -> dict[str, Any]:
    organisation = _referred(opportunity, "providedBy", by_id)
    locations = [by_id.get(each.get("idref")) for each in opportunity.findall(f"{_LOQ}location")]
    modes = [_MODES[uri] for each in opportunity.findall(f"{_LOQ}mode") if (uri := each.get("uri")) in _MODES]
    mode = "" if not modes else modes[0] if len(set(modes)) == 1 else "blended"
    achievement = _referred(opportunity, "learningAchievementSpecification", by_id)
    parts = [by_id.get(each.get("idref")) for each in opportunity.findall(f"{_LOQ}hasPart")]
    return {
        "id": opportunity.get("id"),
        "title": plain_text(_text(opportunity, "title")),
        "description": plain_text(_text(opportunity, "description")),
        "modules": [{"title": title} for part in parts if part is not None and (title := _text(part, "title"))],
        "provider": {
            "id": organisation.get("id") if organisation is not None else None,
            "name": _text(organisation, "legalName"),
            "url": _url(organisation, "homepage"),
            "email": (_path(organisation, "contactPoint", "emailAddress", "contactUri") or "").removeprefix("mailto:"),
            "phone": _path(organisation, "contactPoint", "phone", "phoneNumber"),
        },
        "location": _location(locations, mode),
        "delivery_mode": mode,
        "start": _path(opportunity, "temporal", "startDate"),
        "end": _path(opportunity, "temporal", "endDate"),
        "hours": _hours(_text(opportunity, "duration")),
        "price": _price(opportunity),
        "entry_conditions": plain_text(_path(achievement, "entryRequirement", "noteLiteral")),
        "certificate": _text(achievement, "title"),
        "url": _url(opportunity, "homepage"),
    }


def _location(locations: list[etree._Element | None], mode: str) -> dict[str, Any]:
    known = [location for location in locations if location is not None]
    if not known:
        return {}
    location = known[0]
    address = location.find(f"{_LOQ}address")
    full = _path(address, "fullAddress", "noteLiteral") if address is not None else None
    name = _text(location, "geographicName")
    postcode = _POSTCODE.search(full or "")
    if not postcode and not name and mode == "online":
        return {}
    geometry = location.find("{http://www.w3.org/ns/locn#}geometry")
    return {
        "id": location.get("id"),
        "name": name,
        "street": (full or "").split(",")[0] if postcode else None,
        "postcode": postcode[1] if postcode else None,
        "place": None if postcode else name or full,
        "latitude": geometry.findtext(f"{_CLV}latitude") if geometry is not None else None,
        "longitude": geometry.findtext(f"{_CLV}longitude") if geometry is not None else None,
    }


def _price(opportunity: etree._Element) -> str:
    """The first amount; what is not in euro is a fault, and no amount is a price to ask."""
    for detail in opportunity.findall(f"{_LOQ}priceDetail"):
        amount = detail.find(f"{_LOQ}amount")
        if amount is None:
            continue
        unit = amount.find(f"{_LOQ}unit")
        currency = (unit.get("uri") or "").rsplit("/", 1)[-1] if unit is not None else ""
        if currency != "EUR":
            raise FieldError("price", f"is in {currency[:10] or 'een onbekende munt'} en niet in euro")
        return _text(amount, "value") or "vraag"
    return "vraag"


def _hours(duration: str | None) -> int | None:
    """Hours of a duration that is given in hours alone: P1M is how long it runs, not how long one is taught."""
    found = _DURATION.fullmatch(duration or "")
    if not found or any(found.groups()[:4]) or not any(found.groups()[4:]):
        return None
    hours, minutes = (int(each or 0) for each in found.groups()[4:])
    return hours + (1 if minutes else 0) or None


def _text(parent: etree._Element | None, name: str) -> str | None:
    """The text of a child, in Dutch where there is a choice."""
    if parent is None:
        return None
    found = [child for child in parent.findall(f"{_LOQ}{name}") if (child.text or "").strip()]
    dutch = [child for child in found if (child.get("language") or "").lower().startswith("nl")]
    return next((child.text for child in (*dutch, *found)), None)


def _path(parent: etree._Element | None, *names: str) -> str | None:
    """The text at the end of a path of children."""
    *way, last = names
    for name in way:
        parent = parent.find(f"{_LOQ}{name}") if parent is not None else None
    return _text(parent, last)


def _url(parent: etree._Element | None, name: str) -> str | None:
    return _path(parent, name, "contentUrl")


def _referred(parent: etree._Element, name: str, by_id: dict[Any, etree._Element]) -> etree._Element | None:
    child = parent.find(f"{_LOQ}{name}")
    return by_id.get(child.get("idref")) if child is not None else None
