"""The classifier itself, apart from Rasa: texts and their vectors in, a ranking of labels out.

Logistic regression on tf-idf n-grams joined with sentence vectors, each vector centred and scaled by what was seen in
training: encoders leave most of their length to a direction that all sentences share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np

from components.calibration import Calibration, chances, fit_calibration
from components.folds import cut, group_near_copies
from components.logistic import Fitted, balance, fit_logistic, stack_rows
from components.ngrams import TfIdf

DEFAULTS: Dict[str, Any] = {
    "C": 10.0,
    "balance": 1.0,
    "blocks": [["word", 1, 2], ["character", 1, 4]],
    "least": 2,
    "embedding_weights": {"e5": 3.0, "use": 2.0, "minibert": 3.0, "bert": 3.0},
    "calibration_texts": 1000,
}

# The calibration asks what a fifth of the examples would have got from the rest, fold by fold until it has seen enough.
_FOLDS = 5

# One intent in this many is left out whole in each fold: what nobody taught must look unsure.
_LEFT_OUT = 6

# Near-copies for the calibration are found by these n-grams; those of the classifier may hold single letters.
_COPY_BLOCKS = [("character", 2, 4)]


@dataclass
class IntentModel:
    """`embeddings` (rows, width) hold the vectors of all encoders side by side; `widths` say which column is whose."""

    classes: List[str]
    tfidf: TfIdf
    weights: np.ndarray
    bias: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    calibration: Calibration

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        embeddings: np.ndarray,
        widths: Sequence[Tuple[str, int]],
        labels: Sequence[str],
        options: Mapping[str, Any],
    ) -> IntentModel:
        """`widths`: kind and width of each encoder in order; `options` as DEFAULTS. Needs two labels or more."""
        options = {**DEFAULTS, **options}
        tfidf = TfIdf.fit(texts, options["blocks"], options["least"])
        sparse = stack_rows([tfidf.transform(text) for text in texts], tfidf.size)
        centre, scale = standardise(embeddings, widths, options["embedding_weights"])
        dense = (embeddings - centre) * scale
        calibration, start = Calibration(), None
        if options["calibration_texts"]:
            calibration, start = _calibrate(texts, sparse, dense, labels, options)
        emphasis = balance(labels, options["balance"])
        classes, weights, bias = fit_logistic(sparse, dense, labels, options["C"], emphasis, start=start)
        return cls(classes, tfidf, weights, bias, centre, scale, calibration)

    def scores(self, text: str, embedding: np.ndarray) -> np.ndarray:
        """The raw score of each class."""
        columns, values = self.tfidf.transform(text)
        # One row a feature: a message touches some hundred rows, and each is contiguous.
        scores = self.bias + values @ self.weights[columns]
        return scores + ((embedding - self.centre) * self.scale) @ self.weights[self.tfidf.size :]

    def chances(self, text: str, embedding: np.ndarray) -> np.ndarray:
        """The calibrated chance of each class; what they lack to 1 is the chance that it is none of them."""
        return chances(self.scores(text, embedding), self.calibration)


def standardise(
    embeddings: np.ndarray, widths: Sequence[Tuple[str, int]], weights: Mapping[str, float]
) -> Tuple[np.ndarray, np.ndarray]:
    """The mean of the vectors, and what brings each encoder's part to a mean length of its weight."""
    centre = embeddings.mean(axis=0) if embeddings.size else np.zeros(embeddings.shape[1])
    scale = np.empty(embeddings.shape[1])
    start = 0
    for kind, width in widths:
        part = embeddings[:, start : start + width] - centre[start : start + width]
        scale[start : start + width] = weights[kind] / max(float(np.sqrt((part**2).sum(axis=1).mean())), 1e-6)
        start += width
    return centre.astype(np.float32), scale.astype(np.float32)


def _calibrate(
    texts: Sequence[str],
    sparse: Any,
    dense: np.ndarray,
    labels: Sequence[str],
    options: Mapping[str, Any],
) -> Tuple[Calibration, Optional[Fitted]]:
    """The calibration, and the last fold's classifier: most of the way to that of all texts."""
    classes = sorted(set(labels))
    copies = TfIdf.fit(texts, _COPY_BLOCKS, least=2)
    vectors = stack_rows([copies.transform(text) for text in texts], copies.size)
    fold_of = cut(group_near_copies(vectors), labels, _FOLDS)
    named = np.array(labels)
    order = np.random.default_rng(0).permutation(len(classes))
    share = len(classes) // _LEFT_OUT
    scores, target = [], []
    fitted: Optional[Fitted] = None
    for fold in range(_FOLDS):
        if sum(map(len, target)) >= options["calibration_texts"]:
            break
        left_out = {classes[index] for index in order[fold * share : (fold + 1) * share]}
        taught = np.flatnonzero((fold_of != fold) & ~np.isin(named, sorted(left_out)))
        asked = np.flatnonzero(fold_of == fold)
        if not len(asked) or len(set(named[taught])) < 2:
            continue
        fitted = known, weights, bias = fit_logistic(
            sparse[taught],
            dense[taught],
            named[taught].tolist(),
            options["C"],
            balance(named[taught].tolist(), options["balance"]),
            tolerance=3e-4,
        )
        part = np.full((len(asked), len(classes)), -np.inf)
        columns = [classes.index(name) for name in known]
        part[:, columns] = sparse[asked] @ weights[: sparse.shape[1]] + dense[asked] @ weights[sparse.shape[1] :] + bias
        scores.append(part)
        # A text whose intent was not taught is none of those that were.
        target.append(np.array([classes.index(name) if name in known else -1 for name in named[asked]]))
    if not scores:
        return Calibration(), None
    return fit_calibration(np.vstack(scores), np.concatenate(target)), fitted
