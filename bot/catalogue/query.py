"""What the catalogue is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bot.catalogue import moments
from bot.catalogue.model import DeliveryMode, Incentive, LanguageLevel, Offering
from bot.places import Place

RADIUS_KM = 15.0
"""How far a course may be from a place when nobody says how far: about half an hour by bus."""
WIDER_KM = 40.0
"""How far it may be when nothing is nearer, before other wishes give way."""


class Wish(StrEnum):
    """What a search can give way on, in the order in which it does."""

    OTHER_DAYS = "other_days"
    """There are lessons on a day that was named, and others on another day."""
    RADIUS = "radius"
    """Further away, but not across the country."""
    ONLINE = "online"
    """Online instead of in the place that was named."""
    SCHEDULE = "schedule"
    MODE = "mode"
    START = "start"
    LEVEL = "level"
    """It asks more Dutch than the person has."""
    PRICE = "price"
    FREE = "free"
    """Not free for job seekers."""
    RECOGNISED = "recognised"
    """Not recognised for the incentive."""
    SHORTAGE = "shortage"
    """No shortage occupation."""
    PROVIDER = "provider"
    DISTANCE = "distance"
    """Anywhere in Flanders or Brussels."""
    SUBJECT = "subject"
    """A neighbouring subject."""
    EXCLUDED = "excluded"
    """What the person did not want, because nothing else is left."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Wishes of one person. What is left empty is no wish. Raises `ValueError` naming the field that is wrong."""

    subject: str = ""
    """What is to be learnt, in the person's words."""
    language: str = ""
    """A language to be learnt, in Dutch ("Spaans"); beside a subject it is left alone."""
    place: Place | None = None
    radius: float | None = None
    """Km around a place that is no area; `RADIUS_KM` when none is given."""
    schedule: frozenset[str] = frozenset()
    """Parts (day, evening, weekend) and weekdays in English."""
    delivery_mode: str | None = None
    provider: str = ""
    """A kind of provider ("CVO", "VDAB") or words of its name ("CVO Gent")."""
    max_price: Decimal | None = None
    """In euro, enrolment without reductions; 0 for what is free."""
    free_for_job_seekers: bool = False
    """Only courses that cost a job seeker nothing."""
    start_from: date | None = None
    """Not before this day; today when none is given."""
    start_until: date | None = None
    language_level: LanguageLevel | None = None
    """The Dutch that the person has: only courses that ask no more."""
    recognised_for: Incentive | None = None
    shortage: bool = False
    """Only courses that lead to a shortage occupation."""
    advanced: bool | None = None
    """Whether the person knows something of the subject already; none when nobody says."""
    nearest: bool = False
    """What is nearest comes first, before what fits the words best."""
    excluded_places: tuple[Place, ...] = ()
    excluded_schedule: frozenset[str] = frozenset()
    excluded_mode: str | None = None
    excluded_provider: str = ""

    def __post_init__(self) -> None:
        for name in ("schedule", "excluded_schedule"):
            try:
                moments.of_wish(getattr(self, name))
            except ValueError as error:
                raise ValueError(str(error).replace("schedule", name, 1)) from None
        for name in ("delivery_mode", "excluded_mode"):
            value = getattr(self, name)
            if value is not None and value not in DeliveryMode.__members__.values():
                raise ValueError(f"{name}: {value!r} is neither online, classroom nor blended")
        if self.radius is not None and self.radius <= 0:
            raise ValueError("radius: must be more than 0 km")
        if self.max_price is not None and self.max_price < 0:
            raise ValueError("max_price: may not be negative")
        if self.start_from and self.start_until and self.start_until < self.start_from:
            raise ValueError("start_until: earlier than start_from")


@dataclass(frozen=True, slots=True)
class Hit:
    """One course that was found."""

    offering: Offering
    distance_km: float | None
    """From the place that was named; none when none was, when the course is online, and inside an area."""
    why: tuple[str, ...] = ()
    """In Dutch, what of the wishes it meets: "Lassen", "in Gent", "'s avonds"."""
    missed: tuple[Wish, ...] = ()
    """The wishes it does not meet."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of what was found, best first: what meets the wishes, and then a few that nearly do."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    """How many can be paged through, those that nearly fit included."""
    fitting: int = 0
    """How many of them meet the wishes, but for what had to give way for all."""
    inside: int = 0
    """How many of those are held in the place itself that was named."""
    around: int = 0
    """And how many elsewhere, online left out."""
    relaxed: tuple[Wish, ...] = ()
    """What had to give way because nothing met every wish. Empty when something did."""
    near: bool = False
    """Whether nothing is what was asked, and these are only alike."""
    explanation: str = ""
    """In Dutch, what gave way; empty when nothing did."""
    subjects: tuple[str, ...] = field(default=())
    """Ids of the subjects that the words meant, surest first. Empty for words that mean none."""
    suggestions: tuple[str, ...] = ()
    """When nothing was found: names of subjects that the words may have meant, to offer."""
