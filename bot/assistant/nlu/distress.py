"""Acute need: a detector of its own, over the intents, since here a miss is worse than a false alarm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.assistant.nlu.grams import Grams
from bot.assistant.nlu.intent_model import Strengths, Weights, fit_weights, softmax
from bot.assistant.nlu.vectors import Vectors

DISTRESS = "distress"
"""The intent it looks for."""

_STRENGTHS = Strengths(vector=1.0, gram=4.0)


@dataclass(slots=True)
class DistressDetector:
    """How much a sentence looks like acute emotional, financial or physical need.

    Two linear layers over the n-grams and the vector that the intents use too, trained on this one question with need
    and all else weighing as much; and how likely the intents hold it. Each alone gives more false alarms at the same
    recall than both together. `suspicion` is a scale, no frequency; its threshold is chosen by measuring.
    """

    weights: Weights

    def suspicion(self, grams: Grams, text: str, vector: Vectors, likely: float) -> float:
        """0 (none) to 1. `likely` is the probability of `DISTRESS` among the intents."""
        rows, values = grams.weigh(text)
        scores = self.weights.by_vector(vector) + self.weights.by_grams(rows, values)
        return float(np.sqrt(likely * softmax(scores)[1]))

    def save(self, directory: Path) -> None:
        """Writes `distress.npz` and `distress.json` into the directory."""
        weights = self.weights
        np.savez(
            directory / "distress.npz",
            mean=weights.mean,
            vector=weights.vector,
            vector_bias=weights.vector_bias,
            gram=weights.gram.astype(np.float16),
            gram_bias=weights.gram_bias,
        )
        (directory / "distress.json").write_text(json.dumps({"scale": weights.scale}), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> DistressDetector:
        """What `save` wrote."""
        scale = json.loads((directory / "distress.json").read_text(encoding="utf-8"))["scale"]
        with np.load(directory / "distress.npz") as arrays:
            return cls(
                Weights(
                    arrays["mean"],
                    scale,
                    arrays["vector"],
                    arrays["vector_bias"],
                    arrays["gram"].astype(np.float32),
                    arrays["gram_bias"],
                )
            )


def train_distress(sparse: Any, vectors: Vectors, labels: Sequence[str]) -> DistressDetector | None:
    """The detector by the examples of `DISTRESS` against all others; None where only one of the two is there.

    `sparse` are the n-grams of the texts (`Grams.matrix`), in the order of `vectors` and `labels`.
    """
    needs = [str(label == DISTRESS) for label in labels]
    if len(set(needs)) < 2:
        return None
    _, weights = fit_weights(sparse, vectors, needs, _STRENGTHS, balanced=True)
    return DistressDetector(weights)
