"""Who can help whom: the directory of organisations, the routing by need, place and situation, and the helplines.

Neutral: what is offered follows from the data alone (`rank`, `only_for`, `first_for`, where an organisation works), and
every suggestion carries its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.conversation.message import Card, Fact, Source
from bot.knowledge.datafile import DataError, parse, read_entries, read_mapping, unique
from bot.knowledge.figures import Certainty, Identifier, Line, WebAddress
from bot.places import Gazetteer, Place, PlaceKind
from bot.referral.organisations import Organisation, Region, Service, SourceNote, Where

_WORD = r"[\w-]+"
_ORGANISATIONS = "organisations.yml"
_HELPLINES = "helplines.yml"


@dataclass(frozen=True)
class Suggestion:
    """An organisation that may help, and why it is suggested, in Dutch."""

    organisation: Organisation
    reason: str


def where_is(place: Place | None) -> Where:
    """What a place says about where someone lives; nothing when there is none."""
    if place is None:
        return Where()
    return Where(
        region=place.region,
        province=place.province,
        municipality=place.municipality,
        postcode=place.name if place.kind is PlaceKind.POSTCODE else "",
    )


class Directory:
    """Every organisation, by id, by name and by need."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self._by_id = {organisation.id: organisation for organisation in organisations}
        self._by_name: dict[str, list[Organisation]] = {}
        for organisation in self._by_id.values():
            for name in {organisation.name.casefold(), *(alias.casefold() for alias in organisation.aliases)}:
                self._by_name.setdefault(name, []).append(organisation)

    def __iter__(self) -> Iterator[Organisation]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, identifier: str) -> Organisation | None:
        """The organisation with that id."""
        return self._by_id.get(identifier)

    def named(self, name: str, place: Place | None = None) -> list[Organisation]:
        """The organisations with that name or alias that serve the place, the nearest first; all without a place.

        "Leerwinkel" names several: the place says which.
        """
        found = self._by_name.get(name.strip().casefold(), [])
        where = where_is(place)
        if not where.known:
            return list(found)
        near = [(degree, one) for one in found if (degree := one.area.nearness(where)) is not None]
        return [one for _, one in sorted(near, key=lambda pair: (-pair[0], pair[1].id))]

    def mentioned(self, text: str, place: Place | None = None) -> list[Organisation]:
        """As `named`, of the longest name or alias that stands in a text as words of their own."""
        said = f" {' '.join(re.findall(_WORD, text.casefold()))} "
        inside = [name for name in self._by_name if f" {' '.join(re.findall(_WORD, name))} " in said]
        return self.named(max(inside, key=len), place) if inside else []

    def route(
        self,
        need: Service,
        *,
        region: str = "",
        province: str = "",
        municipality: str = "",
        postcode: str = "",
        employment_status: str = "",
    ) -> list[Suggestion]:
        """Who can help with a need, best first; empty when nobody is known. What is not known stays empty.

        Names as in `data/places` (region "Vlaanderen" or "Brussel"); the status as the assistant's entity.
        """
        where = Where(region=region, province=province, municipality=municipality, postcode=postcode)
        ranked = []
        for organisation in self._by_id.values():
            offer = organisation.services.get(need)
            nearness = organisation.area.nearness(where)
            if offer is None or nearness is None:
                continue
            if offer.only_for and employment_status and employment_status not in offer.only_for:
                continue
            first = bool(employment_status) and employment_status in offer.first_for
            # What is for some only, or for one small region, comes after the rest while it is not known to fit.
            doubtful = bool(offer.only_for) and not employment_status
            elsewhere = not where.known and organisation.area.regions == (Region.BRUSSELS,)
            reason = " ".join(part for part in (offer.why, organisation.area.describe(where)) if part)
            order = (not organisation.demo, not first, elsewhere, doubtful, offer.rank, -nearness, organisation.id)
            ranked.append((order, Suggestion(organisation, reason)))
        return [suggestion for _, suggestion in sorted(ranked, key=lambda pair: pair[0])]

    def route_from(self, need: Service, place: Place | None, employment_status: str = "") -> list[Suggestion]:
        """As `route`, from a place of the gazetteer, None when it is unknown."""
        where = where_is(place)
        return self.route(
            need,
            region=where.region,
            province=where.province,
            municipality=where.municipality,
            postcode=where.postcode,
            employment_status=employment_status,
        )

    def card(self, organisation: Organisation, reason: str = "") -> Card:
        """An organisation as a card: what it does, how to reach it, what is known of hours and cost."""
        contact = organisation.contact
        via = self._by_id.get(contact.via) if contact.via else None
        lines = (
            ("Telefoon", organisation.phone),
            ("Via", f"{via.name}{f', {via.phone}' if via.phone else ''}" if via else None),
            ("Adres", contact.address),
            ("Website", contact.url.split("://")[1].split("/")[0].removeprefix("www.") if contact.url else None),
            ("Open", organisation.hours_text()),
            ("Afspraak", organisation.access),
            ("Prijs", organisation.cost),
            ("Taal", ", ".join(organisation.languages)),
        )
        facts = [Fact(label=label, value=value) for label, value in lines if value]
        if via is None and not any((contact.phone, contact.address, contact.url)):
            facts.insert(0, Fact(label="Contact", value="ken ik niet"))
        uncertain = Certainty.LIKELY in (organisation.certainty, organisation.contact_certainty)
        return Card(
            title=organisation.name,
            subtitle=reason or organisation.does,
            facts=tuple(facts),
            notice="Niet helemaal zeker: kijk dit na voor je gaat." if uncertain else "",
            url=contact.url,
        )


