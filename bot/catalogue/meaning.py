"""Subjects and titles by what they mean: "koeien melken" is near "met koeien werken", whatever the words.

Each phrase of a subject and each different title is a vector, computed once and kept on disk (`prepare`): a title that
a thousand courses bear is computed once. A search computes one vector, its own, and only when its words say too little.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
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
_MOST_TITLES = 20_000
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
    return list(connection.execute(found.limit(_MOST_TITLES)).scalars())


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
        self._phrases: tuple[Vectors, Vectors, Sequence[str]] | None = None
        self._titles: tuple[Columns, Rows, Vectors] | None = None
        self._vector = lru_cache(maxsize=512)(self._compute)

    def near(self, text: str) -> dict[str, float]:
        """For each subject how near the text is to its nearest phrase: 1 the same, around 0 nothing in common."""
        middle, phrases, of = self._loaded()
        if not len(phrases) or not text.strip():
            return {}
        likeness = phrases @ _unit(self._vector(text) - middle)
        found: dict[str, float] = {}
        for subject_id, value in zip(of, likeness.tolist(), strict=True):
            if value > found.get(subject_id, -1.0):
                found[subject_id] = value
        return found

    def forget(self) -> None:
        """Forgets the vectors of the texts that were compared, as if each came for the first time."""
        self._vector.cache_clear()

    def near_titles(self, text: str, columns: Columns) -> tuple[Rows, Vectors]:
        """The titles without a subject that mean nearly the same as a text, and how nearly."""
        middle, phrases, _ = self._loaded()
        if not len(phrases) or not text.strip():
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        titles, vectors = self._of_titles(columns, middle)
        likeness: Vectors = vectors @ _unit(self._vector(text) - middle) if len(titles) else np.zeros(0, np.float32)
        near = likeness >= _ALIKE
        return titles[near], likeness[near]

    def _of_titles(self, columns: Columns, middle: Vectors) -> tuple[Rows, Vectors]:
        """The titles without a subject whose vectors are there, once for each state of the catalogue."""
        with self._lock:
            if self._titles is None or self._titles[0] is not columns:
                kept = self._opened(self._path)
                titles = [title for title in columns.untagged.tolist() if kept.has(columns.titles.values[title])]
                vectors = kept.encode([columns.titles.values[title] for title in titles])
                self._titles = (columns, np.array(titles, np.int32), _unit(vectors - middle))
            return self._titles[1:]

    def _loaded(self) -> tuple[Vectors, Vectors, Sequence[str]]:
        with self._lock:
            if self._phrases is None:
                self._phrases = self._load()
            return self._phrases

    def _load(self) -> tuple[Vectors, Vectors, Sequence[str]]:
        nothing = np.zeros((0, 0), np.float32)
        if not self._path.is_file():
            return nothing, nothing, ()
        kept = self._opened(self._path)
        names = [(phrase, subject_id) for phrase, subject_id in self._subjects.names() if kept.has(phrase)]
        if not names:
            return nothing, nothing, ()
        vectors = kept.encode([phrase for phrase, _ in names])
        # Raw, all vectors point the same way for the most part: what is left without that tells texts apart.
        middle = vectors.mean(axis=0)
        return middle, _unit(vectors - middle), [subject_id for _, subject_id in names]

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
