"""Finds the article that answers a question, by words and by meaning, with a chance that it is the right one.

What no intent covers is found so. Three look at a question: `WordIndex` over the whole text of each article, the sentence
encoder over the ways in which people ask for it (the nearest counts), and what was learnt from all those ways together
(`recognising`). The chance is calibrated on the articles' own questions, each looked for as if it did not stand there, and on
what people say that no article answers (`strangers`), so that "I don't know" is said when it should be. docs/kennis.md has
the figures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bot.knowledge.articles import Article
from bot.knowledge.calibration import Calibration, Numbers, fit
from bot.knowledge.recognising import Letters, learn, recognise
from bot.knowledge.words import WordIndex

Vectors = npt.NDArray[np.float32]

WORDS = 0.5
"""What the words weigh beside the meaning. Flat between 0.3 and 1: chosen in the middle."""
LEARNT = 1.0
"""What was learnt weighs beside the meaning. Flat between 0.5 and 2."""
FOUND = 3
"""Articles looked up for one question."""


class Encoder(Protocol):
    """What gives the vectors of sentences: unit length, one row each."""

    def encode(self, texts: Sequence[str]) -> Vectors: ...


@dataclass(frozen=True, slots=True)
class Hit:
    """An article, and the chance (0 to 1) that it is the right answer."""

    article: Article
    chance: float


def asked_as(article: Article) -> tuple[str, ...]:
    """The sentences by whose meaning an article is found."""
    return (article.title, *article.questions)


def whole_text(article: Article) -> str:
    """The text by whose words an article is found."""
    return "\n".join((*asked_as(article), article.plain, article.professional))


class Finder:
    """The articles, ready to be searched. Immutable once made; safe from several threads as far as the encoder is."""

    def __init__(
        self, articles: Iterable[Article], vectors: Vectors, encoder: Callable[[], Encoder], learnt: Learnt
    ) -> None:
        self._index = _Index(tuple(articles), vectors)
        self._encoder = encoder
        self._learnt = learnt

    def find(self, question: str, on: date) -> list[Hit]:
        """The articles that answer a question best, likeliest first, at most `FOUND`; only those in force that day."""
        if not question.strip():
            return []
        index = self._index
        found = index.compare(question, self._encoder().encode([question])[0], self._learnt.shares)
        in_force = np.array([article.in_force(on) for article in index.articles])
        total = np.where(in_force, found.total, -np.inf)
        order = np.argsort(-total, kind="stable")[:FOUND]
        rows = np.array([features(found, int(number), total) for number in order])
        chances = self._learnt.calibration.chance(rows)
        return [
            Hit(index.articles[number], float(chance))
            for number, chance in zip(order, chances, strict=True)
            if np.isfinite(total[number])
        ]


@dataclass(frozen=True, slots=True)
class Learnt:
    """What takes time to work out from the articles and is kept."""

    shares: Vectors
    """Of `recognising.learn`."""
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Compared:
    """How near each article is to a question."""

    meaning: Numbers
    words: Numbers
    learnt: Numbers

    @property
    def total(self) -> Numbers:
        """All together."""
        return np.asarray(self.meaning + WORDS * self.words + LEARNT * self.learnt, dtype=np.float64)


def features(found: Compared, number: int, total: Numbers) -> Numbers:
    """What the chance of one article is judged by: each score, and how far it is ahead of the best other one."""
    others = np.delete(total, number)
    best_other = float(others.max()) if len(others) else 0.0
    ahead = float(total[number]) - best_other if np.isfinite(best_other) else 1.0
    return np.array([found.meaning[number], found.words[number], found.learnt[number], ahead])


class _Index:
    """Every article with its sentences' vectors, centred on their mean: what all sentences share says nothing."""

    def __init__(self, articles: tuple[Article, ...], vectors: Vectors) -> None:
        self.articles = articles
        self.owner = np.array([n for n, article in enumerate(articles) for _ in asked_as(article)])
        self.words = WordIndex([whole_text(article) for article in articles])
        self.letters = Letters([sentence for article in articles for sentence in asked_as(article)])
        self._mean = vectors.mean(axis=0)
        self.vectors = _unit(vectors - self._mean)

    def nearness(self, vector: Vectors) -> Numbers:
        """How near each sentence of the articles is to a vector, -1 to 1."""
        return np.asarray(self.vectors @ _unit((vector - self._mean)[None])[0], dtype=np.float64)

    def by_article(self, sentences: Numbers) -> Numbers:
        """The nearest sentence of each article."""
        nearest = np.full(len(self.articles), -1.0)
        np.maximum.at(nearest, self.owner, sentences)
        return nearest

    def compare(self, question: str, vector: Vectors, shares: Vectors) -> Compared:
        """How near each article is to a question."""
        near = self.nearness(vector)
        learnt = recognise(shares, near, self.letters.alike(question))
        return Compared(self.by_article(near), self.words.scores(question), learnt)

    def compare_own(self, sentence: int, text: str, learnt: Numbers) -> Compared:
        """The same for a sentence of an article itself, as if it did not stand there; `learnt` is what would be learnt then."""
        near = self.nearness_of_own(sentence)
        near[sentence] = -1.0
        words = self.words.scores(text)
        article = int(self.owner[sentence])
        words[article] = self.words.score_without(article, text, text)
        return Compared(self.by_article(near), words, learnt)

    def nearness_of_own(self, sentence: int) -> Numbers:
        """How near each sentence is to one of them."""
        return np.asarray(self.vectors @ self.vectors[sentence], dtype=np.float64)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def study(articles: Sequence[Article], vectors: Vectors, strangers: Sequence[str], foreign: Vectors) -> Learnt:
    """What is to be learnt of these articles, and how sure to be of what is found.

    `vectors` are those of every `asked_as`, in order; `strangers` are sentences that no article answers, `foreign` their
    vectors. Both kinds weigh as much as a whole. Raises `ValueError` without strangers or without questions.
    """
    index = _Index(tuple(articles), vectors)
    texts = [text for article in articles for text in asked_as(article)]
    shares, without = learn(index.vectors, index.letters, index.owner)
    rows, right, mass = [], [], []
    own = [
        number
        for number, owner in enumerate(index.owner)
        if articles[owner].questions and texts[number] != articles[owner].title
    ]
    for number in own:
        found = index.compare_own(number, texts[number], without[number])
        total = found.total
        best = int(np.argmax(total))
        rows.append(features(found, best, total))
        right.append(best == index.owner[number])
        mass.append(1.0 / len(own))
    for text, vector in zip(strangers, foreign, strict=True):
        found = index.compare(text, vector, shares)
        total = found.total
        rows.append(features(found, int(np.argmax(total)), total))
        right.append(False)
        mass.append(1.0 / len(strangers))
    if not rows:
        raise ValueError("calibration needs questions")
    weight = np.array(mass) * len(rows) / 2
    return Learnt(shares, fit(np.array(rows), np.array(right), weight))


def keep(path: Path, made_of: bytes, vectors: Vectors, learnt: Learnt) -> None:
    """Keeps on disk what took time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.npz")
    np.savez(
        partial,
        digest=np.frombuffer(made_of, np.uint8),
        vectors=vectors.astype(np.float16),
        shares=learnt.shares.astype(np.float16),
        weights=learnt.calibration.weights,
    )
    partial.replace(path)


def kept(path: Path, made_of: bytes) -> tuple[Vectors, Learnt] | None:
    """What was kept, if it is of the same articles and encoder. A file that cannot be read counts as none."""
    try:
        with np.load(path) as stored:
            if bytes(stored["digest"]) != made_of:
                return None
            calibration = Calibration(stored["weights"].astype(np.float64))
            return stored["vectors"].astype(np.float32), Learnt(stored["shares"].astype(np.float32), calibration)
    except (OSError, ValueError, KeyError, EOFError):
        return None
