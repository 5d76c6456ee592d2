"""From answers to figures: right intents per style, how far probabilities are off, entities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from bot.assistant.nlu import scoring


class Example(Protocol):
    """An utterance with what is meant by it."""

    @property
    def intent(self) -> str: ...
    @property
    def style(self) -> str | None: ...
    @property
    def entities(self) -> Any: ...


Answer = Mapping[str, Any]
"""`intent`, `confidence`, `entities`."""


def right(found: Sequence[Example], answers: Sequence[Answer]) -> list[bool]:
    """Whether the likeliest intent is the one that was meant."""
    return [example.intent == answer["intent"] for example, answer in zip(found, answers, strict=True)]


def by_style(found: Sequence[Example], hits: Sequence[bool]) -> dict[str, tuple[int, int]]:
    """Right and all, in total (`all`) and per style."""
    counts: dict[str, list[bool]] = defaultdict(list)
    for example, hit in zip(found, hits, strict=True):
        counts["all"].append(bool(hit))
        counts[example.style or "-"].append(bool(hit))
    return {style: (sum(one), len(one)) for style, one in counts.items()}


def calibration_error(confidences: Sequence[float], hits: Sequence[bool]) -> float:
    """Expected calibration error: the mean difference between a probability and how often it is right, in 10 bins."""
    sure, correct = np.array(confidences), np.array(hits, dtype=float)
    bins = np.minimum((sure * 10).astype(int), 9)
    return float(
        sum(
            abs(sure[bins == number].mean() - correct[bins == number].mean()) * (bins == number).mean()
            for number in range(10)
            if (bins == number).any()
        )
    )


def entity_f1(found: Sequence[Example], answers: Sequence[Answer]) -> tuple[float, float]:
    """F1 over all entities: by type and overlap alone, and by value too (`bot.assistant.nlu.scoring`)."""
    pairs = [(example.entities, answer["entities"]) for example, answer in zip(found, answers, strict=True)]
    without = [tuple([{**entity, "value": ""} for entity in side] for side in pair) for pair in pairs]
    return scoring.total(scoring.score(without)).f1, scoring.total(scoring.score(pairs)).f1
