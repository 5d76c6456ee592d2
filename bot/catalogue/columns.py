"""The catalogue as columns in memory: what a search compares, of all offerings at once.

Some 50 bytes an offering, so that ranking a hundred thousand of them is a handful of operations on arrays, and the same
on every database. The texts stay in the database. Made from one read of it, and never changed: `bot.catalogue.index`
makes new ones when the catalogue changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from bot.catalogue.model import DeliveryMode, Incentive, LanguageLevel
from bot.catalogue.words import stem, tokens
from bot.storage.tables import offering_subjects, offerings

Integers = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]
"""Positions in the columns."""
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

MODES = tuple(DeliveryMode)
PRICES = ("tariff", "fixed", "free", "ask")
AUDIENCES = ("everyone", "most", "job_seekers")
INCENTIVES = tuple(Incentive)
LEVELS = tuple(LanguageLevel)
_AT_A_TIME = 20_000
_ADVANCED = frozenset({"gevorderd", "vervolg"})
"""Stems of titles that a beginner does not look for."""


def is_advanced(title: str) -> bool:
    """Whether a title says that a course is for who knows something of the subject already."""
    return not _ADVANCED.isdisjoint(map(stem, tokens(title)))


class Entry(NamedTuple):
    """An offering as the database gives it for the columns."""

    number: int
    title_words: str
    provider_kind: str
    provider_words: str
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
    free_for: str | None
    language_level: str | None
    recognised_for: str
    shortage: bool
    places_left: int | None = None


class Codes:
    """Values that repeat, each with a number; -1 for none."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[Any, int] = {None: -1}

    def of(self, value: Any) -> int:
        """The number of a value, a new one for a value that is new."""
        known = self._known.get(value)
        if known is None:
            known = self._known[value] = len(self.values)
            self.values.append(value)
        return known

    def find(self, value: Any) -> int:
        """The number of a value; -1 for one that is not there."""
        return self._known.get(value, -1)


