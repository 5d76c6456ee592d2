"""Subjects and titles by what they mean: "koeien melken" is near "met koeien werken", whatever the words.

Each phrase of a subject and each different title is a vector, computed once and kept on disk (`prepare`): a title that
a thousand courses bear is computed once. A search computes one vector, its own, and only when its words say too little.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from bot.assistant.nlu.vectors import SentenceEncoder, VectorCache, Vectors, sentence_encoder
from bot.catalogue.columns import Columns, Rows
from bot.catalogue.subjects import Subjects
from bot.storage.tables import offering_subjects, offerings

FILE = "catalogue-vectors.npz"
"""The name of the vectors in the folder of what the program writes."""
_ALIKE = 0.45
"""Likeness from which a title is shown for a text."""
_NONSENSE = ("xqzv wkjh", "zzgh qpx", "vbnm trpq", "asdkjh qwpo", "kjhgf dsa")
"""Letters drawn by lot. All words that the encoder never saw are near these, and so near each other."""
_UNKNOWN = 0.6
"""Likeness with nonsense from which a text means nothing to the encoder."""
_NEAREST = np.array([1.0, 0.3, 0.09], np.float32)
"""What the nearest phrase of a subject counts for, and the next ones."""
_SHRUNK, _POWER = 0.3, 0.75
"""How far directions are evened out: so of the descriptions most found their subject by the others (five parts in turn)."""
_NONE: Rows = np.zeros(0, np.int32)
MOST_TITLES = 20_000
"""Different titles that are compared by meaning: some 30 MB of memory."""


def open_vectors(path: Path) -> VectorCache:
    """The vectors that are kept in a file; those of another encoder are dropped."""
    return VectorCache(path, known=None)


def prepare(
    vectors: VectorCache,
    subjects: Subjects,
    titles: Iterable[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Computes the vectors that are not kept yet, some milliseconds each."""
    vectors.encode(_texts(subjects, titles), progress=progress)


def untagged_titles(connection: sa.engine.Connection) -> list[str]:
    """The titles, as their folded words, of offerings that have no subject: what `prepare` needs beside the subjects."""
    without = ~sa.exists().where(offering_subjects.c.offering_number == offerings.c.number)
    found = sa.select(offerings.c.title_words).where(without).distinct().order_by(offerings.c.title_words)
    return list(connection.execute(found.limit(MOST_TITLES)).scalars())


@dataclass(frozen=True, slots=True)
class _Known:
    """The phrases as vectors in which what tells subjects apart counts most, and the subject of each."""

    middle: Vectors
    scale: Vectors
    """Turns a vector, without the middle, into one that can be compared."""
    nonsense: Vectors
    phrases: Vectors
    subjects: Sequence[str]
    of: npt.NDArray[np.intp]
    """For each subject the rows of its phrases; -1 after the last."""

    def turned(self, vectors: Vectors) -> Vectors:
        """Vectors as the phrases are."""
        return _unit((vectors - self.middle) @ self.scale)

    def compared(self, vector: Vectors) -> Vectors | None:
        """A vector as the phrases are; none when it is of words that the encoder never saw."""
        own = self.turned(vector)
        return own if float(own @ self.nonsense) < _UNKNOWN else None

    def likeness(self, vector: Vectors) -> Vectors:
        """For each subject how near it is: its nearest phrase counts most, the two after that a little."""
        each = np.append(self.phrases @ vector, np.float32(0.0))[self.of]
        nearest: Vectors = -np.partition(-each, len(_NEAREST) - 1, axis=1)[:, : len(_NEAREST)]
        found: Vectors = -np.sort(-nearest, axis=1) @ (_NEAREST / _NEAREST.sum())
        return found


