"""The classifier itself, apart from Rasa: texts and their vectors in, a ranking of labels out.

tf-idf n-grams and sentence vectors go to one of two heads (components/heads.py), each part centred and scaled by what was
seen in training: encoders leave most of their length to a direction that all sentences share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import scipy.sparse

from components.calibration import Calibration, chances, fit_calibration
from components.folds import cut, group_near_copies
from components.heads import Head, Network, Regression, Widths
from components.logistic import stack_rows
from components.ngrams import TfIdf

DEFAULTS: Dict[str, Any] = {
    "many": 60,
    "regression": {"C": 10.0, "balance": 1.0, "weights": {"e5": 3.0, "use": 2.0, "minibert": 3.0, "bert": 3.0}},
    "network": {
        "hidden": 512,
        "epochs": 25,
        "steps": 400,
        "balance": 0.5,
        "grams": 1024,
        "weights": {
            "grams": 2.0,
            "e5": 3.0,
            "e5_10": 2.0,
            "e5_8": 2.0,
            "e5_5": 2.0,
            "use": 2.0,
            "minibert": 3.0,
            "bert": 3.0,
        },
    },
    "blocks": [["word", 1, 2], ["character", 1, 4]],
    "least": 2,
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
    """n-grams, the head that makes scores of them and of vectors, and what makes chances of its scores."""

    tfidf: TfIdf
    head: Head
    calibration: Calibration

    @property
    def classes(self) -> List[str]:
        """The labels, in the order of the scores."""
        return self.head.classes

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        embeddings: np.ndarray,
        widths: Widths,
        labels: Sequence[str],
        options: Mapping[str, Any],
    ) -> IntentModel:
        """`embeddings` (rows, width): the vectors of all encoders side by side; `widths`: the name and the width of each
        part of them, in order; `options` as DEFAULTS. Needs two labels or more."""
        options = {**DEFAULTS, **options}
        tfidf = TfIdf.fit(texts, options["blocks"], options["least"])
        rows = _Rows(stack_rows([tfidf.transform(text) for text in texts], tfidf.size), embeddings, np.array(labels))
        fit = _Fit(widths, options, has_many(labels, options))
        calibration, start = Calibration(), None
        if options["calibration_texts"]:
            calibration, start = _calibrate(texts, rows, fit)
        return cls(tfidf, fit(rows, start), calibration)

    def scores(self, text: str, embedding: np.ndarray) -> np.ndarray:
        """The raw score of each class."""
        return self.head.scores(stack_rows([self.tfidf.transform(text)], self.tfidf.size), embedding[None, :])[0]

    def chances(self, text: str, embedding: np.ndarray) -> np.ndarray:
        """The calibrated chance of each class; what they lack to 1 is the chance that it is none of them."""
        return chances(self.scores(text, embedding), self.calibration)


def has_many(labels: Sequence[str], options: Mapping[str, Any]) -> bool:
    """Whether there are examples enough for the network: `many` a label on average (None: never)."""
    return options["many"] is not None and len(labels) >= options["many"] * len(set(labels))


@dataclass(frozen=True)
class _Rows:
    """Examples as features, and their labels."""

    grams: scipy.sparse.csr_matrix
    vectors: np.ndarray
    labels: np.ndarray

    def some(self, chosen: np.ndarray) -> _Rows:
        return _Rows(self.grams[chosen], self.vectors[chosen], self.labels[chosen])


@dataclass(frozen=True)
class _Fit:
    """Fits the head that was chosen once for all examples, so that the calibration asks the same one."""

    widths: Widths
    options: Mapping[str, Any]
    network: bool

    def __call__(self, rows: _Rows, start: Optional[Head] = None) -> Head:
        features = (rows.grams, rows.vectors, self.widths, rows.labels.tolist())
        if self.network:
            return Network.fit(*features, self.options["network"])
        return Regression.fit(*features, self.options["regression"], start if isinstance(start, Regression) else None)


def _calibrate(texts: Sequence[str], rows: _Rows, fit: _Fit) -> Tuple[Calibration, Optional[Head]]:
    """The calibration, and the last fold's head: most of the way to that of all texts."""
    copies = TfIdf.fit(texts, _COPY_BLOCKS, least=2)
    vectors = stack_rows([copies.transform(text) for text in texts], copies.size)
    fold_of = cut(group_near_copies(vectors), rows.labels.tolist(), _FOLDS)
    classes = sorted(set(rows.labels.tolist()))
    order = np.random.default_rng(0).permutation(len(classes))
    share = len(classes) // _LEFT_OUT
    scores, target = [], []
    head: Optional[Head] = None
    for fold in range(_FOLDS):
        if sum(map(len, target)) >= fit.options["calibration_texts"]:
            break
        left_out = {classes[index] for index in order[fold * share : (fold + 1) * share]}
        taught = np.flatnonzero((fold_of != fold) & ~np.isin(rows.labels, sorted(left_out)))
        asked = np.flatnonzero(fold_of == fold)
        if not len(asked) or len(set(rows.labels[taught])) < 2:
            continue
        head = fit(rows.some(taught))
        part = np.full((len(asked), len(classes)), -np.inf)
        part[:, [classes.index(name) for name in head.classes]] = head.scores(rows.grams[asked], rows.vectors[asked])
        scores.append(part)
        # A text whose intent was not taught is none of those that were.
        known = set(head.classes)
        target.append(np.array([classes.index(name) if name in known else -1 for name in rows.labels[asked]]))
    if not scores:
        return Calibration(), None
    return fit_calibration(np.vstack(scores), np.concatenate(target)), head