@dataclass(frozen=True, eq=False)
class Columns:
    """One array for each fact; the same position in each is the same offering, in the order of `number`."""

    number: Integers
    title: Rows
    provider: Rows
    municipality: Rows
    latitude: Floats
    """NaN for what is only online."""
    longitude: Floats
    mode: npt.NDArray[np.int8]
    moments: npt.NDArray[np.int16]
    start: Rows
    """Days since 1 January of year 1; 0: start when you like."""
    hours: Rows
    price_kind: npt.NDArray[np.int8]
    cents: Rows
    """Of a fixed price; -1 for none."""
    figure: npt.NDArray[np.int16]
    free_for: npt.NDArray[np.int8]
    level: npt.NDArray[np.int8]
    """The Dutch that is needed; -1 when none is asked."""
    recognised: npt.NDArray[np.int8]
    """A bit for each of `INCENTIVES`."""
    shortage: Flags
    full: Flags
    """No places left, as far as the feed says."""
    titles: Codes
    """Folded words of the titles."""
    providers: Codes
    """(kind, folded words of the name)."""
    municipalities: Codes
    figures: Codes
    advanced: Flags
    """For each title whether it is for who knows the subject already."""
    titles_with: Mapping[str, Rows]
    """The titles that hold a stem."""
    by_start: Rows
    """All positions, what starts first first."""
    by_municipality: tuple[Rows, Rows]
    """Positions by municipality, and where in them each municipality begins."""
    by_subject: Mapping[str, tuple[Rows, npt.NDArray[np.int8]]]
    """For each subject the positions of its offerings, and whether (0) or how little it is their main subject."""
    untagged: Rows
    """Titles of offerings that have no subject at all."""

    def __len__(self) -> int:
        return len(self.number)

    @classmethod
    def load(cls, connection: sa.engine.Connection) -> Columns:
        """The columns of what stands in the database, read in pieces."""
        columns = [offerings.c[name] for name in Entry._fields]
        entries = _pieces(connection, sa.select(*columns).order_by(offerings.c.number))
        links = _pieces(
            connection,
            sa.select(offering_subjects.c.subject_id, offering_subjects.c.offering_number, offering_subjects.c.rank),
        )
        return cls.of(entries, links)

    @classmethod
    def of(cls, pieces: Iterable[Sequence[Any]], links: Iterable[Sequence[Any]] = ()) -> Columns:
        """The columns of pieces of `Entry` (by number) and of (subject, number, rank)."""
        titles, providers, municipalities, figures = Codes(), Codes(), Codes(), Codes()
        parts: dict[str, list[Any]] = {name: [] for name in _TYPES}
        for piece in pieces:
            facts = Entry(*zip(*piece, strict=True))  # type: ignore[arg-type]
            coded = _coded(facts, titles, providers, municipalities, figures)
            for name, kind in _TYPES.items():
                parts[name].append(np.fromiter(coded[name], dtype=kind, count=len(piece)))
        arrays: dict[str, Any] = {
            name: np.concatenate(found) if found else np.zeros(0, _TYPES[name]) for name, found in parts.items()
        }
        stems = [frozenset(map(stem, words.split())) for words in titles.values]
        count = len(municipalities.values)
        by_subject = _by_subject(links, arrays["number"])
        tagged = np.zeros(len(arrays["number"]), bool)
        for rows, _ in by_subject.values():
            tagged[rows] = True
        by_municipality = np.argsort(arrays["municipality"], kind="stable").astype(np.int32)
        borders = np.searchsorted(arrays["municipality"][by_municipality], np.arange(count + 1)).astype(np.int32)
        return cls(
            **arrays,
            titles=titles,
            providers=providers,
            municipalities=municipalities,
            figures=figures,
            advanced=np.array([bool(_ADVANCED & found) for found in stems], dtype=bool),
            titles_with=_inverted(stems),
            by_start=np.argsort(arrays["start"], kind="stable").astype(np.int32),
            by_municipality=(by_municipality, borders),
            by_subject=by_subject,
            untagged=np.unique(arrays["title"][~tagged]),
        )

    def positions(self, numbers: Sequence[int] | Integers) -> Rows:
        """Where offerings stand, by their number in the database; those that are not there are left out."""
        wanted = np.asarray(numbers, dtype=np.int64)
        found = np.searchsorted(self.number, wanted)
        found = np.minimum(found, max(len(self) - 1, 0))
        return found[self.number[found] == wanted].astype(np.int32) if len(self) else np.zeros(0, np.int32)

    def in_municipalities(self, ids: Iterable[str]) -> Rows:
        """The positions of what is held in any of the municipalities (REFNIS numbers)."""
        positions, borders = self.by_municipality
        codes = [code for code in map(self.municipalities.find, ids) if code >= 0]
        parts = [positions[borders[code] : borders[code + 1]] for code in codes]
        return np.concatenate(parts) if parts else np.zeros(0, np.int32)

    def with_titles(self, stems: Iterable[str]) -> Rows:
        """The positions of what has a title that holds all of the stems."""
        parts = [self.titles_with.get(one) for one in stems]
        if not parts or any(part is None for part in parts):
            return np.zeros(0, np.int32)
        titles = reduce(np.intersect1d, [part for part in parts if part is not None])
        if not len(titles):
            return np.zeros(0, np.int32)
        named = np.zeros(len(self.titles.values), bool)
        named[titles] = True
        return np.flatnonzero(named[self.title]).astype(np.int32)

    def title_matches(self, stems: Iterable[str]) -> npt.NDArray[np.int8]:
        """For each title how many of the stems it holds."""
        found = np.zeros(len(self.titles.values), np.int8)
        for one in stems:
            if (titles := self.titles_with.get(one)) is not None:
                found[titles] += 1
        return found


