"""Multinomial logistic regression on features that are partly sparse, partly dense.

scikit-learn takes one matrix: sparse, the sentence vectors make it three times slower; dense, it does not fit. Same
objective, same solver (a test compares the two).
"""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

import numpy as np
import scipy.sparse
from scipy.optimize import minimize
from scipy.special import logsumexp

Row = Tuple[np.ndarray, np.ndarray]

# Classes in order, weights (features, classes), bias.
Fitted = Tuple[List[str], np.ndarray, np.ndarray]


def stack_rows(rows: Sequence[Row], columns: int) -> scipy.sparse.csr_matrix:
    """Rows given as columns and values, as one matrix."""
    pointers = np.cumsum([0] + [len(indices) for indices, _ in rows])
    return scipy.sparse.csr_matrix(
        (np.concatenate([values for _, values in rows]), np.concatenate([indices for indices, _ in rows]), pointers),
        shape=(len(rows), columns),
    )


def balance(labels: Sequence[str], power: float) -> np.ndarray:
    """A weight for each row: 1 on average for `power` 0; for 1 each label has the same sum, however rare it is."""
    _, numbers, counts = np.unique(np.array(labels), return_inverse=True, return_counts=True)
    return (len(numbers) / (len(counts) * counts[numbers])) ** power


def fit_logistic(
    sparse: scipy.sparse.csr_matrix,
    dense: np.ndarray,
    labels: Sequence[str],
    strength: float,
    row_weights: Optional[np.ndarray] = None,
    tolerance: float = 1e-4,
    start: Optional[Fitted] = None,
) -> Fitted:
    """Minimises |weights|²/2 + strength · Σ -weight log p(label), the bias unpenalised.

    `sparse` and `dense` have the same rows; `row_weights` are 1 unless given.
    `tolerance`: stops where a step gains less than this part of the cost. `start`: what an earlier call returned for the same
    features and some of the classes, to go on from there; it shortens the way and does not change where it leads.
    Returns the classes in order, the weights (columns + dense columns, classes) and the bias, both float32.
    """
    classes = sorted(set(labels))
    target = np.searchsorted(np.array(classes), np.array(labels))
    rows, columns = sparse.shape
    emphasis = strength * (np.ones(rows) if row_weights is None else row_weights)
    transposed = sparse.T.tocsr()
    features, count = columns + dense.shape[1], len(classes)
    everyone = np.arange(rows)

    def cost(flat: np.ndarray) -> Tuple[float, np.ndarray]:
        parameters = flat.reshape(features + 1, count)
        weights = parameters[:-1].astype(np.float32)
        scores = (sparse @ weights[:columns] + dense @ weights[columns:]).astype(np.float64) + parameters[-1]
        chances = scores - logsumexp(scores, axis=1, keepdims=True)
        loss = 0.5 * float(np.sum(parameters[:-1] ** 2)) - float(emphasis @ chances[everyone, target])
        chances = np.exp(chances)
        chances[everyone, target] -= 1
        chances *= emphasis[:, None]
        slope = np.empty_like(parameters)
        single = chances.astype(np.float32)
        slope[:columns] = transposed @ single
        slope[columns:-1] = dense.T @ single
        slope[-1] = chances.sum(axis=0)
        slope[:-1] += parameters[:-1]
        # By row, so that steps and tolerance mean the same for little and for much data.
        return loss / rows, slope.ravel() / rows

    begin = np.zeros((features + 1, count))
    if start is not None:
        places = np.searchsorted(np.array(classes), np.array(start[0]))
        begin[:-1, places], begin[-1, places] = start[1], start[2]
    found = minimize(
        cost,
        begin.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 300, "maxcor": 5, "gtol": 0.0, "ftol": tolerance},
    )
    parameters = found.x.reshape(features + 1, count).astype(np.float32)
    return classes, parameters[:-1], parameters[-1]
