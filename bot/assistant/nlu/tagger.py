"""Which words are what, learnt from the annotated examples: a conditional random field over words (CRFsuite).

The tagger sees each word with its neighbours, its beginning, end, shape and sound, what the word lists, the patterns and the
place names say of it, and what the person is taken to want. Only `pycrfsuite` is needed to predict.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pycrfsuite

from bot.assistant.nlu.mentions import Mention
from bot.assistant.nlu.text import Token

OUTSIDE = "O"
ITERATIONS = 50
L1, L2 = 0.05, 0.02
"""Regularisation, chosen by cross-validation (docs/understanding.md)."""
DOUBT = 0.6
"""A word that is outside every entity with less than this probability is taken into the likeliest one."""
Features = list[list[str]]


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `start` to `end` (exclusive) are an entity, with the mean probability of their tags."""

    start: int
    end: int
    entity: str
    probability: float


@dataclass(frozen=True, slots=True)
class Tagging:
    """What the tagger makes of a text: the entities, and for each token the probability that it is in none."""

    spans: tuple[Span, ...]
    outside: tuple[float, ...]


def marks(tokens: Sequence[Token], candidates: Iterable[Mention]) -> list[list[str]]:
    """For each token what the candidates say of it, like `B:location+` (sure) or `I:schedule?` (perhaps, or misspelt)."""
    said: list[list[str]] = [[] for _ in tokens]
    for candidate in candidates:
        level = "~" if candidate.source == "misspelt" else "+" if candidate.sure else "?"
        first = True
        for at, token in enumerate(tokens):
            if token.start < candidate.end and candidate.start < token.end:
                mark = f"{'B' if first else 'I'}:{candidate.entity}{level}"
                if mark not in said[at]:
                    said[at].append(mark)
                first = False
    return said


def _shape(word: str) -> str:
    kinds = ["9" if c.isdigit() else "X" if c.isupper() else "x" if c.isalpha() else c for c in word[:12]]
    return "".join(kind for at, kind in enumerate(kinds) if at < 2 or kind != kinds[at - 1])


def features(tokens: Sequence[Token], said: Sequence[Sequence[str]], intent: str = "") -> Features:
    """What the tagger sees of each token: itself, its neighbours, and what is said of it (`said` comes from `marks`)."""
    words = [token.key or token.text for token in tokens]
    sounds = [token.sound or token.text for token in tokens]
    return [
        [*_own(token, words[at], sounds[at]), *_around(at, words, sounds, said), *_claims(at, sounds, said[at], intent)]
        for at, token in enumerate(tokens)
    ]


def _own(token: Token, word: str, heard: str) -> Iterator[str]:
    yield from ("b", f"w={word}", f"h={heard}", f"s={_shape(token.text)}", f"n={min(len(word), 12)}")
    yield from (f"p{length}={heard[:length]}" for length in (2, 3, 4) if len(heard) > length)
    yield from (f"e{length}={word[-length:]}" for length in (2, 3, 4, 5) if len(word) > length)


def _around(at: int, words: list[str], sounds: list[str], said: Sequence[Sequence[str]]) -> Iterator[str]:
    """Up to three words to either side, what is said of two, and pairs of words."""
    for offset in (-3, -2, -1, 1, 2, 3):
        there = at + offset
        if 0 <= there < len(words):
            yield f"{offset}h={sounds[there]}"
            if abs(offset) < 3:
                yield from (f"{offset}m={mark}" for mark in said[there])
            if abs(offset) == 1 and len(words[there]) > 3:
                yield f"{offset}e={words[there][-3:]}"
        elif abs(offset) < 3:
            yield f"{offset}h=<>"
    for first in (-2, -1, 0, 1):
        if at + first >= 0 and at + first + 1 < len(words):
            yield f"{first}|{first + 1}={sounds[at + first]}|{sounds[at + first + 1]}"


def _claims(at: int, sounds: list[str], said: Sequence[str], intent: str) -> Iterator[str]:
    """What the candidates say of a token, alone and together with its neighbours and the intent."""
    yield from (f"m={mark}" for mark in said or ("-",))
    if len(said) > 1:
        yield "mm=" + "|".join(sorted(said))
    for mark in said:
        if at:
            yield f"-1h|m={sounds[at - 1]}|{mark}"
        if at + 1 < len(sounds):
            yield f"1h|m={sounds[at + 1]}|{mark}"
    if intent:
        yield f"i={intent}"
        yield f"i|h={intent}|{sounds[at]}"
        yield from (f"i|m={intent}|{mark}" for mark in said)


def tags(tokens: Sequence[Token], entities: Iterable[tuple[int, int, str]]) -> list[str]:
    """The tags to learn: B-x on the first token that an entity (start, end, type) touches, I-x on the rest, O elsewhere."""
    result = [OUTSIDE] * len(tokens)
    for start, end, entity in entities:
        first = True
        for at, token in enumerate(tokens):
            if token.start < end and start < token.end and result[at] == OUTSIDE:
                result[at] = f"{'B' if first else 'I'}-{entity}"
                first = False
    return result


def train(examples: Iterable[tuple[Features, list[str]]], path: Path, iterations: int = ITERATIONS) -> None:
    """Fits a tagger on the features and tags of texts and writes it to `path`. The same examples give the same tagger."""
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.select("lbfgs")
    trainer.set_params({"c1": L1, "c2": L2, "max_iterations": iterations, "feature.possible_transitions": True})
    for rows, labels in examples:
        if rows:
            trainer.append(rows, labels)
    trainer.train(str(path))


class Tagger:
    """A trained tagger. CRFsuite keeps the text it looks at inside the model, so texts are tagged one at a time."""

    def __init__(self, path: Path) -> None:
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open(str(path))
        self._labels = frozenset(self._tagger.labels())
        self._inside = sorted(self._labels - {OUTSIDE})
        self._lock = threading.Lock()

    def tag(self, rows: Features) -> Tagging:
        """The entities of a text given its features.

        The likeliest sequence of tags, except that `DOUBT` takes in what it nearly found: what has no value is dropped later.
        """
        if not rows:
            return Tagging((), ())
        with self._lock:
            return self._tag(rows)

    def _tag(self, rows: Features) -> Tagging:
        labels = list(self._tagger.tag(rows))
        outside = tuple(
            self._tagger.marginal(OUTSIDE, at) if OUTSIDE in self._labels else 0.0 for at in range(len(rows))
        )
        for at, probability in enumerate(outside):
            if labels[at] == OUTSIDE and probability < DOUBT:
                labels[at] = max(self._inside, key=lambda label: self._tagger.marginal(label, at), default=OUTSIDE)
        return Tagging(tuple(self._spans(labels)), outside)

    def _spans(self, labels: Sequence[str]) -> Iterator[Span]:
        at = 0
        while at < len(labels):
            if labels[at] == OUTSIDE:
                at += 1
                continue
            start, entity = at, labels[at][2:]
            at += 1
            while at < len(labels) and labels[at] == f"I-{entity}":
                at += 1
            probability = sum(self._tagger.marginal(labels[i], i) for i in range(start, at)) / (at - start)
            yield Span(start, at, entity, float(probability))
