"""An organisation as `data/referral/organisations.yml` describes it: what it does, where, for whom, how to reach it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from bot.conversation.message import Source
from bot.knowledge.figures import Certainty, Identifier, Line, WebAddress
from bot.knowledge.vocabulary import EMPLOYMENT_STATUSES
from bot.referral.contact import display_phone

_DAYS = ("", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")


class Service(StrEnum):
    """What someone may need. Inform, guide and support are the three services of guidance for adults who learn; the
    others name a subject that has a service of its own."""

    INFORM = "inform"
    GUIDE = "guide"
    """Help in choosing what to learn."""
    SUPPORT = "support"
    """Help during a course."""
    JOBS = "jobs"
    BENEFITS = "benefits"
    LANGUAGE = "language"
    """Learning Dutch."""
    HEALTH = "health"
    DEBT = "debt"
    RECOGNITION = "recognition"
    """A foreign diploma."""


class Region(StrEnum):
    """The regions, by the name that places carry."""

    FLANDERS = "Vlaanderen"
    BRUSSELS = "Brussel"


PROVINCES = frozenset({"Antwerpen", "Limburg", "Oost-Vlaanderen", "Vlaams-Brabant", "West-Vlaanderen"})
"""All in Flanders; Brussels has none."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Where:
    """What is known of where someone lives; empty is unknown. The region follows from the province."""

    region: str = ""
    province: str = ""
    municipality: str = ""
    postcode: str = ""

    @property
    def known_region(self) -> str:
        """The region, also when only the province is known."""
        return self.region or (Region.FLANDERS.value if self.province in PROVINCES else "")

    @property
    def known(self) -> bool:
        """Whether anything is known."""
        return any((self.region, self.province, self.municipality, self.postcode))


class Area(_Entry):
    """Where an organisation works: the narrowest of the lists counts. Nothing named: everywhere."""

    regions: tuple[Region, ...] = ()
    provinces: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()
    postcodes: tuple[Annotated[str, StringConstraints(pattern=r"^[1-9]\d{3}$")], ...] = ()
    except_municipalities: tuple[str, ...] = ()

    @field_validator("provinces")
    @classmethod
    def _known_provinces(cls, provinces: tuple[str, ...]) -> tuple[str, ...]:
        for province in provinces:
            if province not in PROVINCES:
                raise ValueError(f"unknown province '{province}'")
        return provinces

    @property
    def local(self) -> bool:
        """Whether it covers less than a region."""
        return bool(self.provinces or self.municipalities or self.postcodes)

    def nearness(self, where: Where) -> int | None:
        """How narrowly the area fits: 4 postcode, 3 municipality, 2 province, 1 region, 0 everywhere or place unknown.

        None when the place lies outside, or is not known well enough to say that it lies inside.
        """
        if where.municipality and where.municipality in self.except_municipalities:
            return None
        if not where.known:
            return None if self.local else 0
        for degree, named, place in (
            (4, self.postcodes, where.postcode),
            (3, self.municipalities, where.municipality),
            (2, self.provinces, where.province),
        ):
            if named:
                return degree if place in named else None
        if not self.regions or len(self.regions) == len(Region):
            return 0
        return 1 if where.known_region in self.regions else None

    def describe(self, where: Where) -> str:
        """For whom it is, in Dutch, said with the place where that is known; empty when it is everywhere."""
        degree = self.nearness(where)
        if degree in (3, 4):
            return f"Voor wie in {where.municipality or where.postcode} woont."
        if degree == 2:
            return f"Voor heel {where.province}."
        if degree == 1 or (degree == 0 and len(self.regions) == 1):
            return f"Voor wie in {self.regions[0]} woont."
        return ""


class Offer(_Entry):
    """One service of an organisation."""

    rank: int = Field(ge=1)
    """1 is offered first."""
    why: Line
    """The reason the person reads."""
    only_for: tuple[str, ...] = ()
    first_for: tuple[str, ...] = ()

    @field_validator("only_for", "first_for")
    @classmethod
    def _known_statuses(cls, statuses: tuple[str, ...]) -> tuple[str, ...]:
        for status in statuses:
            if status not in EMPLOYMENT_STATUSES:
                raise ValueError(f"unknown employment status '{status}'")
        return statuses


