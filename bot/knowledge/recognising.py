"""Which article a sentence asks for, learnt from all sentences by which articles are asked for.

Kernel ridge regression: sentences are alike by their meaning and by their letters, and each article wants its own sentences
and no other's. It sees what the nearest sentence alone does not: that "cheques" says little about which article on cheques
is meant. A closed form: the same sentences give the same result, and what it would say of a sentence had that not been there
is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.assistant.nlu.grams import Grams

Numbers = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.float32]

LETTERS = 2.0
"""What the letters weigh beside the meaning. Flat between 1 and 3, and so is `RIDGE` between 0.5 and 2: chosen in the middle."""
RIDGE = 1.0


class Letters:
    """How alike sentences are by their words and pieces of words: the cosine of tf-idf."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self._grams, self._rows = Grams.learn(sentences)

    def alike(self, text: str) -> Numbers:
        """How alike a text is to each sentence, 0 to 1."""
        known, weights = self._grams.weigh(text)
        row = np.zeros(len(self._grams.rows), np.float32)
        row[known] = weights
        return np.asarray(self._rows @ row, dtype=np.float64)

    def among(self) -> Numbers:
        """How alike the sentences are to each other."""
        return np.asarray((self._rows @ self._rows.T).toarray(), dtype=np.float64)


def learn(vectors: Vectors, letters: Letters, owner: npt.NDArray[np.int_]) -> tuple[Vectors, Numbers]:
    """What each sentence counts for each article, and what would be said of each sentence if it were not there.

    `vectors` are of unit length, one for each sentence; `owner` is the number of the article that a sentence belongs to.
    """
    wanted = np.zeros((len(owner), int(owner.max()) + 1))
    wanted[np.arange(len(owner)), owner] = 1.0
    wanted -= wanted.mean(axis=0)
    alike = np.asarray(vectors @ vectors.T, dtype=np.float64) + LETTERS * letters.among()
    inverse = np.linalg.inv(alike + RIDGE * np.eye(len(owner)))
    shares = inverse @ wanted
    return shares.astype(np.float32), wanted - shares / np.diag(inverse)[:, None]


def recognise(shares: Vectors, nearness: Numbers, alike: Numbers) -> Numbers:
    """How much a text is a question for each article: about 0 when it is not, up to about 1 when it is."""
    return np.asarray((nearness + LETTERS * alike).astype(np.float32) @ shares, dtype=np.float64)
