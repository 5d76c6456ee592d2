"""Which intent: two multinomial logistic regressions, one over the vector, one over the n-grams of a sentence.

Trained with scikit-learn, predicted with numpy alone. Their answers are weighed by two numbers, found on examples that
the encoder never saw (`bot.assistant.held_out`): on what it did see it is always right, and would be trusted too much.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.assistant.nlu.grams import Grams, Rows
from bot.assistant.nlu.vectors import Vectors

NEAREST = 3
"""So many of the nearest training examples tell how near a sentence is to anything known."""

LEAST_TEXTS, MOST_GRAMS = 2, 80_000
"""An n-gram is known when it occurs in so many training examples; at most so many are kept."""

MOST_ROUNDS, ROUNDS_ON = 150, 10
"""Rounds of the solver at most: from nothing, and on from weights that are nearly right (29 more gain 0.002 of log loss)."""

LEAST_HELD_OUT = 50
"""With fewer held-out examples the two halves are weighed as they come."""


@dataclass(slots=True)
class Weights:
    """A linear layer over the vector (centred by `mean`, scaled) and one over n-grams, a column for each class."""

    mean: Vectors
    scale: float
    vector: Vectors
    vector_bias: Vectors
    gram: Vectors
    gram_bias: Vectors

    def by_vector(self, vector: Vectors) -> Vectors:
        """Scores by the vector (or a row for each of several)."""
        result: Vectors = (vector - self.mean) * self.scale @ self.vector + self.vector_bias
        return result

    def by_grams(self, rows: Rows, values: Vectors) -> Vectors:
        """Scores by the n-grams of one text."""
        result: Vectors = values @ self.gram[rows] + self.gram_bias
        return result


def softmax(scores: Vectors) -> Vectors:
    """Probabilities along the last axis."""
    exponents = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: Vectors = exponents / exponents.sum(axis=-1, keepdims=True)
    return result


@dataclass(slots=True)
class IntentModel:
    """What prediction needs, all of it arrays.

    `classes` in the order of the columns; `trust` the weight of the vector's scores and of the n-grams' scores;
    `examples` the vectors of the training examples.
    """

    classes: list[str]
    grams: Grams
    weights: Weights
    trust: tuple[float, float]
    examples: Vectors

    def scores(self, text: str, vector: Vectors) -> Vectors:
        """A number for each class, comparable within one text only."""
        rows, values = self.grams.weigh(text)
        return self.trust[0] * self.weights.by_vector(vector) + self.trust[1] * self.weights.by_grams(rows, values)

    def probabilities(self, text: str, vector: Vectors) -> Vectors:
        """The probability of each class for a text and its vector."""
        return softmax(self.scores(text, vector))

    def nearness(self, vector: Vectors) -> float:
        """Mean cosine with the nearest training examples, at most 1."""
        cosines = self.examples @ vector
        if len(cosines) < NEAREST:
            return float(cosines.max(initial=0.0))
        return float(np.mean(np.partition(cosines, -NEAREST)[-NEAREST:]))

    def save(self, directory: Path) -> None:
        """Writes `intent.npz` and `intent.json` into the directory."""
        weights = self.weights
        np.savez(
            directory / "intent.npz",
            idf=self.grams.idf,
            mean=weights.mean,
            vector=weights.vector,
            vector_bias=weights.vector_bias,
            gram=weights.gram.astype(np.float16),
            gram_bias=weights.gram_bias,
            examples=self.examples.astype(np.float16),
        )
        words = {
            "classes": self.classes,
            "grams": list(self.grams.rows),
            "trust": list(self.trust),
            "scale": weights.scale,
        }
        (directory / "intent.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> IntentModel:
        """What `save` wrote."""
        words = json.loads((directory / "intent.json").read_text(encoding="utf-8"))
        with np.load(directory / "intent.npz") as arrays:
            return cls(
                classes=words["classes"],
                grams=Grams({gram: row for row, gram in enumerate(words["grams"])}, arrays["idf"]),
                weights=Weights(
                    arrays["mean"],
                    words["scale"],
                    arrays["vector"],
                    arrays["vector_bias"],
                    arrays["gram"].astype(np.float32),
                    arrays["gram_bias"],
                ),
                trust=(words["trust"][0], words["trust"][1]),
                examples=arrays["examples"].astype(np.float32),
            )


@dataclass(frozen=True, slots=True)
class Strengths:
    """How closely each half follows its examples: the inverse of scikit-learn's regularisation."""

    vector: float = 4.0
    gram: float = 20.0


