"""The catalogue as the assistant asks it: words and wishes in, courses out, with why they match and what gave way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from bot.catalogue import store, wording
from bot.catalogue.columns import PRICES, Columns, Integers, Rows
from bot.catalogue.index import Index
from bot.catalogue.model import Offering
from bot.catalogue.price import Figure, quotable
from bot.catalogue.query import RADIUS_KM, WIDER_KM, Hit, SearchQuery, SearchResult, Wish
from bot.catalogue.ranking import BIT, RANKS, Order, Ranked, Wanted, distances_from, order
from bot.catalogue.subjects import How, Resolution, Subjects
from bot.catalogue.words import tokens
from bot.places import Gazetteer, Place, PlaceKind, distance_km
from bot.storage.database import Database

__all__ = ["RADIUS_KM", "WIDER_KM", "Catalogue", "Hit", "SearchQuery", "SearchResult", "Wish"]

_BELGIUM = ZoneInfo("Europe/Brussels")
_MOST_GUESSED_WORDS = 3
_MUNICIPALITY_KM = 8.0
"""How far a village may lie from the middle of its municipality."""
_SOON = 5000
"""Without a subject or a place, only so many that start first are looked at."""


def today_in_belgium() -> date:
    """The day in Belgium."""
    return datetime.now(_BELGIUM).date()


@dataclass(frozen=True, slots=True)
class _Pool:
    """Courses to choose from: positions, how near each is to the subject, and bits of what all of them miss."""

    rows: Rows
    rank: Integers
    missed: int = 0


class Catalogue:
    """Searches the offerings in a database. Made once and shared; the columns are made at the first search."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        places: Gazetteer,
        figures: Mapping[str, Figure] | None = None,
        clock: Callable[[], date] = today_in_belgium,
    ) -> None:
        """`folder` is like data/catalogue; `figures` are needed to filter courses of a legal tariff by price.

        Raises `CatalogueDataError` naming what is wrong in the lists.
        """
        self.database = database
        self.subjects = Subjects.load(folder)
        self.index = Index(database)
        self._figures = figures or {}
        self._clock = clock
        self._municipalities = tuple(place for place in places if place.kind is PlaceKind.MUNICIPALITY)
        self._around = lru_cache(maxsize=128)(self._distances_from)

    def knows(self, text: str) -> bool:
        """Whether a text names something to learn. In a longer sentence a resemblance is not enough."""
        found = self.subjects.resolve(text)
        guessed = all(match.how is How.SPELLING for match in found.matches)
        return bool(found.matches) and not (guessed and len(text.split()) > _MOST_GUESSED_WORDS)

    def search(self, query: SearchQuery, *, limit: int = 3, offset: int = 0) -> SearchResult:
        """A page of the courses that fit best, on the caller's thread. Raises `ValueError` for an impossible page."""
        with self.database.read() as connection:
            return self.search_in(connection, query, limit=limit, offset=offset)

    def get(self, offering_id: str) -> Offering | None:
        """One course by its id, if it is there, on the caller's thread."""
        with self.database.read() as connection:
            return store.get(connection, offering_id)

    def search_in(
        self, connection: sa.engine.Connection, query: SearchQuery, *, limit: int = 3, offset: int = 0
    ) -> SearchResult:
        """As `search`, on a connection: for `Database.run(lambda c: catalogue.search_in(c, query), readonly=True)`."""
        if limit < 1 or offset < 0:
            raise ValueError("limit must be at least 1 and offset at least 0")
        columns = self.index.current(connection)
        result, page, whole = self._searched(connection, columns, query, limit, offset)
        if any(ranked.number not in whole for ranked in page):
            # The catalogue was loaded anew between the columns and the texts.
            result, page, whole = self._searched(connection, self.index.renewed(), query, limit, offset)
        hits = tuple(
            self._hit(ranked, whole[ranked.number], query, result.subjects) for ranked in page if ranked.number in whole
        )
        return replace(result, hits=hits)

    def _searched(
        self, connection: sa.engine.Connection, columns: Columns, query: SearchQuery, limit: int, offset: int
    ) -> tuple[SearchResult, Sequence[Ranked], Mapping[int, Offering]]:
        meant = self._meant(query)
        found = self._ordered(connection, columns, query, meant, offset + limit)
        page = found.ranked[offset : offset + limit]
        result = SearchResult(
            total=found.total,
            fitting=found.fitting,
            relaxed=found.relaxed,
            explanation=wording.explanation(found.relaxed, query, self.subjects, meant.subject_ids),
            subjects=meant.subject_ids,
        )
        return result, page, store.bodies(connection, [ranked.number for ranked in page]) if page else {}

    def _ordered(
        self, connection: sa.engine.Connection, columns: Columns, query: SearchQuery, meant: Resolution, top: int
    ) -> Order:
        today = self._clock()
        wanted = Wanted.of(
            query,
            today=today.toordinal(),
            prices=lambda all_of_them, rows: self._cents(all_of_them, rows, today),
            around=self._around(query.place) if query.place and query.place.is_area else None,
        )
        pool = self._pool(connection, columns, query, meant, wanted.today)
        found = order(columns, pool.rows, pool.rank, wanted, top, pool.missed)
        if not found.ranked and meant.matches:
            pool = _of_subjects(columns, self.subjects.neighbours(meant.subject_ids), neighbours=True)
            found = order(columns, pool.rows, pool.rank, wanted, top, pool.missed)
        return found

    def _meant(self, query: SearchQuery) -> Resolution:
        """The subjects of a query: of its subject, or else of its language."""
        if query.subject.strip():
            return self.subjects.resolve(query.subject)
        return self.subjects.language(query.language) if query.language.strip() else Resolution()

    def _pool(
        self, connection: sa.engine.Connection, columns: Columns, query: SearchQuery, meant: Resolution, since: int
    ) -> _Pool:
        if meant.matches:
            return _of_subjects(columns, meant.subject_ids)
        if words := meant.rest or tokens(query.language):
            return _of_words(connection, columns, words)
        return _all(self._soonest(columns, query.place, query.radius or RADIUS_KM, since))

    def _soonest(self, columns: Columns, place: Place | None, radius: float, since: int) -> Rows:
        """What is held in or around a place; anywhere, what starts first."""
        if place is not None and place.is_area:
            return columns.in_municipalities(place.members)
        if place is not None:
            for km in (radius, max(WIDER_KM, 2 * radius)):
                around = [
                    other.id for other in self._municipalities if distance_km(place, other) <= km + _MUNICIPALITY_KM
                ]
                rows = columns.in_municipalities(around)
                if (columns.start[rows] >= since).any():
                    return rows
        first = int(np.searchsorted(columns.start[columns.by_start], since))
        always = int(np.searchsorted(columns.start[columns.by_start], 1))
        return np.concatenate([columns.by_start[:always][:_SOON], columns.by_start[first : first + _SOON]])

    def _hit(self, ranked: Ranked, offering: Offering, query: SearchQuery, meant: Sequence[str]) -> Hit:
        why = wording.why(offering, ranked, query, self.subjects, meant)
        return Hit(offering=offering, distance_km=ranked.distance_km, why=why, missed=ranked.missed)

    def _cents(self, columns: Columns, rows: Rows, today: date) -> npt.NDArray[np.float64]:
        """As `price.enrolment_cents`, of many at once."""
        known = [self._figures.get(id_) for id_ in columns.figures.values]
        quoted = [figure if quotable(figure, today) else None for figure in known]
        rate = np.array(
            [float(figure.amount) * 100 if figure and figure.amount else np.nan for figure in quoted] + [np.nan]
        )
        zero = np.array([0.0 if figure else np.nan for figure in quoted] + [0.0])
        kind, figure = columns.price_kind[rows], columns.figure[rows]
        fixed = np.where(columns.cents[rows] < 0, np.nan, columns.cents[rows])
        hours = np.where(columns.hours[rows] > 0, columns.hours[rows], np.nan)
        cents: npt.NDArray[np.float64] = np.select(
            [kind == PRICES.index("fixed"), kind == PRICES.index("free"), kind == PRICES.index("tariff")],
            [fixed, zero[figure], rate[figure] * hours],
            np.nan,
        )
        return cents

    def _distances_from(self, area: Place) -> Mapping[str, float]:
        return distances_from(area, self._municipalities)


