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

from bot.assistant.nlu.vectors import Vectors
from bot.catalogue import store, wording
from bot.catalogue.columns import PRICES, Columns, Integers, Rows
from bot.catalogue.index import Index
from bot.catalogue.matches import How
from bot.catalogue.meaning import Meaning
from bot.catalogue.model import Offering
from bot.catalogue.price import Figure, quotable
from bot.catalogue.query import RADIUS_KM, WIDER_KM, Hit, SearchQuery, SearchResult, Wish
from bot.catalogue.ranking import BIT, RANKS, Order, Ranked, Wanted, distances_from, order
from bot.catalogue.spoken import Reader
from bot.catalogue.subjects import Subjects
from bot.catalogue.understanding import Understanding, Understood
from bot.catalogue.words import stem, tokens
from bot.places import Gazetteer, Place, PlaceKind, distance_km
from bot.storage.database import Database

__all__ = ["RADIUS_KM", "WIDER_KM", "Catalogue", "Hit", "SearchQuery", "SearchResult", "Wish"]

_BELGIUM = ZoneInfo("Europe/Brussels")
_MOST_GUESSED_WORDS = 3
_MUNICIPALITY_KM = 8.0
"""How far a village may lie from the middle of its municipality."""
_STEPS = 20
"""Steps between a subject that is surely meant and one that is not at all."""
_SIDE = 3
"""Steps that a course is further for which a subject is but the second, and again for the third."""
_BEFORE = 5
"""Steps that a course is nearer which holds every word of the search."""
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
        vectors: Path | None = None,
    ) -> None:
        """`folder` is like data/catalogue, with ../nlu/gazetteers beside it.

        `figures` are needed to filter courses of a legal tariff by price.

        `vectors` is the file that `bot.catalogue.meaning.prepare` fills; without it only words are searched for.
        Raises `CatalogueDataError` naming what is wrong in the lists.
        """
        self.database = database
        self.subjects = Subjects.load(folder)
        self._reader = Reader(places, self.subjects, folder.parent / "nlu" / "gazetteers")
        self.meaning = Meaning(vectors, self.subjects) if vectors else None
        self._understanding = Understanding(self.subjects, self.meaning)
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

    def named(self, text: str) -> str:
        """The words of a text that name something to learn; empty when it names nothing."""
        return self.subjects.named(text) if self.knows(text) else ""

    def understands(self, text: str) -> bool:
        """Whether a text that answers "what do you want to learn" leads to any subject, by its words or its meaning."""
        return bool(self._understanding.of(text).matches)

    def read(self, text: str) -> SearchQuery:
        """What somebody types in a search box, as wishes."""
        return self._reader.read(text, self._clock())

    def typed(self, query: SearchQuery) -> SearchQuery:
        """A query whose subject is what somebody typed, with the wishes that stand in it; filters that were set stay so."""
        said, empty = self.read(query.subject), SearchQuery()
        unset = [name for name in SearchQuery.__dataclass_fields__ if getattr(query, name) == getattr(empty, name)]
        return replace(query, **{name: getattr(said, name) for name in unset} | {"subject": said.subject})

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
        if not result.total and (open_query := _without_exclusions(query)) != query:
            relaxed = self.search_in(connection, open_query, limit=limit, offset=offset)
            if relaxed.total:
                return _relaxed_too(relaxed, Wish.EXCLUDED)
        hits = tuple(
            self._hit(ranked, whole[ranked.number], query, result.subjects) for ranked in page if ranked.number in whole
        )
        return replace(result, hits=hits)

    def spread_in(self, connection: sa.engine.Connection, query: SearchQuery) -> dict[str, int]:
        """How many of the courses that fit are in each municipality, by REFNIS number; "" for those only online."""
        columns = self.index.current(connection)
        rows = self._ordered(connection, columns, query, self._meant(query), 1).rows
        if rows is None:
            return {}
        codes, counts = np.unique(columns.municipality[rows], return_counts=True)
        return {
            columns.municipalities.values[code] if code >= 0 else "": int(count)
            for code, count in zip(codes, counts, strict=True)
        }

    def _searched(
        self, connection: sa.engine.Connection, columns: Columns, query: SearchQuery, limit: int, offset: int
    ) -> tuple[SearchResult, Sequence[Ranked], Mapping[int, Offering]]:
        meant = self._meant(query)
        found = self._ordered(connection, columns, query, meant, offset + limit)
        page = found.ranked[offset : offset + limit]
        asked = query.subject or query.language
        result = SearchResult(
            total=found.total,
            fitting=found.fitting,
            inside=found.inside,
            around=found.around,
            relaxed=found.relaxed,
            near=meant.guessed or self.subjects.only_near(asked),
            explanation=wording.explanation(found.relaxed, query, self.subjects, meant.subject_ids, meant.guessed),
            subjects=meant.subject_ids,
            suggestions=() if found.total or not asked.strip() else self._understanding.suggestions(asked),
        )
        return result, page, store.bodies(connection, [ranked.number for ranked in page]) if page else {}

    def _ordered(
        self, connection: sa.engine.Connection, columns: Columns, query: SearchQuery, meant: Understood, top: int
    ) -> Order:
        today = self._clock()
        wanted = Wanted.of(
            query,
            today=today.toordinal(),
            prices=lambda all_of_them, rows: self._cents(all_of_them, rows, today),
            around=self._around(query.place) if query.place and query.place.is_area else None,
            words=self.subjects.title_words(tokens(f"{query.subject} {query.language}")),
        )
        pool = self._pool(connection, columns, query, meant, wanted.today)
        found = order(columns, pool.rows, pool.rank, wanted, top, pool.missed)
        if not found.ranked and meant.matches:
            near = self.subjects.neighbours(meant.subject_ids)
            pool = replace(_of_subjects(columns, near, range(len(near))), missed=BIT[Wish.SUBJECT])
            found = order(columns, pool.rows, pool.rank, wanted, top, pool.missed)
        return found

    def _meant(self, query: SearchQuery) -> Understood:
        """The subjects of a query: of its subject, or else of its language."""
        if query.subject.strip():
            return self._understanding.of(query.subject)
        if not query.language.strip():
            return Understood()
        found = self.subjects.language(query.language)
        return Understood(found.matches, tuple(1.0 for _ in found.matches), found.rest)

    def _pool(
        self, connection: sa.engine.Connection, columns: Columns, query: SearchQuery, meant: Understood, since: int
    ) -> _Pool:
        pool = self._about(connection, columns, query, meant)
        if pool is None:
            return _all(self._soonest(columns, query.place, query.radius or RADIUS_KM, since))
        if not meant.sure and self.meaning is not None and len(columns.untagged):
            titles, likeness = self.meaning.near_titles(query.subject, columns)
            return _joined(pool, columns, titles, likeness)
        return pool

    def _about(
        self, connection: sa.engine.Connection, columns: Columns, query: SearchQuery, meant: Understood
    ) -> _Pool | None:
        """What is about the subjects or holds the words; none when no subject is asked."""
        if not meant.matches:
            words = meant.words or tokens(query.language)
            return _of_words(connection, columns, words) if words else None
        pool = _of_subjects(columns, meant.subject_ids, [round((1 - share) * _STEPS) for share in meant.share])
        if meant.words:
            numbers = [number for number, _ in store.matching(connection, meant.words, together=True)]
            return _first(pool, columns.positions(sorted(numbers)))
        if len(stems := set(map(stem, self.subjects.content(tokens(query.subject))))) > 1:
            return _first(pool, columns.with_titles(stems))
        return pool

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


