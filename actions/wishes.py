"""What a person wishes of a course, gathered over the conversation. Pure: entities in, wishes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date

from actions.tracker import Entity
from bot.catalogue.model import Incentive
from bot.catalogue.presenting import DAY_NAMES, MODE_NAMES
from bot.catalogue.search import SearchQuery
from bot.catalogue.wording import INCENTIVE_NAMES
from bot.places import Gazetteer

_NO_MATTER = re.compile(
    r"\b(?:prijs|kosten|geld|hoeveel het kost)\b[^.]{0,20}"
    r"(?:maakt (?:\w+ ){0,2}(?:niet|niks) uit|speelt geen rol|niet belangrijk)",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(r"\boveral\b", re.IGNORECASE)

SUBJECTS = frozenset({"course_topic", "language"})
"""The entities that name what is to be learnt."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """A search so far. Empty means no wish. `place` and the members of `not_places` are ids of places."""

    topic: str = ""
    language: str = ""
    place: str = ""
    schedule: tuple[str, ...] = ()
    mode: str = ""
    provider: str = ""
    not_places: tuple[str, ...] = ()
    not_schedule: tuple[str, ...] = ()
    not_mode: str = ""
    not_provider: str = ""
    radius: float | None = None
    """Km."""
    max_price: str = ""
    """Euro, a decimal number."""
    free_for_job_seekers: bool = False
    start_from: str = ""
    """A day, as 2027-01-31."""
    start_until: str = ""
    level: str = ""
    """The Dutch that the person has, A1 to C1."""
    incentive: str = ""
    shortage: bool = False
    advanced: bool = False
    """Whether the person knows something of the subject already."""
    nearest: bool = False
    """Whether what is nearest comes first."""

    @property
    def subject(self) -> str:
        """What is to be learnt, in the person's words."""
        return self.topic or self.language

    def as_slot(self) -> dict[str, Any]:
        """As a slot keeps it: only what is wished."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items() if value
        }

    @classmethod
    def from_slot(cls, kept: dict[str, Any] | None) -> Wishes:
        """The wishes of a slot; what it does not know is left out."""
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in (kept or {}).items()
            if name in known
        }
        return cls(**values)


@dataclass(frozen=True, slots=True)
class UnclearPlace:
    """A place that must be asked about: `candidates` are ids, none when nobody knows it."""

    said: str
    candidates: tuple[str, ...]
    several: bool = False
    """Whether the message leaves the choice between places that are clear each."""


def merge(wishes: Wishes, found: Iterable[Entity], places: Gazetteer) -> tuple[Wishes, list[UnclearPlace]]:
    """The wishes with what a message adds, and the places in it that are not clear.

    A new subject takes the place of the old one; the rest is kept until something else is said about it.
    """
    unclear: list[UnclearPlace] = []
    said = list(found)

    def of(kind: str, negated: bool = False) -> list[str]:
        return [
            entity.value for entity in said if entity.kind == kind and entity.negated is negated and not entity.belongs
        ]

    def known(names: list[str], when_unclear: Callable[[UnclearPlace], None]) -> list[str]:
        identifiers = []
        for name in names:
            match = places.resolve(name)
            if match.place:
                identifiers.append(match.place.id)
            else:
                when_unclear(UnclearPlace(name, tuple(place.id for place in match.places)))
        return identifiers

    if topics := of("course_topic"):
        wishes = replace(wishes, topic=" of ".join(dict.fromkeys(topics[:2])), language="")
    if languages := of("language"):
        wishes = replace(wishes, language=languages[0], topic="" if not topics else wishes.topic)
    here = known(of("location"), unclear.append)
    away = known(of("location", negated=True), lambda _: None)
    if here:
        wishes = replace(
            wishes, place=here[0], nearest=False, not_places=tuple(p for p in wishes.not_places if p != here[0])
        )
    if away:
        wishes = replace(
            wishes,
            place="" if wishes.place in away else wishes.place,
            not_places=tuple(dict.fromkeys((*wishes.not_places, *away))),
        )
    if times := of("schedule"):
        times += [entity.part for entity in said if entity.kind == "schedule" and entity.part and not entity.negated]
        wishes = replace(wishes, schedule=tuple(dict.fromkeys(times)), not_schedule=())
    if refused := of("schedule", negated=True):
        wishes = replace(
            wishes,
            schedule=tuple(time for time in wishes.schedule if time not in refused),
            not_schedule=tuple(dict.fromkeys((*wishes.not_schedule, *refused))),
        )
    if modes := of("delivery_mode"):
        wishes = replace(wishes, mode=modes[0], not_mode="")
    if refused_modes := of("delivery_mode", negated=True):
        wishes = replace(wishes, mode="" if wishes.mode in refused_modes else wishes.mode, not_mode=refused_modes[0])
    if providers := of("provider"):
        wishes = replace(wishes, provider=providers[0], not_provider="")
    if refused_providers := of("provider", negated=True):
        kept = "" if wishes.provider in refused_providers else wishes.provider
        wishes = replace(wishes, provider=kept, not_provider=refused_providers[0])
    return wishes, unclear


def add_spoken(wishes: Wishes, said: SearchQuery, text: str) -> Wishes:
    """The wishes with what was read from the words alone, for which the assistant has no entity: price, start, level.

    What says nothing about a wish leaves it as it was; that the price or the place does not matter takes it away.
    """
    if _ANYWHERE.search(text):
        wishes = replace(wishes, place="")
    if _NO_MATTER.search(text):
        wishes = replace(wishes, max_price="", free_for_job_seekers=False)
    if said.max_price is not None or said.free_for_job_seekers:
        wishes = replace(
            wishes,
            max_price="" if said.max_price is None else str(said.max_price),
            free_for_job_seekers=said.free_for_job_seekers,
        )
    if said.start_from or said.start_until:
        wishes = replace(
            wishes,
            start_from=said.start_from.isoformat() if said.start_from else "",
            start_until=said.start_until.isoformat() if said.start_until else "",
        )
    return replace(
        wishes,
        radius=said.radius or wishes.radius,
        level=said.language_level.value if said.language_level else wishes.level,
        incentive=said.recognised_for.value if said.recognised_for else wishes.incentive,
        shortage=said.shortage or wishes.shortage,
        advanced=wishes.advanced if said.advanced is None else said.advanced,
    )


def in_words(wishes: Wishes, places: Gazetteer, beside: bool = False) -> str:
    """The wishes as the end of a sentence: "lassen in Gent, 's avonds". `beside`: some are not in the place itself."""
    place = places.get(wishes.place) if wishes.place else None
    parts = [wishes.subject] if wishes.subject else []
    if place:
        parts.append(f"in {place.label}{' of dichtbij' if beside else ''}")
    away = [] if place else [there for name in wishes.not_places if (there := places.get(name))]
    refused = [f"niet in {there.label}" for there in away]
    refused += [f"niet {DAY_NAMES.get(time, time)}" for time in wishes.not_schedule]
    refused += [f"niet {MODE_NAMES.get(wishes.not_mode, wishes.not_mode)}"] if wishes.not_mode else []
    refused += [f"niet bij {wishes.not_provider}"] if wishes.not_provider else []
    extra = [DAY_NAMES.get(time, time) for time in wishes.schedule]
    if wishes.mode:
        extra.append(MODE_NAMES.get(wishes.mode, wishes.mode))
    if wishes.free_for_job_seekers:
        extra.append("gratis voor werkzoekenden")
    if wishes.max_price:
        amount = Decimal(wishes.max_price)
        extra.append(f"niet meer dan {_number(amount)} euro" if amount else "gratis")
    extra += [
        f"{word} {_day(day)}" for word, day in (("vanaf", wishes.start_from), ("voor", wishes.start_until)) if day
    ]
    if wishes.level:
        extra.append(f"Nederlands {wishes.level}")
    if wishes.incentive:
        extra.append(f"erkend voor {INCENTIVE_NAMES[Incentive(wishes.incentive)]}")
    if wishes.shortage:
        extra.append("voor een knelpuntberoep")
    return ", ".join([" ".join(parts), *extra, *refused] if parts else [*extra, *refused])


def _number(amount: Decimal) -> str:
    return f"{amount.normalize():f}".replace(".", ",")


def _day(day: str) -> str:
    return format_date(date.fromisoformat(day), "d MMMM", locale="nl_BE")
