"""What the catalogue holds: offerings of providers at locations.

Names are English; each docstring gives the Flemish term, as the XML schemas of the Flemish adult education services
(Opleiding, Module, Uitvoering, Verstrekker, Vestiging) use it. An offering is one run (uitvoering) of a course or of
modules of it, flattened: everything a citizen needs to choose stands in it. A course that starts on three dates is three
offerings with the same `course`.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

EVENING_FROM = time(17, 0)
"""A lesson that begins at or after this hour on a weekday is an evening lesson."""


class ProviderKind(StrEnum):
    """Soort verstrekker."""

    CVO = "cvo"
    """Centrum voor volwassenenonderwijs."""
    LIGO = "ligo"
    """Centrum voor basiseducatie."""
    VDAB = "vdab"
    SYNTRA = "syntra"
    HIGHER_EDUCATION = "higher_education"
    """Hogeschool of universiteit."""
    SECTOR = "sector"
    """Sectorfonds of sectorale verstrekker."""
    OTHER = "other"


class DeliveryMode(StrEnum):
    """Leervorm: contactonderwijs, afstandsonderwijs, gecombineerd onderwijs. Values as the entity `delivery_mode`."""

    CLASSROOM = "classroom"
    ONLINE = "online"
    BLENDED = "blended"


class Part(StrEnum):
    """Lesmoment, in the rough. Values as the entity `schedule`."""

    DAY = "day"
    EVENING = "evening"
    WEEKEND = "weekend"


class Weekday(StrEnum):
    """Lesdag."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """0 for Monday, as `date.weekday()`."""
        return list(Weekday).index(self)


class Incentive(StrEnum):
    """Stimulus waarvoor een opleiding erkend is. Values as the entity `incentive`."""

    TRAINING_LEAVE = "training_leave"
    """Vlaams opleidingsverlof."""
    TRAINING_VOUCHERS = "training_vouchers"
    """Opleidingscheques."""
    TRAINING_CREDIT = "training_credit"
    """Vlaams opleidingskrediet."""


class LanguageLevel(StrEnum):
    """Taalniveau Nederlands (ERK)."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Provider(_Value):
    """Verstrekker: who organises the course."""

    id: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=200)
    kind: ProviderKind
    """Soort verstrekker."""
    url: str | None = None
    phone: str | None = None
    email: str | None = None
    example: bool = False
    """An invented provider (voorbeeld)."""


class Location(_Value):
    """Vestiging: where the lessons are."""

    id: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1)
    street: str = ""
    postcode: str = ""
    place_id: str
    """Id of the place in the gazetteer (gemeente of deelgemeente)."""
    municipality_id: str
    """REFNIS number (NIS-code) of the municipality."""
    place: str
    """Name of the place as shown: "Gent", "Heule (Kortrijk)"."""
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Course(_Value):
    """Opleiding: what several offerings are a run of. The same id means the same course, with every provider."""

    id: str = Field(min_length=1, max_length=150)
    title: str = Field(min_length=2, max_length=300)


class Module(_Value):
    """Module: a part of a course with a result of its own."""

    id: str = Field(default="", max_length=100)
    """Modulecode, where there is one."""
    title: str = Field(min_length=1, max_length=300)
    hours: int | None = Field(default=None, gt=0)
    """Lestijden."""


class Moment(_Value):
    """Les: one lesson in the week."""

    weekday: Weekday
    start: time
    end: time

    @model_validator(mode="after")
    def _ends_later(self) -> Moment:
        if self.end <= self.start:
            raise ValueError("end must be later than start")
        return self

    @property
    def part(self) -> Part:
        """Whether it counts as day, evening or weekend."""
        if self.weekday in (Weekday.SATURDAY, Weekday.SUNDAY):
            return Part.WEEKEND
        return Part.EVENING if self.start >= EVENING_FROM else Part.DAY


