"""Cross-validation that does not flatter: near-copies of a text never stand on both sides of a cut.

Training examples are written in families ("what does it cost", "what does it cost me"); a plain cut tests on the
cousins of what was learnt. Both the calibration inside training and `perennial nlu report` cut by this module.
"""

from __future__ import annotations

from typing import List, Sequence

import numpy as np
import scipy.sparse
from scipy.sparse.csgraph import connected_components

# Cosine of character n-grams from which two texts are near-copies.
NEAR = 0.7

_ROWS_AT_ONCE = 512


def near_copies(vectors: scipy.sparse.csr_matrix, least: float = NEAR) -> scipy.sparse.coo_matrix:
    """Cosines of `least` or more between rows of length 1 (each pair both ways, and each row with itself)."""
    found = []
    transposed = vectors.T.tocsr()
    for start in range(0, vectors.shape[0], _ROWS_AT_ONCE):
        block = (vectors[start : start + _ROWS_AT_ONCE] @ transposed).tocsr()
        block.data[block.data < least] = 0
        block.eliminate_zeros()
        found.append(block)
    return scipy.sparse.vstack(found).tocoo()


def group_near_copies(vectors: scipy.sparse.csr_matrix, least: float = NEAR) -> np.ndarray:
    """A group number for each row; near-copies, and near-copies of near-copies, share one."""
    return connected_components(near_copies(vectors, least), directed=False)[1]


def cut(groups: np.ndarray, labels: Sequence[str], folds: int, seed: int = 0) -> np.ndarray:
    """A fold number for each row: groups stay whole, and each label is spread as evenly as they allow."""
    random = np.random.default_rng(seed)
    numbers = {label: index for index, label in enumerate(sorted(set(labels)))}
    rows_of: List[List[int]] = [[] for _ in range(int(groups.max()) + 1)]
    for row, group in enumerate(groups):
        rows_of[group].append(row)
    spread = np.zeros((len(numbers), folds))
    fold_of = np.empty(len(groups), dtype=np.int64)
    # The largest first, while there is still room to even them out.
    for group in sorted(random.permutation(len(rows_of)).tolist(), key=lambda group: -len(rows_of[group])):
        own = [numbers[labels[row]] for row in rows_of[group]]
        main = max(set(own), key=own.count)
        total = spread.sum(axis=0)
        fold = min(range(folds), key=lambda fold: (spread[main, fold], total[fold], fold))
        fold_of[rows_of[group]] = fold
        for label in own:
            spread[label, fold] += 1
    return fold_of