class Contact(_Entry):
    """How to reach it. What is absent is not known."""

    phone: Annotated[str, StringConstraints(pattern=r"^(\+32\d{8,9}|\d{3,4})$")] | None = None
    """In E.164, or a short number."""
    phone_abroad: Annotated[str, StringConstraints(pattern=r"^\+32\d{8,9}$")] | None = None
    url: WebAddress | None = None
    address: Line | None = None
    via: Identifier | None = None
    """The organisation through which one gets there."""


class OpeningHours(_Entry):
    """Days (1 is Monday) with the same hours, Belgian time."""

    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(min_length=1)
    opens: time
    closes: time

    @model_validator(mode="after")
    def _in_order(self) -> OpeningHours:
        if self.opens >= self.closes:
            raise ValueError("closes before it opens")
        if list(self.days) != sorted(set(self.days)):
            raise ValueError("days must stand once each, in order")
        return self

    def text(self) -> str:
        """In Dutch: "maandag tot vrijdag, 8 tot 16.30 uur"."""
        first, last = self.days[0], self.days[-1]
        run = last - first == len(self.days) - 1 and len(self.days) > 2
        days = f"{_DAYS[first]} tot {_DAYS[last]}" if run else ", ".join(_DAYS[day] for day in self.days)
        return f"{days}, {_clock(self.opens)} tot {_clock(self.closes)} uur"


class SourceNote(_Entry):
    """Where the description comes from."""

    title: Line
    url: WebAddress | None = None
    date: Line


class Organisation(_Entry):
    """One organisation. `None` and empty mean not known, never "no"."""

    id: Identifier
    name: Line
    aliases: tuple[str, ...] = ()
    """The names by which the assistant recognises it."""
    does: Line
    services: dict[Service, Offer] = Field(min_length=1)
    area: Area
    contact: Contact
    contact_certainty: Certainty
    hours: tuple[OpeningHours, ...] | None = None
    hours_certainty: Certainty | None = None
    access: str = ""
    """With or without an appointment."""
    cost: str = ""
    languages: tuple[Line, ...] = ()
    accepts_referral: bool
    """Whether a referral can be sent to it; no for what is no one service ("the OCMW of your municipality")."""
    demo: bool = False
    """Fictional, and suggested before any other: for the demo alone."""
    fallback: Identifier | None = None
    """Who may get a referral that it does not take up in time; only if the person's consent named it."""
    source: SourceNote
    certainty: Certainty
    checked: date
    check_again: date

    @model_validator(mode="after")
    def _consistent(self) -> Organisation:
        if not self.certainty.usable:
            raise ValueError(f"certainty '{self.certainty}' may not be told to a citizen")
        named = any((self.contact.phone, self.contact.phone_abroad, self.contact.url, self.contact.address))
        if named and not self.contact_certainty.usable:
            raise ValueError(f"contact is '{self.contact_certainty}': leave it out")
        if self.hours is not None and (self.hours_certainty is None or not self.hours_certainty.usable):
            raise ValueError("hours need an hours_certainty of 'zeker' or 'vermoedelijk'")
        if self.check_again <= self.checked:
            raise ValueError("check_again must be after checked")
        return self

    @property
    def called(self) -> str:
        """The name inside a sentence: "een loopbaancentrum"."""
        first, _, rest = self.name.partition(" ")
        return f"{first.lower()} {rest}" if first in ("Een", "Het", "Je") and rest else self.name

    @property
    def phone(self) -> str | None:
        """The number as one dials it."""
        return display_phone(self.contact.phone) if self.contact.phone else None

    def hours_text(self) -> str | None:
        """The opening hours in Dutch, None when they are not known."""
        if not self.hours:
            return None
        likely = " (vermoedelijk)" if self.hours_certainty is Certainty.LIKELY else ""
        return "; ".join(part.text() for part in self.hours) + likely

    def reference(self) -> Source:
        """Where its description comes from, and when that was last checked."""
        return Source(title=self.source.title, url=self.source.url, checked=self.checked.isoformat())


def _clock(moment: time) -> str:
    return f"{moment.hour}.{moment.minute:02d}" if moment.minute else str(moment.hour)
