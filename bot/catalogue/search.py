"""The catalogue as the assistant asks it: words and wishes in, courses out, with why they match and what gave way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.catalogue import store, wording
from bot.catalogue.model import Offering
from bot.catalogue.price import Figure, enrolment_cents
from bot.catalogue.query import RADIUS_KM, WIDER_KM, Hit, SearchQuery, SearchResult, Wish
from bot.catalogue.ranking import Candidate, Ranked, Wanted, distances_from, order
from bot.catalogue.subjects import How, Resolution, Subjects
from bot.places import Gazetteer, Place, PlaceKind, distance_km
from bot.storage.database import Database

__all__ = ["RADIUS_KM", "WIDER_KM", "Catalogue", "Hit", "SearchQuery", "SearchResult", "Wish"]

_BELGIUM = ZoneInfo("Europe/Brussels")
_MOST_GUESSED_WORDS = 3
_MUNICIPALITY_KM = 8.0
"""How far a village may lie from the middle of its municipality."""


def today_in_belgium() -> date:
    """The day in Belgium."""
    return datetime.now(_BELGIUM).date()


class Catalogue:
    """Searches the offerings in a database. Made once and shared; holds the words for subjects, no offerings."""

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
        today = self._clock()
        since = (query.start_from or today).toordinal()
        meant = self._meant(query)
        wanted = Wanted.of(
            query,
            today=today.toordinal(),
            price_of=lambda candidate: self._cents(candidate, today),
            around=self._around(query.place) if query.place and query.place.is_area else None,
        )
        found = order(self._candidates(connection, query, meant, since), wanted)
        if not found.ranked and meant.matches:
            neighbours = self.subjects.neighbours(meant.subject_ids)
            found = order(store.of_subjects(connection, neighbours, since, neighbours=True), wanted)
        page = found.ranked[offset : offset + limit]
        whole = store.bodies(connection, [ranked.candidate.number for ranked in page]) if page else {}
        hits = tuple(self._hit(ranked, whole[ranked.candidate.number], query, meant) for ranked in page)
        return SearchResult(
            hits=hits,
            total=len(found.ranked),
            relaxed=found.relaxed,
            explanation=wording.explanation(found.relaxed, query, self.subjects, meant.subject_ids),
            subjects=meant.subject_ids,
        )

    def _meant(self, query: SearchQuery) -> Resolution:
        """The subjects of a query: of its subject, or else of its language."""
        if query.subject.strip():
            return self.subjects.resolve(query.subject)
        return self.subjects.language(query.language) if query.language.strip() else Resolution()

    def _candidates(
        self, connection: sa.engine.Connection, query: SearchQuery, meant: Resolution, since: int
    ) -> list[Candidate]:
        if meant.matches:
            return store.of_subjects(connection, meant.subject_ids, since)
        if words := meant.rest or tuple(query.language.split()):
            return store.of_words(connection, words, since)
        place = query.place
        if place is None:
            return store.soonest(connection, since)
        if place.is_area:
            return store.soonest(connection, since, place.members)
        radius = query.radius or RADIUS_KM
        for km in (radius, max(WIDER_KM, 2 * radius)):
            around = self._near(place, km + _MUNICIPALITY_KM)
            if around and (found := store.soonest(connection, since, around)):
                return found
        return []

    def _near(self, place: Place, km: float) -> list[str]:
        return [other.id for other in self._municipalities if distance_km(place, other) <= km]

    def _hit(self, ranked: Ranked, offering: Offering, query: SearchQuery, meant: Resolution) -> Hit:
        why = wording.why(offering, ranked, query, self.subjects, meant.subject_ids)
        return Hit(offering=offering, distance_km=ranked.distance_km, why=why, missed=ranked.missed)

    def _cents(self, candidate: Candidate, today: date) -> int | None:
        figure = self._figures.get(candidate.figure) if candidate.figure else None
        if candidate.figure and figure is None:
            return None
        return enrolment_cents(candidate.price_kind, figure, candidate.hours, candidate.price_cents, today)

    def _distances_from(self, area: Place) -> Mapping[str, float]:
        return distances_from(area, self._municipalities)