class Meaning:
    """Compares texts with subjects. Reads its vectors at the first question; without them nothing is near anything."""

    def __init__(
        self,
        path: Path,
        subjects: Subjects,
        encoder: Callable[[], SentenceEncoder] = sentence_encoder,
        opened: Callable[[Path], VectorCache] = open_vectors,
    ) -> None:
        self._path = path
        self._opened = opened
        self._subjects = subjects
        self._encoder = encoder
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._titles: tuple[Columns, Rows, Vectors] | None = None
        self._vector = lru_cache(maxsize=512)(self._compute)

    def near(self, text: str) -> dict[str, float]:
        """For each subject how near the text is to its nearest phrase: 1 the same, around 0 nothing in common."""
        known = self._loaded()
        vector = known.compared(self._vector(text)) if len(known.phrases) and text.strip() else None
        if vector is None:
            return {}
        return dict(zip(known.subjects, known.likeness(vector).tolist(), strict=True))

    def forget(self) -> None:
        """Forgets the vectors of the texts that were compared, as if each came for the first time."""
        self._vector.cache_clear()

    def near_titles(self, text: str, columns: Columns) -> tuple[Rows, Vectors]:
        """The titles without a subject that mean nearly the same as a text, and how nearly."""
        known = self._loaded()
        vector = known.compared(self._vector(text)) if len(known.phrases) and text.strip() else None
        titles, vectors = self._of_titles(columns, known) if vector is not None else (_NONE, None)
        if vector is None or vectors is None or not len(titles):
            return _NONE, np.zeros(0, np.float32)
        likeness: Vectors = vectors @ vector
        near = likeness >= _ALIKE
        return titles[near], likeness[near]

    def _of_titles(self, columns: Columns, known: _Known) -> tuple[Rows, Vectors]:
        """The titles without a subject whose vectors are there, once for each state of the catalogue."""
        with self._lock:
            if self._titles is None or self._titles[0] is not columns:
                kept = self._opened(self._path)
                titles = [title for title in columns.untagged.tolist() if kept.has(columns.titles.values[title])]
                titles = titles[:MOST_TITLES]
                vectors = kept.encode([columns.titles.values[title] for title in titles])
                self._titles = (columns, np.array(titles, np.int32), known.turned(vectors))
            return self._titles[1:]

    def _loaded(self) -> _Known:
        with self._lock:
            if self._known is None:
                self._known = self._load()
            return self._known

    def _load(self) -> _Known:
        names: list[tuple[str, str]] = []
        if self._path.is_file():
            kept = self._opened(self._path)
            names = [(phrase, subject_id) for phrase, subject_id in _phrases(self._subjects) if kept.has(phrase)]
        if not names:
            nothing = np.zeros((0, 0), np.float32)
            return _Known(nothing, nothing, nothing, nothing, (), np.zeros((0, 0), np.intp))
        vectors = kept.encode([phrase for phrase, _ in names])
        return _known(vectors, [subject_id for _, subject_id in names], self._encoder().encode(_NONSENSE))

    def _compute(self, text: str) -> Vectors:
        vector: Vectors = self._encoder().encode([text])[0]
        return vector


def _texts(subjects: Subjects, titles: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*(phrase for phrase, _ in _phrases(subjects)), *titles]))


def _phrases(subjects: Subjects) -> Iterable[tuple[str, str]]:
    """What each subject is called, and what is done with it."""
    yield from subjects.names()
    yield from subjects.descriptions()


def _known(vectors: Vectors, subject_of: Sequence[str], nonsense: Vectors) -> _Known:
    """The vectors of phrases made comparable.

    Raw, all of them point the same way for the most part, and differ most in what the encoder was taught besides: how a
    thing is said. So what all share is taken off, and directions in which the phrases of one subject differ among
    themselves count for less (within-class covariance normalisation: Hatch, Kajarekar and Stolcke, 2006).
    """
    subjects, codes = np.unique(np.array(subject_of), return_inverse=True)
    middle = vectors.mean(axis=0)
    sums = np.zeros((len(subjects), vectors.shape[1]), np.float32)
    np.add.at(sums, codes, vectors)
    apart = vectors - (sums / np.bincount(codes)[:, None])[codes]
    spread, directions = np.linalg.eigh(apart.T @ apart / len(apart))
    scale = (directions / (spread + _SHRUNK * spread.mean() + 1e-9) ** _POWER).astype(np.float32)
    turned = _unit((vectors - middle) @ scale)
    unseen = _unit(_unit((nonsense - middle) @ scale).mean(axis=0))
    told = turned @ unseen < _UNKNOWN
    kept = np.flatnonzero(told)
    named = np.unique(codes[kept])
    rows = [np.flatnonzero(codes[kept] == code) for code in named]
    most = max(map(len, rows), default=0) + len(_NEAREST)
    of = np.array([np.pad(row, (0, most - len(row)), constant_values=-1) for row in rows]).reshape(-1, most)
    return _Known(middle, scale, unseen, turned[kept], tuple(subjects[named].tolist()), of)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = vectors / np.maximum(lengths, 1e-9)
    return unit