def _without_exclusions(query: SearchQuery) -> SearchQuery:
    return replace(query, excluded_places=(), excluded_schedule=frozenset(), excluded_mode=None, excluded_provider="")


def _relaxed_too(result: SearchResult, wish: Wish) -> SearchResult:
    """The same, in which a wish gave way for all that was found."""
    return replace(
        result,
        relaxed=(*result.relaxed, wish),
        explanation=" ".join(filter(None, (wording.GAVE_WAY[wish], result.explanation))),
    )


def _of_subjects(columns: Columns, subject_ids: Sequence[str], steps: Sequence[int]) -> _Pool:
    """What is about any of the subjects, each so many steps from the best; a side subject is some steps further."""
    found = [
        (step, *columns.by_subject[id_])
        for step, id_ in zip(steps, subject_ids, strict=True)
        if id_ in columns.by_subject
    ]
    if len(found) == 1:
        [(step, rows, rank)] = found
        return _Pool(rows, _BEFORE + step + _SIDE * rank.astype(np.int64))
    best = np.full(len(columns), RANKS, np.int16)
    for step, rows, rank in found:
        best[rows] = np.minimum(best[rows], _BEFORE + step + _SIDE * rank.astype(np.int16))
    rows = np.flatnonzero(best < RANKS).astype(np.int32)
    return _Pool(rows, best[rows].astype(np.int64))


def _first(pool: _Pool, named: Rows) -> _Pool:
    """The same, with what holds every word of the search before what does not."""
    if not len(named):
        return pool
    rank = np.where(np.isin(pool.rows, named), np.maximum(pool.rank - _BEFORE, 0), pool.rank)
    others = np.setdiff1d(named, pool.rows)
    ranks = np.concatenate([rank, np.ones(len(others), np.int64)])
    return _Pool(np.concatenate([pool.rows, others]), ranks, pool.missed)


def _joined(pool: _Pool, columns: Columns, titles: Rows, likeness: Vectors) -> _Pool:
    """The same, with the courses that have one of these titles, the likest nearest."""
    if not len(titles):
        return pool
    steps = np.full(len(columns.titles.values), -1, np.int64)
    steps[titles] = _BEFORE + np.round((1 - likeness) * _STEPS).astype(np.int64)
    of_row = steps[columns.title]
    rows = np.setdiff1d(np.flatnonzero(of_row >= 0).astype(np.int32), pool.rows)
    return _Pool(np.concatenate([pool.rows, rows]), np.concatenate([pool.rank, of_row[rows]]), pool.missed)


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
