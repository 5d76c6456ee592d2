"""Which courses are best for somebody's wishes. Pure: columns and wishes in, order and reasons out.

Each course gets the set of wishes it does not meet, as bits: a wish that gives way later is a higher bit, so that the
set, read as a number, is what it costs. What meets everything costs nothing; when nothing does, the cheapest set gives
way: distance before time, time before mode, and so on, as `Wish` lists them. Within a cost the order is: nearer to the
subject, fewer days beside those that were named, the level that was asked, words of the title, places left, distance in
steps of 5 km, first to start, and then by lot, so that no provider is favoured. Who asks for what is nearest gets
distance before all that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.catalogue import moments
from bot.catalogue.columns import AUDIENCES, INCENTIVES, LEVELS, MODES, PRICES, Columns, Flags, Integers, Rows
from bot.catalogue.query import RADIUS_KM, WIDER_KM, SearchQuery, Wish
from bot.catalogue.words import stem, tokens
from bot.places import Place

BIT = {wish: 1 << position for position, wish in enumerate(Wish)}
"""What it costs to give way. Each costs more than all before it together, so the order of `Wish` is kept."""
ENOUGH = 10
"""When fewer courses than this meet the wishes, some that miss one more are shown after them."""
RANKS = 1000
"""Degrees of nearness to a subject that are told apart."""
_STEP_KM = 5.0
_KM_PER_DEGREE = 111.2
_NOT_NEARLY = BIT[Wish.DISTANCE] | BIT[Wish.SUBJECT] | BIT[Wish.EXCLUDED]
"""Who misses one of these is not shown as nearly what was asked."""

Prices = Callable[[Columns, Rows], npt.NDArray[np.float64]]
"""Enrolment in cents of the courses at these positions; NaN where it is not known."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A course with its place in the order."""

    number: int
    missed: tuple[Wish, ...]
    distance_km: float | None


@dataclass(frozen=True, slots=True)
class Order:
    """The courses worth showing, best first, and the wishes that gave way."""

    ranked: tuple[Ranked, ...] = ()
    """As many as were asked for."""
    total: int = 0
    fitting: int = 0
    inside: int = 0
    """How many of those that fit are held in the place that was named."""
    around: int = 0
    """And how many elsewhere, online left out."""
    relaxed: tuple[Wish, ...] = ()
    rows: Rows | None = field(default=None, compare=False)
    """The positions of all that fit, in no order."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query worked out once, before the courses are looked at."""

    query: SearchQuery
    mask: int
    days: bool
    """Whether days of the week were named: who can come on Monday may want what is on Monday and Tuesday too."""
    excluded_mask: int
    today: int
    radius: float
    around: Mapping[str, float]
    """For an area: how far from it each municipality outside it lies, see `distances_from`."""
    title_stems: frozenset[str]
    provider: frozenset[str]
    excluded_provider: frozenset[str]
    prices: Prices

    @classmethod
    def of(
        cls,
        query: SearchQuery,
        *,
        today: int,
        prices: Prices,
        around: Mapping[str, float] | None = None,
        words: Iterable[str] | None = None,
    ) -> Wanted:
        """The query, with what all courses are compared to. `today` is a day number, as `date.toordinal()`.

        `words` are those of the subject that may stand in a title; without them all of them.
        """
        if words is None:
            words = tokens(f"{query.subject} {query.language}")
        return cls(
            query=query,
            mask=moments.of_wish(query.schedule) if query.schedule else 0,
            days=moments.names_days(query.schedule),
            excluded_mask=moments.of_wish(query.excluded_schedule) if query.excluded_schedule else 0,
            today=query.start_from.toordinal() if query.start_from else today,
            radius=query.radius or RADIUS_KM,
            around=around or {},
            title_stems=frozenset(
                map(stem, words if words is not None else tokens(f"{query.subject} {query.language}"))
            ),
            provider=frozenset(tokens(query.provider)),
            excluded_provider=frozenset(tokens(query.excluded_provider)),
            prices=prices,
        )


