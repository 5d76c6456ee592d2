"""How well entities are recognised: precision, recall and F1 for each type.

A given entity is right when a wanted one has the same type, shares words with it, and, for a type whose values are agreed (a
schedule, a status, an age, ...), has the same value. Exact borders do not count. Each wanted entity answers for one given
entity only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.assistant.nlu.mentions import VALUES

WITH_VALUE = frozenset(VALUES) | {"age", "ordinal"}
"""Types whose value is compared."""

ALL = "alle"
"""The name of the line over all entities together."""

Entity = Mapping[str, Any]
"""As in Rasa: entity, start, end (exclusive), value."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts for one type, or for all together."""

    right: int = 0
    given: int = 0
    wanted: int = 0

    @property
    def precision(self) -> float:
        """Share of the given entities that are right; 1 when none was given."""
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """Share of the wanted entities that were given; 1 when none was wanted."""
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 when nothing was given or wanted."""
        total = self.given + self.wanted
        return 2 * self.right / total if total else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.given + other.given, self.wanted + other.wanted)

    def numbers(self) -> dict[str, float]:
        """Everything under its name."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "right": self.right,
            "given": self.given,
            "wanted": self.wanted,
        }


def matches(wanted: Entity, given: Entity) -> bool:
    """Whether a given entity is the wanted one."""
    if wanted["entity"] != given["entity"]:
        return False
    if wanted["start"] >= given["end"] or given["start"] >= wanted["end"]:
        return False
    return wanted["entity"] not in WITH_VALUE or _same(wanted["value"], given["value"])


def _same(one: Any, other: Any) -> bool:
    return str(one).strip().casefold() == str(other).strip().casefold()


def pair(wanted: Sequence[Entity], given: Sequence[Entity]) -> list[tuple[int, int]]:
    """Which given entity answers for which wanted one, by their places in the lists: as many pairs as there can be."""
    candidates = [[at for at, gold in enumerate(wanted) if matches(gold, guess)] for guess in given]
    owner: dict[int, int] = {}

    def find(guess: int, seen: set[int]) -> bool:
        for gold in candidates[guess]:
            if gold not in seen:
                seen.add(gold)
                if gold not in owner or find(owner[gold], seen):
                    owner[gold] = guess
                    return True
        return False

    for guess in range(len(given)):
        find(guess, set())
    return sorted(owner.items())


def score(examples: Iterable[tuple[Sequence[Entity], Sequence[Entity]]]) -> dict[str, Score]:
    """The score of each type, by name, over examples: the wanted and the given entities of each utterance."""
    right: dict[str, int] = {}
    given_count: dict[str, int] = {}
    wanted_count: dict[str, int] = {}
    for wanted, given in examples:
        for counts, names in (
            (wanted_count, [gold["entity"] for gold in wanted]),
            (given_count, [guess["entity"] for guess in given]),
            (right, [wanted[at]["entity"] for at, _ in pair(wanted, given)]),
        ):
            for name in names:
                counts[name] = counts.get(name, 0) + 1
    return {
        name: Score(right.get(name, 0), given_count.get(name, 0), wanted_count.get(name, 0))
        for name in sorted({*given_count, *wanted_count})
    }


def total(scores: Mapping[str, Score]) -> Score:
    """All types together, every entity weighing the same."""
    return sum(scores.values(), Score())


def macro_f1(scores: Mapping[str, Score]) -> float:
    """Mean F1 over the types that were wanted somewhere; 1 when none was."""
    found = [one.f1 for one in scores.values() if one.wanted]
    return sum(found) / len(found) if found else 1.0


def score_entities(examples: Iterable[tuple[Sequence[Entity], Sequence[Entity]]]) -> dict[str, dict[str, float]]:
    """As `score`, in plain numbers, with a last line `ALL` when there is any entity."""
    scores = score(examples)
    lines = {name: one.numbers() for name, one in scores.items()}
    return {**lines, ALL: total(scores).numbers()} if lines else {}