def load_directory(directory: Path, places: Gazetteer, *, more: Iterable[Organisation] = ()) -> Directory:
    """The organisations of `data/referral`, their places checked against the gazetteer, and some `more`.

    Raises `DataError` naming file, entry and field.
    """
    organisations = read_entries(directory / _ORGANISATIONS, "organisations", Organisation)
    known = {organisation.id for organisation in organisations}
    for organisation in organisations:
        via = organisation.contact.via
        if via and (via not in known or via == organisation.id):
            raise DataError(_ORGANISATIONS, f"unknown organisation '{via}'", entry=organisation.id, field="contact.via")
        fallback = organisation.fallback
        if fallback and (fallback not in known or fallback == organisation.id):
            raise DataError(
                _ORGANISATIONS, f"unknown organisation '{fallback}'", entry=organisation.id, field="fallback"
            )
        area = organisation.area
        for field, names, kind in (
            ("municipalities", area.municipalities, PlaceKind.MUNICIPALITY),
            ("except_municipalities", area.except_municipalities, PlaceKind.MUNICIPALITY),
            ("postcodes", area.postcodes, PlaceKind.POSTCODE),
        ):
            for name in names:
                place = places.resolve(name).place
                if place is None or place.kind is not kind or name not in (place.name, place.municipality):
                    message = f"'{name}' is no {kind.value} of data/places"
                    raise DataError(_ORGANISATIONS, message, entry=organisation.id, field=f"area.{field}")
    return Directory([*organisations, *more])


class Helpline(BaseModel):
    """Someone to turn to in need."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    name: Line
    phone: Annotated[str, StringConstraints(pattern=r"^\d{3,4}$")] | None = None
    when: Line
    url: WebAddress | None = None


class Helplines(BaseModel):
    """The helplines, in the order in which they are told, with the words around them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intro: Line
    closing: Line
    nearby: Line
    again: tuple[Line, ...] = Field(min_length=1)
    helplines: tuple[Helpline, ...] = Field(min_length=1)
    source: SourceNote
    checked: date
    check_again: date

    def text(self) -> str:
        """Warm words and the numbers, as one message."""
        lines = [
            f"• {line.name}: bel **{line.phone}** {line.when}" if line.phone else f"• {line.name}: {line.when}"
            for line in self.helplines
        ]
        return "\n".join([self.intro, *lines, self.closing])

    def text_again(self, times: int) -> str:
        """In fewer and other words, for somebody who was given the whole a moment ago and was answered so `times` times."""
        numbers = [f"**{line.phone}** {line.when}" for line in self.helplines if line.phone]
        said = ", ".join(numbers[:-1]) + f" of {numbers[-1]}"
        return self.again[(times - 1) % len(self.again)].replace("{numbers}", said)

    def near(self, municipality: str = "") -> str:
        """Who helps in a municipality, for somebody who says where they are."""
        return self.nearby.replace("{place}", municipality or "je gemeente")

    def cards(self) -> tuple[Card, ...]:
        """A card for each helpline with a website, to click on. Every number stands in the text too."""
        return tuple(
            Card(
                title=line.name,
                subtitle=line.when[:1].upper() + line.when[1:],
                facts=(Fact(label="Telefoon", value=line.phone),) if line.phone else (),
                url=line.url,
            )
            for line in self.helplines
            if line.url
        )

    def sources(self) -> tuple[Source, ...]:
        """Where the numbers come from, and when they were last checked."""
        return (Source(title=self.source.title, url=self.source.url, checked=self.checked.isoformat()),)


def load_helplines(directory: Path) -> Helplines:
    """The helplines of `data/referral`. Raises `DataError` naming file, entry and field."""
    helplines = parse(Helplines, {**read_mapping(directory / _HELPLINES)}, file=_HELPLINES, position=1)
    unique((line.id for line in helplines.helplines), file=_HELPLINES)
    return helplines
