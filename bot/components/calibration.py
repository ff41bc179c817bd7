"""Makes scores into chances that can be believed, and leaves room for "none of these".

A softmax over intents must give its whole chance to intents, so nonsense looks as sure as a question. Here one more
class without a score of its own takes part: p(i) = exp(s_i / t) / (Σ exp(s_j / t) + exp(n)). The temperature t (Guo et
al. 2017, "On calibration of modern neural networks") and the level n are fitted on what the model did not see: texts
left out, some of them of intents that were left out whole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp


class Calibration(NamedTuple):
    """`temperature` divides the scores; `none` is the level of "none of these" beside them."""

    temperature: float = 1.0
    none: float = -50.0


def chances(scores: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Scores (…, classes) as chances of the same shape; what they lack to 1 is the chance of none."""
    cooled = scores.astype(np.float64) / calibration.temperature
    total = np.logaddexp(logsumexp(cooled, axis=-1, keepdims=True), calibration.none)
    return np.exp(cooled - total)


def evidence(scores: np.ndarray, calibration: Calibration) -> np.ndarray:
    """How much speaks for any class at all (shape without the last axis). It orders texts as the chance that they are
    one of the classes does, but does not round to 1."""
    return logsumexp(scores.astype(np.float64) / calibration.temperature, axis=-1)


def fit_calibration(scores: np.ndarray, target: np.ndarray) -> Calibration:
    """The calibration under which `target` is likeliest: the column of each row of `scores`, or -1 for none of them.

    Columns that a row's model did not know are -inf. Without any row of none, only the temperature is fitted.
    """
    known = target >= 0
    everyone = np.arange(len(scores))

    def cost(parameters: np.ndarray) -> float:
        cooled = scores / np.exp(parameters[0])
        none = parameters[1] if not known.all() else -50.0
        total = np.logaddexp(logsumexp(cooled, axis=1), none)
        right = np.where(known, cooled[everyone, target], none)
        return float(np.mean(total - right))

    found = minimize(cost, np.array([0.0, 0.0]), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-6})
    return Calibration(float(np.exp(found.x[0])), float(found.x[1]) if not known.all() else -50.0)