_TYPES: dict[str, Any] = {
    "number": np.int64,
    "title": np.int32,
    "provider": np.int32,
    "municipality": np.int32,
    "latitude": np.float32,
    "longitude": np.float32,
    "mode": np.int8,
    "moments": np.int16,
    "start": np.int32,
    "hours": np.int32,
    "price_kind": np.int8,
    "cents": np.int32,
    "figure": np.int16,
    "free_for": np.int8,
    "level": np.int8,
    "recognised": np.int8,
    "shortage": np.bool_,
    "full": np.bool_,
}
_MODE = {mode.value: code for code, mode in enumerate(MODES)}
_PRICE = {kind: code for code, kind in enumerate(PRICES)}
_AUDIENCE: dict[str | None, int] = {None: -1, **{name: code for code, name in enumerate(AUDIENCES)}}
_LEVEL: dict[str | None, int] = {None: -1, **{level.value: code for code, level in enumerate(LEVELS)}}
_RECOGNISED = {incentive.value: 1 << code for code, incentive in enumerate(INCENTIVES)}


def _coded(facts: Any, titles: Codes, providers: Codes, municipalities: Codes, figures: Codes) -> dict[str, Any]:
    bits = {said: sum(_RECOGNISED.get(name, 0) for name in said.split()) for said in set(facts.recognised_for)}
    return {
        "number": facts.number,
        "title": map(titles.of, facts.title_words),
        "provider": map(providers.of, zip(facts.provider_kind, facts.provider_words, strict=True)),
        "municipality": map(municipalities.of, facts.municipality_id),
        "latitude": (np.nan if value is None else value for value in facts.latitude),
        "longitude": (np.nan if value is None else value for value in facts.longitude),
        "mode": (_MODE.get(mode, 0) for mode in facts.delivery_mode),
        "moments": facts.moments,
        "start": (day or 0 for day in facts.start_day),
        "hours": (hours or 0 for hours in facts.hours),
        "price_kind": (_PRICE.get(kind, len(PRICES) - 1) for kind in facts.price_kind),
        "cents": (-1 if cents is None else cents for cents in facts.price_cents),
        "figure": map(figures.of, facts.figure),
        "free_for": (_AUDIENCE.get(name, -1) for name in facts.free_for),
        "level": (_LEVEL.get(name, -1) for name in facts.language_level),
        "recognised": (bits[said] for said in facts.recognised_for),
        "shortage": facts.shortage,
        "full": (left == 0 for left in facts.places_left),
    }


def _pieces(connection: sa.engine.Connection, query: Any) -> Iterator[Sequence[Any]]:
    result = connection.execution_options(stream_results=True).execute(query)
    while piece := result.fetchmany(_AT_A_TIME):
        yield piece


def _inverted(stems: Sequence[frozenset[str]]) -> dict[str, Rows]:
    found: dict[str, list[int]] = {}
    for title, words in enumerate(stems):
        for word in words:
            found.setdefault(word, []).append(title)
    return {word: np.array(titles, dtype=np.int32) for word, titles in found.items()}


def _by_subject(links: Iterable[Sequence[Any]], numbers: Integers) -> dict[str, tuple[Rows, npt.NDArray[np.int8]]]:
    subjects = Codes()
    parts: list[npt.NDArray[np.int64]] = []
    for piece in links:
        found, offering, rank = zip(*piece, strict=True)
        codes = np.fromiter(map(subjects.of, found), dtype=np.int64, count=len(piece))
        parts.append(np.stack([codes, np.array(offering, np.int64), np.minimum(rank, 100).astype(np.int64)]))
    if not parts or not len(numbers):
        return {}
    code, offering, rank = np.concatenate(parts, axis=1)
    at = np.minimum(np.searchsorted(numbers, offering), len(numbers) - 1)
    there = numbers[at] == offering
    code, at, rank = code[there], at[there].astype(np.int32), rank[there].astype(np.int8)
    order = np.argsort(code, kind="stable")
    code, at, rank = code[order], at[order], rank[order]
    borders = np.searchsorted(code, np.arange(len(subjects.values) + 1))
    return {
        subject: (at[borders[index] : borders[index + 1]], rank[borders[index] : borders[index + 1]])
        for index, subject in enumerate(subjects.values)
    }
