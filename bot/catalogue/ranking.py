"""Which courses are best for somebody's wishes. Pure: candidates and wishes in, order and reasons out.

Each candidate gets the set of wishes it does not meet, and a cost for it. What meets everything costs nothing; when
nothing does, the cheapest set of wishes gives way: distance before time, time before mode, and so on, as `Wish` lists
them. Within a cost the order is: nearer to the subject, words of the title, distance in steps of 5 km, first to start,
and then by lot, so that no provider is favoured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from bot.catalogue import moments
from bot.catalogue.query import RADIUS_KM, WIDER_KM, SearchQuery, Wish
from bot.catalogue.words import stem, tokens
from bot.places import Place

COST = {
    Wish.RADIUS: 2,
    Wish.ONLINE: 3,
    Wish.SCHEDULE: 4,
    Wish.MODE: 8,
    Wish.START: 16,
    Wish.PRICE: 32,
    Wish.PROVIDER: 64,
    Wish.DISTANCE: 128,
    Wish.SUBJECT: 512,
}
"""What it costs to give way. Each costs about as much as all before it together, so the order of `Wish` is kept."""
_STEP_KM = 5.0
_FAR_KM = 1000.0
_KM_PER_DEGREE = 111.2
_ADVANCED = {"gevorderd", "vervolg"}
"""Stems of titles that a beginner does not look for."""


class Candidate(NamedTuple):
    """What the choice needs to know of an offering, as the database gives it."""

    number: int
    municipality_id: str | None
    latitude: float | None
    longitude: float | None
    delivery_mode: str
    moments: int
    start_day: int | None
    hours: int | None
    price_kind: str
    price_cents: int | None
    figure: str | None
    provider_kind: str
    provider_words: str
    recognised_for: str
    shortage: bool
    title_words: str
    rank: float
    """How near to the subject: 0 is the subject itself; larger is further."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its place in the order."""

    candidate: Candidate
    missed: tuple[Wish, ...]
    distance_km: float | None
    key: tuple[float, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """The candidates worth showing, best first, and the wishes that gave way."""

    ranked: tuple[Ranked, ...] = ()
    relaxed: tuple[Wish, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query worked out once, before the candidates are looked at."""

    query: SearchQuery
    mask: int
    excluded_mask: int
    today: int
    radius: float
    around: Mapping[str, float]
    """For an area: how far from it each municipality outside it lies, see `distances_from`."""
    title_stems: frozenset[str]
    provider: frozenset[str]
    excluded_provider: frozenset[str]
    price_of: Callable[[Candidate], int | None]
    """Enrolment in cents, none when it is not known."""

    @classmethod
    def of(
        cls,
        query: SearchQuery,
        *,
        today: int,
        price_of: Callable[[Candidate], int | None],
        around: Mapping[str, float] | None = None,
    ) -> Wanted:
        """The query, with what all candidates are compared to. `today` is a day number, as `date.toordinal()`."""
        return cls(
            query=query,
            mask=moments.of_wish(query.schedule) if query.schedule else 0,
            excluded_mask=moments.of_wish(query.excluded_schedule) if query.excluded_schedule else 0,
            today=query.start_from.toordinal() if query.start_from else today,
            radius=query.radius or RADIUS_KM,
            around=around or {},
            title_stems=frozenset(map(stem, tokens(f"{query.subject} {query.language}"))),
            provider=frozenset(tokens(query.provider)),
            excluded_provider=frozenset(tokens(query.excluded_provider)),
            price_of=price_of,
        )


def order(candidates: Iterable[Candidate], wanted: Wanted) -> Order:
    """The candidates that meet all wishes, or else those that miss the least, best first."""
    judged = [ranked for candidate in candidates if (ranked := _judge(candidate, wanted))]
    if not judged:
        return Order()
    judged.sort(key=lambda ranked: ranked.key)
    best = judged[0]
    allowed = {*best.missed, Wish.ONLINE} if best.missed or wanted.query.delivery_mode is None else set(best.missed)
    kept = tuple(ranked for ranked in judged if ranked.missed == best.missed or allowed.issuperset(ranked.missed))
    return Order(kept, best.missed)


def distances_from(area: Place, municipalities: Iterable[Place]) -> dict[str, float]:
    """For each municipality outside an area the km to the nearest municipality inside it, by REFNIS number."""
    known = list(municipalities)
    inside = [place for place in known if place.id in area.members]
    return {
        place.id: min(
            (_flat_distance(place.latitude, place.longitude, other.latitude, other.longitude) for other in inside),
            default=math.inf,
        )
        for place in known
        if place.id not in area.members
    }


def provider_matches(words: Collection[str], kind: str, name_words: str) -> bool:
    """Whether a provider is the one meant: its kind by name ("Syntra"), or every word in its own name."""
    if not words:
        return True
    kinds = {_KIND_WORDS.get(word, word) for word in words}
    return kinds == {kind} or set(name_words.split()).issuperset(words)


_KIND_WORDS = {
    "hogeschool": "higher_education",
    "hogescholen": "higher_education",
    "universiteit": "higher_education",
    "basiseducatie": "ligo",
    "avondschool": "cvo",
    "volwassenenonderwijs": "cvo",
}


def _judge(candidate: Candidate, wanted: Wanted) -> Ranked | None:
    """What a candidate misses and where it stands in the order; none when it is excluded outright."""
    query = wanted.query
    start = candidate.start_day
    if start is not None and start < wanted.today:
        return None
    if _excluded(candidate, wanted):
        return None
    missed: list[Wish] = []
    distance = None
    if query.place is not None:
        distance, wish = _distance(candidate, query.place, wanted)
        if wish is not None:
            missed.append(wish)
    if wanted.mask and candidate.moments & ~wanted.mask:
        missed.append(Wish.SCHEDULE)
    if query.delivery_mode is not None and candidate.delivery_mode != query.delivery_mode:
        missed.append(Wish.MODE)
    if query.start_until is not None and start is not None and start > query.start_until.toordinal():
        missed.append(Wish.START)
    if query.max_price is not None:
        cents = wanted.price_of(candidate)
        if cents is None or cents > query.max_price * 100:
            missed.append(Wish.PRICE)
    if wanted.provider and not provider_matches(wanted.provider, candidate.provider_kind, candidate.provider_words):
        missed.append(Wish.PROVIDER)
    if candidate.rank >= NEIGHBOUR:
        missed.append(Wish.SUBJECT)
    cost = float(sum(COST[wish] for wish in missed))
    steps = 0.0 if distance is None else min(distance, _FAR_KM) // _STEP_KM
    key = (
        cost,
        candidate.rank,
        _title(candidate, wanted),
        steps,
        start if start is not None else wanted.today,
        crc32(b"%d" % candidate.number),
    )
    return Ranked(candidate, tuple(missed), distance, key)


NEIGHBOUR = 1000.0
"""From this rank a candidate is about a neighbouring subject."""


def _title(candidate: Candidate, wanted: Wanted) -> float:
    """Lower for a title with more of the person's words; a course for the advanced only when they asked for it."""
    stems = _stems(candidate.title_words)
    advanced = 1 if stems & _ADVANCED and not wanted.title_stems & _ADVANCED else 0
    return advanced - len(stems & wanted.title_stems)


@lru_cache(maxsize=8192)
def _stems(words: str) -> frozenset[str]:
    """The stems of a title: few titles, many courses that bear them."""
    return frozenset(map(stem, words.split()))


def _distance(candidate: Candidate, place: Place, wanted: Wanted) -> tuple[float | None, Wish | None]:
    """Km from the place, and the wish that is missed because of it."""
    if candidate.latitude is None or candidate.longitude is None:
        asked = wanted.query.delivery_mode == "online"
        return None, None if asked else Wish.ONLINE
    if place.is_area:
        if candidate.municipality_id in place.members:
            return None, None
        away = wanted.around.get(candidate.municipality_id or "", math.inf)
        return away, Wish.RADIUS if away <= WIDER_KM - RADIUS_KM else Wish.DISTANCE
    away = _flat_distance(place.latitude, place.longitude, candidate.latitude, candidate.longitude)
    if away <= wanted.radius:
        return away, None
    return away, Wish.RADIUS if away <= max(WIDER_KM, 2 * wanted.radius) else Wish.DISTANCE


def _flat_distance(latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float) -> float:
    """Km between two points of one small country; within 0.2% of the great circle there, at a fifth of its time."""
    north = (latitude_a - latitude_b) * _KM_PER_DEGREE
    east = (longitude_a - longitude_b) * _KM_PER_DEGREE * math.cos(math.radians((latitude_a + latitude_b) / 2))
    return math.hypot(north, east)


def _excluded(candidate: Candidate, wanted: Wanted) -> bool:
    query = wanted.query
    if query.excluded_mode is not None and candidate.delivery_mode == query.excluded_mode:
        return True
    if wanted.excluded_mask and candidate.moments & wanted.excluded_mask:
        return True
    if query.recognised_for is not None and query.recognised_for not in candidate.recognised_for.split():
        return True
    if query.shortage and not candidate.shortage:
        return True
    if wanted.excluded_provider and provider_matches(
        wanted.excluded_provider, candidate.provider_kind, candidate.provider_words
    ):
        return True
    return _in_excluded_place(candidate, query.excluded_places)


def _in_excluded_place(candidate: Candidate, places: Sequence[Place]) -> bool:
    if candidate.municipality_id is None or candidate.latitude is None or candidate.longitude is None:
        return False
    for place in places:
        if place.is_area or place.municipality_id == place.id:
            if place.covers(candidate.municipality_id):
                return True
        elif _flat_distance(place.latitude, place.longitude, candidate.latitude, candidate.longitude) < 2.0:
            return True
    return False
