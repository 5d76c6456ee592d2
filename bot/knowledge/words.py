"""The word half of finding an article: BM25 over words and pieces of words, so that a misspelt word still counts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.assistant.nlu.ngrams import fold

Scores = npt.NDArray[np.float64]

_SATURATION = 1.2
_LENGTH = 0.6
_WHOLE_WORD = 3
"""What a whole word weighs beside one of its pieces: an abbreviation of three letters has no pieces to be found by."""
_PIECE = 4
"""Letters in a piece; word borders count."""

_COMMON = frozenset(
    "de het een en of ik je ge gij u is ben bent zijn was er te van voor in op om met aan bij als dan dat die dit wat hoe "
    "waar wie welke mijn mij me m n t k s nog ook al niet geen wel kan kun kunnen mag mogen moet moeten heb heeft hebben "
    "wil willen krijg krijgt krijgen ga gaat gaan door naar uit zo maar wordt worden doe doen doet daar hier".split()
)
"""Words that every question holds."""


def terms(text: str) -> Counter[str]:
    """The words of a text, and the pieces of its longer words, with their weight; common words are left out."""
    counts: Counter[str] = Counter()
    for word in fold(text).replace("?", " ").split():
        if word in _COMMON:
            continue
        counts[f"={word}"] += _WHOLE_WORD
        if len(word) >= _PIECE:
            bordered = f" {word} "
            counts.update(bordered[start : start + _PIECE] for start in range(len(bordered) - _PIECE + 1))
    return counts


class WordIndex:
    """Texts, found by the words they share with a question."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = [terms(text) for text in texts]
        holding = Counter(term for counts in self._counts for term in counts)
        self._size = len(texts)
        self._rarity = {
            term: math.log(1 + (self._size - count + 0.5) / (count + 0.5)) for term, count in holding.items()
        }
        self._unknown = math.log(1 + (self._size + 0.5) / 0.5)
        self._average = sum(counts.total() for counts in self._counts) / max(1, self._size)
        postings: dict[str, list[tuple[int, float]]] = {}
        for number, counts in enumerate(self._counts):
            for term, weight in self._weights(counts).items():
                postings.setdefault(term, []).append((number, weight))
        self._postings = {
            term: (np.array([number for number, _ in found]), np.array([weight for _, weight in found]))
            for term, found in postings.items()
        }

    def scores(self, question: str) -> Scores:
        """How well each text answers to the words of a question: about 0 to 2, 0 when it shares none.

        A word that no text holds counts against all of them.
        """
        asked = terms(question)
        scores = np.zeros(self._size)
        for term, count in asked.items():
            if term in self._postings:
                numbers, weights = self._postings[term]
                scores[numbers] += weights * count
        return scores / self._most(asked)

    def score_without(self, number: int, part: str, question: str) -> float:
        """The score of one text as if `part` did not stand in it: to measure on questions that the text itself holds."""
        left = self._counts[number] - terms(part)
        weights = self._weights(left)
        asked = terms(question)
        return sum(weights.get(term, 0.0) * count for term, count in asked.items()) / self._most(asked)

    def _weights(self, counts: Counter[str]) -> dict[str, float]:
        length = _SATURATION * (1 - _LENGTH + _LENGTH * counts.total() / max(1.0, self._average))
        return {
            term: self._rarity[term] * count * (_SATURATION + 1) / (count + length) for term, count in counts.items()
        }

    def _most(self, asked: Counter[str]) -> float:
        total = sum(self._rarity.get(term, self._unknown) * count for term, count in asked.items())
        return total or 1.0