def order(columns: Columns, rows: Rows, rank: Integers, wanted: Wanted, top: int = ENOUGH, missed: int = 0) -> Order:
    """The `top` best of the courses at these positions: those that meet all wishes, or else miss the least.

    `rank` says of each how near it is to the subject, 0 the subject itself. `missed` are bits that all of them miss.
    When few meet the wishes, some that miss one more come after them.
    """
    kept = _possible(columns, rows, wanted)
    rows, rank = rows[kept], rank[kept]
    if not len(rows):
        return Order()
    distance, bits = _distance(columns, rows, wanted)
    bits = bits | _missed(columns, rows, wanted) | missed
    best = int(bits.min())
    give_way = best | BIT[Wish.ONLINE] if best or wanted.query.delivery_mode is None else best
    fits = (bits & ~give_way) == 0
    fitting = int(fits.sum())
    total = fitting
    if fitting < ENOUGH:
        extra = bits & ~give_way
        nearly = ~fits & ((extra & (extra - 1)) == 0) & ((extra & _NOT_NEARLY) == 0)
        total += min(int(nearly.sum()), ENOUGH - fitting)
        shown = fits | nearly
    else:
        shown = fits
    rows, rank, distance, bits, fits = rows[shown], rank[shown], distance[shown], bits[shown], fits[shown]
    key = _key(columns, rows, rank, distance, bits, fits, wanted)
    count = min(top, total)
    first = np.argpartition(key, count - 1)[:count] if count < len(key) else np.arange(len(key))
    first = first[np.argsort(key[first])][:count]
    ranked = tuple(
        Ranked(int(columns.number[rows[at]]), wishes(int(bits[at])), _km(float(distance[at]))) for at in first
    )
    inside, around = _here_and_around(columns, rows[fits], wanted.query.place)
    return Order(ranked, total, fitting, inside, around, wishes(best), rows[fits])


@lru_cache(maxsize=1024)
def wishes(bits: int) -> tuple[Wish, ...]:
    """The wishes of a set of bits."""
    return tuple(wish for wish, bit in BIT.items() if bits & bit)