def _of_subjects(columns: Columns, subject_ids: Sequence[str], *, neighbours: bool = False) -> _Pool:
    """What is about any of the subjects: ranked by how much it is, or for neighbours by the order of the subjects."""
    missed = BIT[Wish.SUBJECT] if neighbours else 0
    found = [
        (position, *columns.by_subject[id_]) for position, id_ in enumerate(subject_ids) if id_ in columns.by_subject
    ]
    if len(found) == 1:
        [(position, rows, rank)] = found
        return _Pool(rows, np.full(len(rows), position) if neighbours else rank.astype(np.int64), missed)
    best = np.full(len(columns), RANKS, np.int16)
    for position, rows, rank in reversed(found):
        best[rows] = position if neighbours else np.minimum(best[rows], rank)
    rows = np.flatnonzero(best < RANKS).astype(np.int32)
    return _Pool(rows, best[rows].astype(np.int64), missed)


def _of_words(connection: sa.engine.Connection, columns: Columns, words: Sequence[str]) -> _Pool:
    """What holds all of the words, or else any of them."""
    for together in (True, False):
        if found := store.matching(connection, words, together=together):
            numbers, ranks = zip(*sorted(found), strict=True)
            rows = columns.positions(numbers)
            relative = 1 - np.array(ranks) / (min(ranks) or -1.0)
            there = np.isin(numbers, columns.number[rows])
            return _Pool(rows, np.round(relative[there] * 10).astype(np.int64))
    return _all(np.zeros(0, np.int32))


def _all(rows: Rows) -> _Pool:
    return _Pool(rows, np.zeros(len(rows), np.int64))