class Schedule(_Value):
    """Lesrooster. Where the hours are unknown, `parts` alone may say evening, day or weekend."""

    moments: tuple[Moment, ...] = ()
    parts: tuple[Part, ...] = ()
    """Lesmomenten; follows from `moments` when those are known."""

    @model_validator(mode="before")
    @classmethod
    def _parts_follow(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("moments") and not data.get("parts"):
            found = {Moment.model_validate(moment).part for moment in data["moments"]}
            return {**data, "parts": tuple(part for part in Part if part in found)}
        return data


class TariffPrice(_Value):
    """Inschrijvingsgeld per lestijd, at a legal tariff. The amount stands in the knowledge base, never here."""

    kind: Literal["tariff"] = "tariff"
    figure: str = Field(min_length=1)
    """Id of the figure, like cvo-standaard-2025."""


class FixedPrice(_Value):
    """Cursusgeld: a price the provider sets for the whole course, in euro."""

    kind: Literal["fixed"] = "fixed"
    amount: Decimal = Field(ge=0, decimal_places=2)


class FreePrice(_Value):
    """Gratis, by a rule of the knowledge base, for those it names."""

    kind: Literal["free"] = "free"
    figure: str | None = None
    """Id of the figure that says so, like vdab-erkend-gratis."""
    audience: Literal["everyone", "most", "job_seekers"] = "everyone"


class AskPrice(_Value):
    """The price is not in the catalogue: ask the provider (na te vragen)."""

    kind: Literal["ask"] = "ask"
    figure: str | None = None
    """Id of the figure that would hold it, like studiegeld-ho."""


PriceBasis = Annotated[TariffPrice | FixedPrice | FreePrice | AskPrice, Field(discriminator="kind")]


class Offering(_Value):
    """Uitvoering van een opleiding of module: one course that somebody can enrol in."""

    id: str = Field(min_length=1, max_length=150)
    """Unique over all sources."""
    source: str = Field(min_length=1, max_length=50)
    """Bron: the feed it came from; `example` for the example catalogue."""
    title: str = Field(min_length=2, max_length=300)
    """Naam van de opleiding of module."""
    course: Course | None = None
    """Opleiding waarvan dit een uitvoering is; none when nothing else is a run of the same."""
    modules: tuple[Module, ...] = Field(default=(), max_length=200)
    """Modules die je volgt, in volgorde."""
    subjects: tuple[str, ...] = ()
    """Onderwerpen: ids of data/catalogue/subjects.yml."""
    description: str = ""
    """Omschrijving."""
    provider: Provider
    location: Location | None = None
    """Vestiging; none when everything is online."""
    delivery_mode: DeliveryMode = DeliveryMode.CLASSROOM
    """Leervorm."""
    schedule: Schedule = Schedule()
    """Lesrooster."""
    start: date | None = None
    """Startdatum; none when one can start at any time."""
    end: date | None = None
    """Einddatum."""
    hours: int | None = Field(default=None, gt=0)
    """Aantal lestijden, uren of studiepunten: see `hours_unit`."""
    hours_unit: Literal["lestijd", "uur", "studiepunt"] = "uur"
    price: PriceBasis
    """Prijs."""
    material_cost: Decimal | None = Field(default=None, ge=0)
    """Cursusmateriaal, estimated, in euro; none when unknown."""
    language_level: LanguageLevel | None = None
    """Niveau Nederlands dat nodig is; none when no Dutch is asked."""
    entry_conditions: str = ""
    """Toelatingsvoorwaarden."""
    certificate: str = ""
    """Studiebewijs."""
    recognised_for: tuple[Incentive, ...] = ()
    """Erkend voor: incentives that the training databank grants it."""
    shortage: bool = False
    """Leidt naar een knelpuntberoep."""
    places_left: int | None = Field(default=None, ge=0)
    """Vrije plaatsen; none when the provider does not say."""
    example: bool = False
    """Voorbeeldaanbod: invented, must be marked so wherever it is shown."""
    url: str | None = None

    @property
    def page_key(self) -> str:
        """What the address of its page ends on: ten letters and digits that follow from the id, for good."""
        return base64.b32encode(hashlib.blake2b(self.id.encode(), digest_size=7).digest()).decode().lower()[:10]

    @property
    def slug(self) -> str:
        """The last part of the address of its page: title and place, readable, and the key that finds it."""
        words = "".join(c if c.isalnum() and c.isascii() else "-" for c in _plain(f"{self.title} {self.place_name}"))
        return "-".join((*(part for part in words[:80].split("-") if part), self.page_key))

    @property
    def municipality_id(self) -> str:
        """REFNIS number (NIS-code) of the municipality of the lessons; empty when everything is online."""
        return self.location.municipality_id if self.location else ""

    @property
    def place_name(self) -> str:
        """Where the lessons are, as shown: "Gent", "Heule (Kortrijk)"; "online" when everything is."""
        return self.location.place if self.location else "online"

    @model_validator(mode="after")
    def _consistent(self) -> Offering:
        if self.location is None and self.delivery_mode is not DeliveryMode.ONLINE:
            raise ValueError("location: needed unless delivery_mode is online")
        if self.start and self.end and self.end < self.start:
            raise ValueError("end: earlier than start")
        if isinstance(self.price, TariffPrice) and self.hours is None:
            raise ValueError("hours: needed for a price per lestijd")
        return self


def _plain(text: str) -> str:
    """Lower case without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