def distances_from(area: Place, municipalities: Iterable[Place]) -> dict[str, float]:
    """For each municipality outside an area the km to the nearest municipality inside it, by REFNIS number."""
    known = list(municipalities)
    inside = [place for place in known if place.id in area.members]
    latitude, longitude = (
        np.array([getattr(place, name) for place in inside], dtype=float) for name in ("latitude", "longitude")
    )
    return {
        place.id: float(np.min(_flat(place, latitude, longitude), initial=math.inf))
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


def _possible(columns: Columns, rows: Rows, wanted: Wanted) -> Flags:
    """Which have yet to begin and are not excluded outright."""
    query = wanted.query
    start = columns.start[rows]
    kept: Flags = (start == 0) | (start >= wanted.today)
    if query.excluded_mode is not None:
        kept &= columns.mode[rows] != _code(MODES, query.excluded_mode)
    if wanted.excluded_mask:
        kept &= (columns.moments[rows] & wanted.excluded_mask) == 0
    if wanted.excluded_provider:
        kept &= ~_of_provider(columns, rows, wanted.excluded_provider)
    for place in query.excluded_places:
        kept &= ~_in_place(columns, rows, place)
    return kept


def _missed(columns: Columns, rows: Rows, wanted: Wanted) -> Integers:
    """The bits of the wishes that each misses, but for those about distance."""
    query = wanted.query
    bits = np.zeros(len(rows), np.int64)

    def miss(wish: Wish, where: Any) -> None:
        np.bitwise_or(bits, BIT[wish], out=bits, where=where)

    if wanted.mask:
        beyond = (columns.moments[rows] & ~wanted.mask) != 0
        also_then = beyond & ((columns.moments[rows] & wanted.mask) != 0) & wanted.days
        miss(Wish.SCHEDULE, beyond & ~also_then)
        miss(Wish.OTHER_DAYS, also_then)
    if query.delivery_mode is not None:
        miss(Wish.MODE, columns.mode[rows] != _code(MODES, query.delivery_mode))
    if query.start_until is not None:
        miss(Wish.START, columns.start[rows] > query.start_until.toordinal())
    if query.language_level is not None:
        miss(Wish.LEVEL, columns.level[rows] > _code(LEVELS, query.language_level))
    if query.max_price is not None:
        cents = wanted.prices(columns, rows)
        miss(Wish.PRICE, ~(cents <= float(query.max_price) * 100 + 0.5))
    if query.free_for_job_seekers:
        audience = columns.free_for[rows]
        free = (columns.price_kind[rows] == PRICES.index("free")) & (audience >= 0) & (audience < len(AUDIENCES))
        miss(Wish.FREE, ~(free | ((columns.price_kind[rows] == PRICES.index("fixed")) & (columns.cents[rows] == 0))))
    if query.recognised_for is not None:
        miss(Wish.RECOGNISED, (columns.recognised[rows] & (1 << _code(INCENTIVES, query.recognised_for))) == 0)
    if query.shortage:
        miss(Wish.SHORTAGE, ~columns.shortage[rows])
    if wanted.provider:
        miss(Wish.PROVIDER, ~_of_provider(columns, rows, wanted.provider))
    return bits


def _distance(columns: Columns, rows: Rows, wanted: Wanted) -> tuple[npt.NDArray[np.float64], Integers]:
    """Km from the place (NaN when that says nothing), and the bits of the wishes that are missed because of it."""
    place = wanted.query.place
    bits = np.zeros(len(rows), np.int64)
    if place is None:
        return np.full(len(rows), np.nan), bits
    if place.is_area:
        known = [
            math.nan if id_ in place.members else wanted.around.get(id_, math.inf)
            for id_ in columns.municipalities.values
        ]
        away = np.array([*known, math.nan])[columns.municipality[rows]]
        near, wider = 0.0, WIDER_KM - RADIUS_KM
    else:
        away = _flat(place, columns.latitude[rows], columns.longitude[rows])
        near, wider = wanted.radius, max(WIDER_KM, 2 * wanted.radius)
    bits[away > near] = BIT[Wish.RADIUS]
    bits[away > wider] = BIT[Wish.DISTANCE]
    if wanted.query.delivery_mode != "online":
        bits[np.isnan(columns.latitude[rows])] = BIT[Wish.ONLINE]
    return away, bits


def _key(
    columns: Columns,
    rows: Rows,
    rank: Integers,
    distance: npt.NDArray[np.float64],
    bits: Integers,
    fits: Flags,
    wanted: Wanted,
) -> npt.NDArray[np.uint64]:
    """One number by which the courses are in order: what counts most stands in its highest bits."""
    said = columns.title_matches(wanted.title_stems)
    asked_advanced = wanted.query.advanced or bool(wanted.title_stems & {"gevorderd", "vervolg"})
    advanced = np.zeros_like(columns.advanced) if asked_advanced else columns.advanced
    other_level = ~columns.advanced[columns.title[rows]] & asked_advanced
    # One word more of what was asked outweighs that a course is for the advanced.
    title = (16 - 2 * np.minimum(said, 7) + advanced)[columns.title[rows]]
    step = 1.0 if wanted.query.nearest else _STEP_KM
    steps = (np.where(np.isnan(distance), 0, np.minimum(distance, 63 * step) // step), 6)
    subject = [
        (np.minimum(rank, RANKS), 10),
        (_other_days(columns, rows, wanted), 3),
        (other_level, 1),
        (title, 5),
        (columns.full[rows], 1),
    ]
    start = columns.start[rows]
    days = np.where(start == 0, 0, np.clip(start - wanted.today, 0, 1023))
    lot = (columns.number[rows].astype(np.uint64) * np.uint64(2654435761)) >> np.uint64(4)
    key = np.zeros(len(rows), np.uint64)
    for value, width in (
        (~fits, 1),
        (bits, len(Wish)),
        (_not_half(columns, rows, wanted), 1),
        *([steps, *subject] if wanted.query.nearest else [*subject, steps]),
        (days, 10),
        (lot % np.uint64(1 << 11), 11),
    ):
        key = (key << np.uint64(width)) | value.astype(np.uint64)
    return key


def _other_days(columns: Columns, rows: Rows, wanted: Wanted) -> Integers:
    """On how many days there are lessons beside the days that were named; 0 when none were."""
    beyond = columns.moments[rows] & ~wanted.mask if wanted.days else np.zeros(len(rows), np.int64)
    count: Integers = sum(((beyond >> (2 * day)) & 3 != 0).astype(np.int64) for day in range(7))
    return count


def _here_and_around(columns: Columns, rows: Rows, place: Place | None) -> tuple[int, int]:
    """How many are held in a place, and how many elsewhere but not online."""
    if place is None:
        return 0, 0
    held = ~np.isnan(columns.latitude[rows])
    inside = _in_place(columns, rows, place) & held
    return int(inside.sum()), int((held & ~inside).sum())


def _not_half(columns: Columns, rows: Rows, wanted: Wanted) -> Flags:
    """Of courses that are not given as was asked, what is not even partly online goes after what is."""
    if wanted.query.delivery_mode in (None, "blended"):
        return np.zeros(len(rows), dtype=bool)
    given = columns.mode[rows]
    other: Flags = (given != _code(MODES, wanted.query.delivery_mode)) & (given != _code(MODES, "blended"))
    return other


def _flat(place: Place, latitude: Any, longitude: Any) -> Any:
    """Km from a place to points of one small country; within 0.2% of the great circle there, at a fifth of its time."""
    north = (latitude - place.latitude) * _KM_PER_DEGREE
    east = (longitude - place.longitude) * _KM_PER_DEGREE * math.cos(math.radians(place.latitude))
    return np.hypot(north, east)


def _km(distance: float) -> float | None:
    return None if math.isnan(distance) else distance


def _code(values: tuple[Any, ...], value: str) -> int:
    return [str(one) for one in values].index(value)


def _of_provider(columns: Columns, rows: Rows, words: frozenset[str]) -> Flags:
    found: Flags = np.array(
        [provider_matches(words, kind, name) for kind, name in columns.providers.values], dtype=bool
    )
    theirs: Flags = found[columns.provider[rows]]
    return theirs


def _in_place(columns: Columns, rows: Rows, place: Place) -> Flags:
    if place.is_area or place.municipality_id == place.id:
        covered = [place.covers(id_) for id_ in columns.municipalities.values]
        inside: Flags = np.array([*covered, False], dtype=bool)[columns.municipality[rows]]
        return inside
    near: Flags = np.less(_flat(place, columns.latitude[rows], columns.longitude[rows]), 2.0)
    return near
