"""From a score to a chance: how likely it is that the best article is the right one.

A logistic regression over a few features, fitted with numpy alone; fitted anew whenever the articles or the encoder change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

_RIDGE = 1.0
_STEPS = 50


@dataclass(frozen=True)
class Calibration:
    """The weights of the features; the last is the constant."""

    weights: Numbers

    def chance(self, features: Numbers) -> Numbers:
        """The chance, 0 to 1, for each row of features."""
        rows = np.atleast_2d(features)
        scores = rows @ self.weights[:-1] + self.weights[-1]
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scores, -30, 30))))


def fit(features: Numbers, right: npt.NDArray[np.bool_], importance: Numbers | None = None) -> Calibration:
    """The calibration under which what was right is likeliest, by Newton's method with a small ridge.

    Raises `ValueError` when all rows are right or none is: then nothing can be learnt.
    """
    if right.all() or not right.any():
        raise ValueError("calibration needs answers that were right and answers that were wrong")
    rows = np.hstack([features, np.ones((len(features), 1))])
    wanted = right.astype(np.float64)
    mass = np.ones(len(rows)) if importance is None else importance
    ridge = np.eye(rows.shape[1]) * _RIDGE
    ridge[-1, -1] = 1e-6
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        given = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (mass * (given - wanted)) + ridge @ weights
        curve = rows.T @ (rows * (mass * given * (1 - given))[:, None]) + ridge
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-8:
            break
    return Calibration(weights)
