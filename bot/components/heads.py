"""What makes scores of features: a regression where examples are few, a network where they are many.

Measured both ways (docs/understanding.md): with fewer than some sixty examples a label the network is behind, with many it
is ahead, most of all in Spanish. Averaging the two would cost both their time and helps at neither end.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Protocol, Sequence, Tuple

import numpy as np
import scipy.sparse

from components.logistic import balance, fit_logistic
from components.perceptron import Perceptron, Projection, fit_perceptron

Widths = Sequence[Tuple[str, int]]

# The name of the projected n-grams beside those of the encoders.
GRAMS = "grams"


class Measure(NamedTuple):
    """The columns of the vectors that count, what is taken from them and what they are multiplied by."""

    columns: np.ndarray
    centre: np.ndarray
    scale: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """float32 (rows, columns that count)."""
        return ((vectors[:, self.columns] - self.centre) * self.scale).astype(np.float32)


class Head(Protocol):
    """Fitted; `arrays` is all that must be kept of it, and `from_arrays` of its class takes them."""

    classes: List[str]

    def scores(self, grams: scipy.sparse.csr_matrix, vectors: np.ndarray) -> np.ndarray:
        """The raw score of each class (rows, classes), of rows of n-grams and of vectors of all encoders side by side."""

    def arrays(self) -> Dict[str, np.ndarray]:
        """What there is to keep, by name."""


class Regression:
    """Logistic regression on n-grams and vectors."""

    def __init__(self, classes: Sequence[str], weights: np.ndarray, bias: np.ndarray, measure: Measure) -> None:
        self.classes = list(classes)
        self._weights, self._bias, self._measure = weights, bias, measure

    @classmethod
    def fit(
        cls,
        grams: scipy.sparse.csr_matrix,
        vectors: np.ndarray,
        widths: Widths,
        labels: Sequence[str],
        options: Mapping[str, Any],
        start: Optional[Regression] = None,
    ) -> Regression:
        """`options`: `C`, inverse regularisation; `balance`, how far rare labels weigh as much as frequent ones (0 to 1);
        `weights`, length of each encoder's vector where a block of n-grams has 1. `start`: one fitted on most of the rows."""
        measure = standardise(vectors, widths, options["weights"])
        emphasis = balance(labels, options["balance"])
        before = (start.classes, start._weights, start._bias) if start else None
        classes, weights, bias = fit_logistic(grams, measure(vectors), labels, options["C"], emphasis, start=before)
        return cls(classes, weights, bias, measure)

    def scores(self, grams: scipy.sparse.csr_matrix, vectors: np.ndarray) -> np.ndarray:
        """See Head."""
        # One row a feature: a message touches some hundred rows, and each is contiguous.
        width = grams.shape[1]
        return grams @ self._weights[:width] + self._measure(vectors) @ self._weights[width:] + self._bias

    def arrays(self) -> Dict[str, np.ndarray]:
        """See Head."""
        # float16 halves the file; the fourth digit of a weight changes no decision.
        return {"weights": self._weights.astype(np.float16), "bias": self._bias, **self._measure._asdict()}

    @classmethod
    def from_arrays(cls, classes: Sequence[str], arrays: Mapping[str, np.ndarray], grams: int) -> Regression:
        """What `arrays` gave, with the number of n-grams."""
        measure = Measure(*(arrays[name] for name in Measure._fields))
        return cls(classes, arrays["weights"].astype(np.float32), arrays["bias"], measure)


class Network:
    """A perceptron on vectors and projected n-grams."""

    def __init__(self, classes: Sequence[str], network: Perceptron, projection: Projection, measure: Measure) -> None:
        self.classes = list(classes)
        self._network, self._projection, self._measure = network, projection, measure

    @classmethod
    def fit(
        cls,
        grams: scipy.sparse.csr_matrix,
        vectors: np.ndarray,
        widths: Widths,
        labels: Sequence[str],
        options: Mapping[str, Any],
    ) -> Network:
        """`options`: `hidden`, `epochs` and `steps`, see fit_perceptron; `balance` and `weights` as for Regression, with
        `grams` for the n-grams; `grams`, to how many numbers these are projected."""
        projection = Projection(grams.shape[1], options["grams"])
        every = np.hstack([vectors, projection(grams)])
        measure = standardise(every, [*widths, (GRAMS, options["grams"])], options["weights"])
        classes = sorted(set(labels))
        target = np.searchsorted(np.array(classes), np.array(labels))
        emphasis = balance(labels, options["balance"])
        network = fit_perceptron(measure(every), target, len(classes), emphasis, options)
        return cls(classes, network, projection, measure)

    def scores(self, grams: scipy.sparse.csr_matrix, vectors: np.ndarray) -> np.ndarray:
        """See Head."""
        return self._network.scores(self._measure(np.hstack([vectors, self._projection(grams)])))

    def arrays(self) -> Dict[str, np.ndarray]:
        """See Head."""
        halved = {name: each.astype(np.float16) for name, each in self._network._asdict().items()}
        return {**halved, "projected": np.array(self._projection.width), **self._measure._asdict()}

    @classmethod
    def from_arrays(cls, classes: Sequence[str], arrays: Mapping[str, np.ndarray], grams: int) -> Network:
        """What `arrays` gave, with the number of n-grams."""
        network = Perceptron(*(arrays[name].astype(np.float32) for name in Perceptron._fields))
        measure = Measure(*(arrays[name] for name in Measure._fields))
        return cls(classes, network, Projection(grams, int(arrays["projected"])), measure)


def restore(classes: Sequence[str], arrays: Mapping[str, np.ndarray], grams: int) -> Head:
    """The head whose arrays these are, with the number of n-grams that it was fitted on."""
    kind = Regression if "bias" in arrays else Network
    return kind.from_arrays(classes, arrays, grams)


def standardise(vectors: np.ndarray, widths: Widths, weights: Mapping[str, float]) -> Measure:
    """Centres the vectors and brings each part to a mean length of its weight; a part without a weight does not count."""
    columns: List[np.ndarray] = [np.empty(0, dtype=np.int64)]
    scales: List[np.ndarray] = [np.empty(0, dtype=np.float32)]
    centre = vectors.mean(axis=0) if vectors.size else np.zeros(vectors.shape[1])
    start = 0
    for kind, width in widths:
        if weights.get(kind):
            part = vectors[:, start : start + width] - centre[start : start + width]
            length = max(float(np.sqrt((part**2).sum(axis=1).mean())), 1e-6)
            columns.append(np.arange(start, start + width))
            scales.append(np.full(width, weights[kind] / length, dtype=np.float32))
        start += width
    counting = np.concatenate(columns)
    return Measure(counting, centre[counting].astype(np.float32), np.concatenate(scales))
