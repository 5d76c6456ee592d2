"""How good the search is, measured: queries as people type them, what a good answer to each is, and the plain index beside it.

An answer is judged by what the course is (subject, place, time, price), never by its number, so that the judgements hold when
the catalogue changes. tests/search/*.yml explain their fields.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from bot.catalogue.lists import CatalogueDataError, parse, read_yaml
from bot.catalogue.model import FixedPrice, FreePrice, Incentive, LanguageLevel, Offering, ProviderKind
from bot.catalogue.moments import of_schedule, of_wish
from bot.catalogue.price import Figure, enrolment_cents
from bot.catalogue.query import RADIUS_KM, WIDER_KM
from bot.catalogue.schema import FTS_TABLE
from bot.catalogue.subjects import Subjects
from bot.catalogue.words import fold, tokens
from bot.places import Gazetteer, Place, distance_between
from bot.storage.tables import offerings

BEST = 3
"""The most that an answer can be worth."""
LOOKED_AT = 10
_GOOD = 2
_SOON_DAYS = 45


class Judged(BaseModel):
    """A query, and what makes a course a good answer to it: an entry of tests/search/*.yml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: str = Field(min_length=1)
    subjects: tuple[str, ...] = ()
    domain: str = ""
    also: tuple[str, ...] = ()
    title: str = ""
    place: str = ""
    schedule: str = ""
    mode: str = ""
    max_price: int | None = None
    free_for_job_seekers: bool = False
    provider: ProviderKind | None = None
    incentive: Incentive | None = None
    shortage: bool = False
    level: LanguageLevel | None = None
    start_month: int | None = Field(default=None, ge=1, le=12)
    start_from_month: int | None = Field(default=None, ge=1, le=12)
    soon: bool = False


def load_judged(path: Path, subjects: Subjects, places: Gazetteer) -> tuple[Judged, ...]:
    """The judged queries of a file. Raises `CatalogueDataError` naming file, entry and field."""
    entries = tuple(parse(Judged, entry, path.name) for entry in read_yaml(path).get("queries", ()))
    domains = {subject.domain for subject in subjects}
    for judged in entries:
        unknown = [name for name in (*judged.subjects, *judged.also) if name not in subjects]
        if unknown or (judged.domain and judged.domain not in domains) or not (judged.subjects or judged.domain):
            raise CatalogueDataError(
                f"{path.name}, {judged.q}, subjects: {', '.join(unknown) or 'a domain'} is unknown"
            )
        if judged.place and places.resolve(judged.place).place is None:
            raise CatalogueDataError(f"{path.name}, {judged.q}, place: {judged.place!r} is not one place")
    return entries


class Judge:
    """Says what a course is worth as an answer to a query: 0 to `BEST`."""

    def __init__(self, subjects: Subjects, places: Gazetteer, figures: Mapping[str, Figure], today: date) -> None:
        self._domain = {subject.id: subject.domain for subject in subjects}
        self._places = places
        self._figures = figures
        self._today = today

    def worth(self, judged: Judged, offering: Offering) -> int:
        """The worth of one course; one that has begun is worth nothing."""
        if offering.start and offering.start < self._today:
            return 0
        worth = self._about(judged, offering)
        if not worth:
            return 0
        if judged.title and not re.search(judged.title, fold(offering.title)):
            worth = max(1, worth - 1)
        return max(0, worth - self._far(judged, offering) - 2 * sum(self._missed(judged, offering)))

    def _about(self, judged: Judged, offering: Offering) -> int:
        main, *rest = offering.subjects or ("",)
        if main in judged.subjects or (judged.domain and self._domain.get(main) == judged.domain):
            return BEST
        if set(rest) & set(judged.subjects):
            return 2
        return 1 if set(offering.subjects) & set(judged.also) else 0

    def _far(self, judged: Judged, offering: Offering) -> int:
        place = self._places.resolve(judged.place).place if judged.place else None
        if place is None or (offering.location is None and judged.mode == "online"):
            return 0
        if offering.location is None:
            return 1
        if place.is_area:
            return 0 if place.covers(offering.municipality_id) else self._beside(place, offering)
        km = distance_between(place.latitude, place.longitude, offering.location.latitude, offering.location.longitude)
        return 0 if km <= RADIUS_KM else 1 if km <= WIDER_KM else BEST

    def _beside(self, place: Place, offering: Offering) -> int:
        """Outside an area: near one of its municipalities, or far."""
        assert offering.location is not None
        inside = [found for found in map(self._places.get, place.members) if found]
        km = min(
            distance_between(one.latitude, one.longitude, offering.location.latitude, offering.location.longitude)
            for one in inside
        )
        return 1 if km <= WIDER_KM - RADIUS_KM else BEST

    def _missed(self, judged: Judged, offering: Offering) -> Iterable[bool]:
        price, start = offering.price, offering.start
        yield bool(judged.schedule) and bool(of_schedule(offering.schedule) & ~of_wish([judged.schedule]))
        yield bool(judged.mode) and offering.delivery_mode != judged.mode
        if judged.max_price is not None:
            cents = self._cents(offering)
            yield cents is None or cents > judged.max_price * 100
        free = isinstance(price, FreePrice) or (isinstance(price, FixedPrice) and price.amount == 0)
        yield judged.free_for_job_seekers and not free
        yield judged.provider is not None and offering.provider.kind is not judged.provider
        yield judged.incentive is not None and judged.incentive not in offering.recognised_for
        yield judged.shortage and not offering.shortage
        asked = offering.language_level
        yield judged.level is not None and asked is not None and asked > judged.level
        yield judged.start_month is not None and start is not None and start.month != judged.start_month
        if judged.start_from_month is not None and start is not None:
            year = self._today.year + (judged.start_from_month < self._today.month)
            yield start < date(year, judged.start_from_month, 1)
        yield judged.soon and start is not None and start > self._today + timedelta(days=_SOON_DAYS)

    def _cents(self, offering: Offering) -> int | None:
        price = offering.price
        amount = int(price.amount * 100) if isinstance(price, FixedPrice) else None
        figure = None if isinstance(price, FixedPrice) else self._figures.get(price.figure or "")
        return enrolment_cents(price.kind, figure, offering.hours, amount, self._today)


@dataclass(frozen=True, slots=True)
class Score:
    """How good the answers to one query were, or to many on average."""

    ndcg: float
    """Of the first 5: 1 for the best possible order, 0 for nothing of worth."""
    recall: float
    """Of the first 10: how many good ones, of those that there are or of 10."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One query, searched both ways."""

    judged: Judged
    ours: Score
    plain: Score
    found: tuple[tuple[str, int], ...]
    """Title and worth of what we found."""


Search = Callable[[str], Sequence[str]]
"""From a query to the ids of the first `LOOKED_AT` offerings."""


def compare(
    queries: Iterable[Judged], judge: Judge, everything: Mapping[str, Offering], ours: Search, plain: Search
) -> tuple[Compared, ...]:
    """Each query that has an answer in the catalogue, searched both ways."""
    compared = []
    for judged in queries:
        worth = {id_: value for id_, offering in everything.items() if (value := judge.worth(judged, offering))}
        if not worth:
            continue
        ids = ours(judged.q)
        found = tuple((f"{everything[id_].title}, {everything[id_].place_name}", worth.get(id_, 0)) for id_ in ids)
        compared.append(Compared(judged, score(ids, worth), score(plain(judged.q), worth), found))
    return tuple(compared)


def score(ids: Sequence[str], worth: Mapping[str, int]) -> Score:
    """nDCG@5 and recall@10 of an answer, given the worth of every offering that has any."""
    gained = _discounted([worth.get(id_, 0) for id_ in ids[:5]])
    possible = _discounted(sorted(worth.values(), reverse=True)[:5])
    good = {id_ for id_, value in worth.items() if value >= min(_GOOD, max(worth.values()))}
    return Score(gained / possible, len(good & set(ids[:LOOKED_AT])) / min(len(good), LOOKED_AT))


def mean(scores: Sequence[Score]) -> Score:
    """The average of some scores; of none 0."""
    count = max(len(scores), 1)
    return Score(sum(one.ndcg for one in scores) / count, sum(one.recall for one in scores) / count)


def _discounted(values: Sequence[int]) -> float:
    return sum(float(2**value - 1) / math.log2(position + 2) for position, value in enumerate(values))


def plain_search(connection: sa.engine.Connection, text: str) -> list[str]:
    """What SQLite's FTS5 finds by itself: any of the words, in title or text, ordered by BM25."""
    words = [word for word in tokens(text) if word.isalnum()]
    if not words:
        return []
    statement: Any = sa.text(
        f"SELECT offerings.id FROM {FTS_TABLE} JOIN {offerings.name} ON offerings.number = {FTS_TABLE}.rowid "  # noqa: S608 - names of ours
        f"WHERE {FTS_TABLE} MATCH :words ORDER BY bm25({FTS_TABLE}) LIMIT {LOOKED_AT}"
    )
    found = connection.execute(statement, {"words": " OR ".join(f'"{word}"' for word in words)})
    return [id_ for (id_,) in found]
