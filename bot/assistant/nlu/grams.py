"""N-grams as features of a text: which are known, and what each weighs (TF-IDF)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.assistant.nlu.ngrams import ngrams
from bot.assistant.nlu.vectors import Vectors

Rows = npt.NDArray[np.int64]


@dataclass(slots=True)
class Grams:
    """N-grams as features: `rows` maps one to its row, `idf` is its weight."""

    rows: dict[str, int]
    idf: Vectors

    @classmethod
    def learn(cls, texts: Sequence[str], least: int = 1, most: int | None = None) -> tuple[Grams, Any]:
        """The n-grams worth knowing of the texts, weighed by in how few texts they occur, and `matrix` of the texts.

        Worth knowing are those in at least `least` texts, the `most` commonest of them.
        """
        numbers: dict[str, int] = {}
        counted = []
        for text in texts:
            found = ngrams(text)
            rows = np.array([numbers.setdefault(gram, len(numbers)) for gram in found], dtype=np.int64)
            counted.append((rows, np.array(list(found.values()), dtype=np.float32)))
        spread = np.bincount(np.concatenate([rows for rows, _ in counted]), minlength=len(numbers))
        known = list(numbers)
        common = np.argsort(-spread, kind="stable")[:most]
        chosen = sorted((int(number) for number in common if spread[number] >= least), key=lambda n: known[n])
        idf = (np.log((1 + len(texts)) / (1 + spread[chosen])) + 1).astype(np.float32)
        grams = cls({known[number]: row for row, number in enumerate(chosen)}, idf)
        place = np.full(len(numbers), -1, dtype=np.int64)
        place[chosen] = np.arange(len(chosen))
        return grams, grams._stacked([(place[rows], counts) for rows, counts in counted])

    def weigh(self, text: str) -> tuple[Rows, Vectors]:
        """The rows and TF-IDF weights (sublinear, unit length) of the known n-grams of a text."""
        rows, counts = self._counts(text)
        known = rows >= 0
        return rows[known], self._weights(rows[known], counts[known])

    def matrix(self, texts: Sequence[str]) -> Any:
        """A sparse matrix of the weights, a row for each text."""
        return self._stacked([self._counts(text) for text in texts])

    def _counts(self, text: str) -> tuple[Rows, Vectors]:
        found = ngrams(text)
        rows = np.array([self.rows.get(gram, -1) for gram in found], dtype=np.int64)
        return rows, np.array(list(found.values()), dtype=np.float32)

    def _weights(self, rows: Rows, counts: Vectors) -> Vectors:
        values = (1.0 + np.log(counts)) * self.idf[rows]
        return (values / max(float(np.linalg.norm(values)), 1e-6)).astype(np.float32)

    def _stacked(self, counted: Sequence[tuple[Rows, Vectors]]) -> Any:
        import scipy.sparse

        indptr, indices, data = [0], [], []
        for rows, counts in counted:
            known = rows >= 0
            indices.append(rows[known])
            data.append(self._weights(rows[known], counts[known]))
            indptr.append(indptr[-1] + int(known.sum()))
        return scipy.sparse.csr_matrix(
            (np.concatenate(data), np.concatenate(indices), np.array(indptr)), shape=(len(counted), len(self.rows))
        )
