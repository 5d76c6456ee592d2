"""What the pages and the API of courses stand on: the catalogue, the figures, the map. Read once, shared by all requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.catalogue.model import Offering
from bot.catalogue.presenting import (
    EXAMPLE,
    INCENTIVE_NAMES,
    MODE_NAMES,
    address_of,
    day,
    length_of,
    places_left,
    price_in_short,
    start_of,
    when,
)
from bot.catalogue.price import Price, Reduction, load_reductions, price_of
from bot.catalogue.search import Catalogue, today_in_belgium
from bot.catalogue.shared import shared_catalogue
from bot.knowledge.figures import Figures
from bot.places import Gazetteer
from bot.settings import Settings
from bot.storage.database import Database
from channels.courses.map import OutlineMap


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is known of a course."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Read-only data and the door to the catalogue."""

    database: Database
    catalogue: Catalogue
    gazetteer: Gazetteer
    figures: Figures
    reductions: tuple[Reduction, ...]
    map: OutlineMap
    public_url: str

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Shelf:
        """Raises what is wrong with the data, naming file, entry and field."""
        data = settings.data_dir
        shared = shared_catalogue(settings)
        return cls(
            database=database,
            catalogue=shared.catalogue,
            gazetteer=shared.places,
            figures=shared.figures,
            reductions=load_reductions(data / "catalogue"),
            map=OutlineMap(data / "places", shared.places),
            public_url=settings.public_url,
        )

    def today(self) -> date:
        """The day in Belgium."""
        return today_in_belgium()

    def page(self, offering: Offering) -> str:
        """The address of a course's own page."""
        return f"{self.public_url}/opleidingen/{offering.slug}"

    def price(self, offering: Offering) -> Price:
        """What it costs today."""
        return price_of(offering, self.figures, self.today(), self.reductions)

    def summary(self, offering: Offering) -> list[Fact]:
        """The facts of a card in a list."""
        facts = [
            ("Waar", offering.place_name),
            ("Start", start_of(offering)),
            ("Wanneer", when(offering.schedule)),
            ("Hoe", MODE_NAMES[offering.delivery_mode] if offering.delivery_mode != "classroom" else ""),
            ("Prijs", price_in_short(self.price(offering))),
            ("Plaatsen", places_left(offering)),
        ]
        return [Fact(label, value) for label, value in facts if value]

    def facts(self, offering: Offering) -> list[Fact]:
        """Everything known about a course but its price."""
        location = offering.location
        end = f" tot {day(offering.end)}" if offering.end else ""
        named = location.name if location and location.name not in (location.place, offering.provider.name) else ""
        facts = [
            ("Waar", ", ".join(filter(None, (named, address_of(offering))))),
            ("Start", start_of(offering) + end),
            ("Wanneer", when(offering.schedule)),
            ("Hoe", MODE_NAMES[offering.delivery_mode]),
            ("Hoelang", length_of(offering)),
            ("Vrije plaatsen", places_left(offering)),
            ("Nederlands", f"minstens niveau {offering.language_level}" if offering.language_level else ""),
            ("Om te starten", offering.entry_conditions),
            ("Je krijgt", offering.certificate),
            ("Knelpuntberoep", "ja" if offering.shortage else ""),
            ("Erkend voor", ", ".join(INCENTIVE_NAMES[name] for name in offering.recognised_for)),
        ]
        return [Fact(label, value) for label, value in facts if value]

    def mark(self, offering: Offering) -> str:
        """The mark of an invented course; empty for a real one."""
        return EXAMPLE if offering.example else ""
