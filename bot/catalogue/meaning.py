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
import sqlalchemy as sa

from bot.assistant.nlu.vectors import SentenceEncoder, VectorCache, Vectors, sentence_encoder
from bot.catalogue.columns import Columns, Rows
from bot.catalogue.subjects import Subjects
from bot.storage.tables import offering_subjects, offerings

FILE = "catalogue-vectors.npz"
"""The name of the vectors in the folder of what the program writes."""
_ALIKE = 0.6
"""Likeness from which a title is shown for a text."""
_NONSENSE = ("xqzv wkjh", "zzgh qpx", "vbnm trpq", "asdkjh qwpo", "kjhgf dsa")
"""Letters drawn by lot. All words that the encoder never saw are near these, and so near each other."""
_UNKNOWN = 0.6
"""Likeness with nonsense from which a text means nothing to the encoder."""
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
    """The phrases as vectors without what they all share, and the subject of each."""

    middle: Vectors
    nonsense: Vectors
    phrases: Vectors
    of: Sequence[str]

    def compared(self, vector: Vectors) -> Vectors | None:
        """A vector as the phrases are; none when it is of words that the encoder never saw."""
        own = _unit(vector - self.middle)
        return own if float(own @ self.nonsense) < _UNKNOWN else None


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
        likeness = known.phrases @ vector
        found: dict[str, float] = {}
        for subject_id, value in zip(known.of, likeness.tolist(), strict=True):
            if value > found.get(subject_id, -1.0):
                found[subject_id] = value
        return found

    def forget(self) -> None:
        """Forgets the vectors of the texts that were compared, as if each came for the first time."""
        self._vector.cache_clear()

    def near_titles(self, text: str, columns: Columns) -> tuple[Rows, Vectors]:
        """The titles without a subject that mean nearly the same as a text, and how nearly."""
        known = self._loaded()
        vector = known.compared(self._vector(text)) if len(known.phrases) and text.strip() else None
        titles, vectors = self._of_titles(columns, known.middle) if vector is not None else (_NONE, None)
        if vector is None or vectors is None or not len(titles):
            return _NONE, np.zeros(0, np.float32)
        likeness: Vectors = vectors @ vector
        near = likeness >= _ALIKE
        return titles[near], likeness[near]

    def _of_titles(self, columns: Columns, middle: Vectors) -> tuple[Rows, Vectors]:
        """The titles without a subject whose vectors are there, once for each state of the catalogue."""
        with self._lock:
            if self._titles is None or self._titles[0] is not columns:
                kept = self._opened(self._path)
                titles = [title for title in columns.untagged.tolist() if kept.has(columns.titles.values[title])]
                titles = titles[:MOST_TITLES]
                vectors = kept.encode([columns.titles.values[title] for title in titles])
                self._titles = (columns, np.array(titles, np.int32), _unit(vectors - middle))
            return self._titles[1:]

    def _loaded(self) -> _Known:
        with self._lock:
            if self._known is None:
                self._known = self._load()
            return self._known

    def _load(self) -> _Known:
        nothing = np.zeros((0, 0), np.float32)
        if not self._path.is_file():
            return _Known(nothing, nothing, nothing, ())
        kept = self._opened(self._path)
        names = [(phrase, subject_id) for phrase, subject_id in self._subjects.names() if kept.has(phrase)]
        if not names:
            return _Known(nothing, nothing, nothing, ())
        vectors = kept.encode([phrase for phrase, _ in names])
        # Raw, all vectors point the same way for the most part: what is left without that tells texts apart.
        middle = vectors.mean(axis=0)
        nonsense = _unit(_unit(self._encoder().encode(_NONSENSE) - middle).mean(axis=0))
        phrases = _unit(vectors - middle)
        told = phrases @ nonsense < _UNKNOWN
        of = [subject_id for (_, subject_id), kept_too in zip(names, told.tolist(), strict=True) if kept_too]
        return _Known(middle, nonsense, phrases[told], of)

    def _compute(self, text: str) -> Vectors:
        vector: Vectors = self._encoder().encode([text])[0]
        return vector


def _texts(subjects: Subjects, titles: Iterable[str]) -> list[str]:
    phrases = dict.fromkeys(phrase for phrase, _ in subjects.names())
    return list(dict.fromkeys([*phrases, *titles]))


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vectors = vectors / np.maximum(lengths, 1e-9)
    return unit