def fit_weights(
    sparse: Any,
    vectors: Vectors,
    labels: Sequence[str],
    strengths: Strengths,
    start: Weights | None = None,
    balanced: bool = False,
) -> tuple[list[str], Weights]:
    """Both linear layers and the classes in the order of their columns.

    `start` (of the same classes and n-grams) makes it quicker; `balanced` lets each class weigh as much, however few
    its examples. Two classes get two columns.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    mean = vectors.mean(axis=0)
    scale = 1.0 / max(float(np.linalg.norm(vectors - mean, axis=1).mean()), 1e-6)

    def fit(
        data: Any, strength: float, tolerance: float, coefficients: Vectors | None, bias: Vectors | None
    ) -> LogisticRegression:
        model = LogisticRegression(
            C=strength,
            max_iter=MOST_ROUNDS if coefficients is None else ROUNDS_ON,
            tol=tolerance,
            warm_start=coefficients is not None,
            class_weight="balanced" if balanced else None,
        )
        if coefficients is not None and bias is not None:
            model.coef_, model.intercept_ = coefficients.T.astype(np.float32), bias.astype(np.float32)
        with warnings.catch_warnings():
            # That it stops after so many rounds is meant; the other is about an option that scikit-learn itself gives.
            warnings.filterwarnings("ignore", category=ConvergenceWarning)
            warnings.filterwarnings("ignore", "scipy.optimize", DeprecationWarning)
            return model.fit(data, labels)

    two = start is None or len(start.vector_bias) <= 2
    by_vector = fit(
        ((vectors - mean) * scale).astype(np.float32),
        strengths.vector,
        3e-4,
        None if two or start is None else start.vector,
        None if two or start is None else start.vector_bias,
    )
    by_grams = fit(
        sparse,
        strengths.gram,
        2e-3 if two else 5e-4,  # from near the end, the first steps are small
        None if two or start is None else start.gram,
        None if two or start is None else start.gram_bias,
    )
    return list(by_vector.classes_), Weights(
        mean.astype(np.float32),
        scale,
        *_columns(by_vector.coef_, by_vector.intercept_),
        *_columns(by_grams.coef_, by_grams.intercept_),
    )


def _columns(coefficients: Any, intercept: Any) -> tuple[Vectors, Vectors]:
    # scikit-learn gives two classes one column, of the second against the first.
    if len(coefficients) == 1:
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
        intercept = np.concatenate([-intercept, intercept]) / 2
    return np.ascontiguousarray(coefficients.T, dtype=np.float32), intercept.astype(np.float32)


def find_trust(by_vector: Vectors, by_grams: Vectors, right: Rows) -> tuple[float, float]:
    """The two weights under which the right classes (column numbers) are likeliest. Neither is below 0."""
    from scipy.optimize import minimize

    def surprise(logs: Any) -> float:
        mixed = np.exp(logs[0]) * by_vector + np.exp(logs[1]) * by_grams
        return float(-np.log(softmax(mixed)[np.arange(len(right)), right] + 1e-12).mean())

    found = min(
        (
            minimize(surprise, start, method="Nelder-Mead", options={"maxiter": 120})
            for start in ((0.0, 0.0), (0.0, -1.5))
        ),
        key=lambda result: float(result.fun),
    )
    return float(np.exp(found.x[0])), float(np.exp(found.x[1]))


def train_intent_model(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: Vectors,
    held: Sequence[bool],
    strengths: Strengths | None = None,
) -> tuple[IntentModel, Any]:
    """Fits on what the encoder saw, finds the trust on what is `held` out of it, and goes on with all examples.

    Gives the n-grams of the texts too, for `train_distress`.
    """
    strengths = strengths or Strengths()
    grams, sparse = Grams.learn(texts, LEAST_TEXTS, MOST_GRAMS)
    out = np.array(held, dtype=bool)
    names = np.array(labels)
    trust = (1.0, 1.0)
    first = None
    if out.sum() >= LEAST_HELD_OUT and set(names[~out]) == set(names):
        classes, first = fit_weights(sparse[~out], vectors[~out], list(names[~out]), strengths)
        columns = np.searchsorted(np.array(classes), names[out])
        trust = find_trust(first.by_vector(vectors[out]), sparse[out] @ first.gram + first.gram_bias, columns)
    classes, weights = fit_weights(sparse, vectors, labels, strengths, first)
    return IntentModel(classes, grams, weights, trust, vectors), sparse
