"""The lists the example catalogue is made from: data/catalogue/courses.yml and providers.yml, read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.catalogue.lists import CatalogueDataError, parse, read_yaml
from bot.catalogue.model import (
    AskPrice,
    FixedPrice,
    FreePrice,
    LanguageLevel,
    Part,
    PriceBasis,
    ProviderKind,
    TariffPrice,
)
from bot.catalogue.subjects import Subjects
from bot.places import Gazetteer, Place, PlaceKind, distance_km

FIGURES = {
    "std": "cvo-standaard-2025",
    "knelpunt": "cvo-knelpunt-2025",
    "hoog": "cvo-verhoogd-2025",
    "aav": "cvo-aav-2025",
    "nt2": "cvo-nt2-2025",
}
"""The tariffs of courses.yml and the figures of the knowledge base that hold them."""


class ExampleCourse(BaseModel):
    """One entry of courses.yml."""

    model_config = ConfigDict(extra="forbid")

    title: str
    subjects: tuple[str, ...] = Field(min_length=1)
    spread: Literal["everywhere", "common", "some", "few"]
    about: str
    cvo: tuple[Literal["std", "knelpunt", "hoog", "aav", "nt2"], int] | None = None
    ligo: int | None = Field(default=None, gt=0)
    vdab: int | None = Field(default=None, gt=0)
    syntra: tuple[Decimal, int] | None = None
    sector: tuple[Decimal, int] | None = None
    other: tuple[Decimal, int] | None = None
    higher: int | None = Field(default=None, gt=0)
    when: tuple[Part, ...] = ()
    online: Literal[True, "blended"] | None = None
    level: LanguageLevel | None = None
    entry: str = ""
    certificate: str = ""
    recognised: tuple[Literal["leave", "vouchers", "credit"], ...] = ()
    shortage: bool = False
    material: Decimal = Decimal(0)

    def terms(self, kind: ProviderKind) -> tuple[PriceBasis, int] | None:
        """Price and hours (or credits) with a kind of provider; none when that kind does not hold the course."""
        if kind is ProviderKind.CVO and self.cvo:
            return TariffPrice(figure=FIGURES[self.cvo[0]]), self.cvo[1]
        if kind is ProviderKind.LIGO and self.ligo:
            return FreePrice(figure="cbe-gratis", audience="most"), self.ligo
        if kind is ProviderKind.VDAB and self.vdab:
            return FreePrice(figure="vdab-erkend-gratis", audience="job_seekers"), self.vdab
        if kind is ProviderKind.HIGHER_EDUCATION and self.higher:
            return AskPrice(figure="studiegeld-ho"), self.higher
        own = {ProviderKind.SYNTRA: self.syntra, ProviderKind.SECTOR: self.sector, ProviderKind.OTHER: self.other}.get(
            kind
        )
        return (FixedPrice(amount=own[0]), own[1]) if own else None


class ExampleProvider(BaseModel):
    """One entry of providers.yml."""

    model_config = ConfigDict(extra="forbid")

    id: str
    kind: ProviderKind
    name: str
    locations: tuple[str, ...] = Field(min_length=1)
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExampleData:
    """The lists the example catalogue is made from, checked."""

    courses: tuple[ExampleCourse, ...]
    providers: tuple[ExampleProvider, ...]
    big_cities: frozenset[str]
    """Municipality ids (REFNIS)."""
    places: dict[str, Place]
    """The place of each location named in providers.yml."""
    postcodes: dict[str, str]
    """The postcode of each of those places, by id."""


def load_data(folder: Path, subjects: Subjects, gazetteer: Gazetteer) -> ExampleData:
    """Reads courses.yml and providers.yml. Raises `CatalogueDataError` naming file, entry and field."""
    courses_file, providers_file = read_yaml(folder / "courses.yml"), read_yaml(folder / "providers.yml")
    courses = tuple(parse(ExampleCourse, entry, "courses.yml") for entry in courses_file.get("courses", ()))
    providers = tuple(parse(ExampleProvider, entry, "providers.yml") for entry in providers_file.get("providers", ()))
    for course in courses:
        if unknown := [subject for subject in course.subjects if subject not in subjects]:
            raise CatalogueDataError(f"courses.yml, {course.title}, subjects: {', '.join(unknown)} is unknown")
    domains = {subject.domain for subject in subjects}
    places: dict[str, Place] = {}
    for provider in providers:
        if unknown := [topic for topic in provider.topics if topic not in domains and topic not in subjects]:
            raise CatalogueDataError(f"providers.yml, {provider.id}, topics: {', '.join(unknown)} is unknown")
        for name in provider.locations:
            places[name] = _place(name, gazetteer, f"providers.yml, {provider.id}, locations")
    codes = [place for place in gazetteer if place.kind is PlaceKind.POSTCODE]
    postcodes = {place.id: _postcode(place, codes) for place in places.values()}
    cities = [_place(name, gazetteer, "courses.yml, big_cities") for name in courses_file.get("big_cities", ())]
    return ExampleData(courses, providers, frozenset(city.municipality_id for city in cities), places, postcodes)


def _place(name: str, gazetteer: Gazetteer, where: str) -> Place:
    place = gazetteer.resolve(name).place
    if place is None or place.is_area:
        raise CatalogueDataError(f"{where}: {name!r} is not one place of Flanders or Brussels")
    return place


def _postcode(place: Place, codes: Sequence[Place]) -> str:
    """The nearest postcode of the municipality of a place."""
    own = (code for code in codes if code.municipality_id == place.municipality_id)
    return min(own, key=lambda code: (distance_km(code, place), code.name)).name
