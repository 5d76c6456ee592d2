"""European Learning Model: learning opportunities (LOQ) as XML, validated against the schema of the European Commission.

XML from outside is read without entities, without a document type and without network. What does not fit the schema
refuses the opportunity it stands in; what others refer to (organisations, locations) is looked up in the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy as copy
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final

from lxml import etree

from bot.catalogue.importers.aside import Aside
from bot.catalogue.importers.builder import Builder
from bot.catalogue.importers.feed import Feed, FeedError, Found, Refusal
from bot.catalogue.importers.schema_org import plain_text
from bot.catalogue.importers.values import FieldError, shown
from bot.settings import ROOT

NAMESPACE: Final = "http://data.europa.eu/snb/model/ap/loq-constraints/"
SCHEMA: Final = ROOT / "data" / "catalogue" / "elm" / "loq.xsd"
_LOQ: Final = f"{{{NAMESPACE}}}"
_OPPORTUNITY: Final = f"{_LOQ}learningOpportunity"
_NEEDED: Final = frozenset(
    f"{_LOQ}{name}"
    for name in ("organisation", "agent", "person", "location", "learningAchievementSpecification", "qualification")
)
"""Records of which an opportunity needs more than that they are there."""
_NOTATION: Final = "{http://www.w3.org/2004/02/skos/core#}notation"
_ELEMENT: Final = re.compile(r"Element '([^']+)'")
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
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
        """An offering or a refusal for each opportunity. Raises `FeedError` for what is no XML, or may do harm.

        Gone through twice, a record at a time: first to put aside what others refer to, then to read and check.
        """
        any_opportunity = False
        with closing(_Records()) as records:
            for _, record in _records(feed):
                records.keep(record)
            for section, record in _records(feed):
                opportunity = record.tag == _OPPORTUNITY
                any_opportunity |= opportunity
                if wrong := _faults(section, record) or records.faults(record):
                    yield from (Refusal(feed.name, *fault) for fault in wrong[:_MOST_REASONS])
                elif opportunity:
                    yield _built(record, feed.name, builder, records)
        if not any_opportunity:
            raise FeedError("bevat geen <learningOpportunity>")


def _built(opportunity: etree._Element, file: str, builder: Builder, records: _Records) -> Found | Refusal:
    try:
        return Found(_line(opportunity), builder.build(_fields(opportunity, records)))
    except FieldError as error:
        reason = f"{error.reason} (bij '{(_text(opportunity, 'title') or '')[:60]}')"
        return Refusal(file, _line(opportunity), _NAMES.get(error.field, error.field), reason)


def _records(feed: Feed) -> Iterator[tuple[etree._Element, etree._Element]]:
    """Each record with the section it stands in, alone in memory. Raises `FeedError`.

    A document type is refused outright: it is where entities are declared, and no feed needs one.
    """
    depth = 0
    with feed.open() as stream:
        try:
            events = etree.iterparse(
                stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
                remove_comments=True, remove_pis=True,
            )  # fmt: skip
            for event, element in events:
                if event == "start":
                    depth += 1
                    if depth == 1:
                        _check_root(element)
                    continue
                depth -= 1
                # A record stands two below the root: <Courses>, a list of references, the record.
                if depth == 2 and (section := element.getparent()) is not None:
                    yield section, element
                    element.clear()
                    while element.getprevious() is not None:
                        del section[0]
        except etree.XMLSyntaxError as error:
            raise FeedError(f"is geen geldige XML of is afgebroken: {error.msg}") from None
        except ValueError as error:
            raise FeedError(f"is geen geldige XML: {error}") from None


def _check_root(root: Any) -> None:
    if root.getroottree().docinfo.doctype:
        raise FeedError("heeft een DOCTYPE; dat aanvaarden we niet")
    if root.tag != f"{_LOQ}Courses":
        raise FeedError(
            f"begint met <{etree.QName(root).localname}> en niet met <Courses> van het European Learning Model"
        )


@lru_cache(maxsize=1)
def _schema(path: Path = SCHEMA) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(path), _PARSER))


def _faults(section: etree._Element, record: etree._Element) -> list[tuple[int, str, str]]:
    """Line, element and reason of what in a record does not fit the schema."""
    # A section by itself is valid too. Beside the record may stand the half of the next one, hence a copy.
    alone = _like(section)
    alone.append(copy(record))
    schema = _schema()
    if schema.validate(alone):
        return []
    entries: Any = schema.error_log
    return [
        (entry.line or _line(record), found[1] if (found := _ELEMENT.search(text := _plain(entry.message))) else "",
         f"past niet in het schema: {text}")
        for entry in entries
    ]  # fmt: skip


def _like(element: Any) -> etree._Element:
    """An element of the same name, with nothing in it."""
    made: etree._Element = etree.Element(element.tag, nsmap=element.nsmap)
    return made


def _plain(message: str) -> str:
    """What the validator says, without the long names of namespaces."""
    return re.sub(r"\{[^}]*\}", "", message)[:300]


class _Records:
    """What records refer to, on disk. Checks what the schema asks of a document as a whole."""

    def __init__(self) -> None:
        self._aside = Aside()
        self.get = lru_cache(maxsize=4096)(self._get)

    def keep(self, record: etree._Element) -> None:
        """Puts aside what of a record another may need; of an opportunity that is its title."""
        if not (id_ := record.get("id")):
            return
        if record.tag == _OPPORTUNITY:
            kept = _like(record)
            kept.extend(copy(title) for title in record.findall(f"{_LOQ}title"))
            self._aside.keep(id_, etree.tostring(kept))
        else:
            self._aside.keep(id_, etree.tostring(record, with_tail=False) if record.tag in _NEEDED else b"")

    def faults(self, record: etree._Element) -> list[tuple[int, str, str]]:
        """References to what is not there, and numbers that another record has already."""
        wrong = []
        # Of all that refers, the schema lets only a publisher stand outside the document.
        for element in record.iter(etree.Element):
            name = etree.QName(element).localname
            if name != "publisher" and (id_ := element.get("idref")) and self._aside.get(id_) is None:
                wrong.append((_line(element), name, f"verwijst naar {shown(id_)}, dat er niet in staat"))
            if element.tag == f"{_LOQ}identifier":
                notation = element.findtext(_NOTATION)
                if notation is not None and not self._aside.want(notation, "notation"):
                    wrong.append((_line(element), name, f"het nummer {shown(notation)} staat er al in"))
        return wrong

    def _get(self, id_: str | None, /) -> etree._Element | None:
        content = self._aside.get(id_) if id_ else None
        return etree.fromstring(content, _PARSER) if content else None

    def close(self) -> None:
        """Throws it away."""
        self._aside.close()


def _line(element: etree._Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0


def _fields(opportunity: etree._Element, records: _Records) -> dict[str, Any]:
    organisation = _referred(opportunity, "providedBy", records)
    locations = [records.get(each.get("idref")) for each in opportunity.findall(f"{_LOQ}location")]
    modes = [_MODES[uri] for each in opportunity.findall(f"{_LOQ}mode") if (uri := each.get("uri")) in _MODES]
    mode = "" if not modes else modes[0] if len(set(modes)) == 1 else "blended"
    achievement = _referred(opportunity, "learningAchievementSpecification", records)
    parts = [records.get(each.get("idref")) for each in opportunity.findall(f"{_LOQ}hasPart")]
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


def _referred(parent: etree._Element, name: str, records: _Records) -> etree._Element | None:
    child = parent.find(f"{_LOQ}{name}")
    return records.get(child.get("idref")) if child is not None else None
