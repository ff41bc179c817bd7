"""A support vector machine with a Gaussian kernel: a text is judged by the taught texts whose vectors lie near its own.

One plane through all sentence vectors must bend round every figure of speech at once; here only the neighbours speak, and
what lies near nothing that was taught is none of it (`FAR`). Taught by dual coordinate descent, as the service's judge of
words is (conversation/text_model/linear.py): Hsieh et al. 2008, "A Dual Coordinate Descent Method for Large-scale Linear SVM",
algorithm 1, hinge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Mapping, Sequence, Tuple

import numpy as np

# What each head says of a text without neighbours.
FAR = -1.0

_EPOCHS = 12

# Stops when no text's gradient is further than this from its optimum.
_ENOUGH = 0.05

_SEED = 11

# The kernel of all pairs is kept in whole numbers of this many steps to 1: half the memory of floats.
_STEPS = 65535

_ROWS_AT_ONCE = 512


@dataclass
class Space:
    """Where a sentence vector lies: each encoder's part centred, brought to length, and turned to the axes that tell most."""

    centre: np.ndarray
    widths: List[int]
    lengths: List[float]
    axes: np.ndarray

    @classmethod
    def fit(
        cls, vectors: np.ndarray, parts: Sequence[Tuple[str, int]], lengths: Mapping[str, float], axes: int
    ) -> Space:
        """`vectors`: (rows, width), the encoders side by side; `parts`: kind and width of each; `lengths`: by kind."""
        widths = [width for _, width in parts]
        found = cls(vectors.mean(axis=0), widths, [lengths[kind] for kind, _ in parts], np.eye(sum(widths)))
        placed = found.place(vectors)
        _, turned = np.linalg.eigh((placed.T @ placed).astype(np.float64))
        found.axes = turned[:, -axes:].astype(np.float32)
        return found

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """(rows, width) → (rows, axes), float32."""
        centred = (vectors - self.centre).astype(np.float32)
        start = 0
        for width, length in zip(self.widths, self.lengths):
            part = centred[:, start : start + width]
            part *= length / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-6)
            start += width
        return centred @ self.axes.astype(np.float32)


@dataclass
class Machine:
    """`points`: (rows, axes) of the texts that count; `weights`: (rows, heads)."""

    points: np.ndarray
    weights: np.ndarray
    narrowness: float

    @classmethod
    def fit(cls, points: np.ndarray, positive: np.ndarray, costs: np.ndarray, narrowness: float) -> Machine:
        """`positive`, `costs`: (rows, heads), what is true of a text and what it costs to have it wrong."""
        kernel = np.empty((len(points), len(points)), dtype=np.uint16)
        for start in range(0, len(points), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            kernel[rows] = np.round(_nearness(points[rows], points, narrowness) * _STEPS)
        heads = range(positive.shape[1])
        weights = np.stack([_teach(kernel, positive[:, head], costs[:, head]) for head in heads], axis=1)
        told = np.flatnonzero(weights.any(axis=1))
        return cls(points[told], weights[told], narrowness)

    def sums(self, points: np.ndarray) -> np.ndarray:
        """(rows, axes) → (rows, heads): above 0 speaks for it, about 1 is plain."""
        return _nearness(points, self.points, self.narrowness) @ self.weights + FAR


def _nearness(some: np.ndarray, others: np.ndarray, narrowness: float) -> np.ndarray:
    """exp(-narrowness · distance²) of each pair."""
    apart = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None] - 2 * (some @ others.T)
    return np.exp(-narrowness * np.maximum(apart, 0))


def _teach(kernel: np.ndarray, positive: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """One weight a text."""
    rows = len(kernel)
    signs = np.where(positive, 1.0, -1.0)
    alphas = np.zeros(rows)
    sums = np.full(rows, FAR, dtype=np.float32)
    step_of_all = np.empty(rows, dtype=np.float32)
    chance = np.random.default_rng(_SEED)
    for _ in range(_EPOCHS):
        worst = 0.0
        for row in chance.permutation(rows).tolist():
            sign, alpha, cost = signs[row], alphas[row], costs[row]
            gradient = sign * sums[row] - 1.0
            if (alpha <= 0.0 and gradient >= 0.0) or (alpha >= cost and gradient <= 0.0):
                continue
            worst = max(worst, abs(gradient))
            # A text's nearness to itself is 1, so a step of the whole gradient ends on the optimum.
            alphas[row] = min(max(alpha - gradient, 0.0), cost)
            step = (alphas[row] - alpha) * sign
            np.multiply(kernel[row], np.float32(step / _STEPS), out=step_of_all)
            sums += step_of_all
        if worst < _ENOUGH:
            break
    return (alphas * signs).astype(np.float32)
