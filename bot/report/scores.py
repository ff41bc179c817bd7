"""The numbers of the report, from what was predicted and what was right. Small functions on arrays."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Sequence, Tuple

import numpy as np


class Bin(NamedTuple):
    """One bar of a reliability curve."""

    confidence: float
    right: float
    count: int


class Point(NamedTuple):
    """What a threshold does: share answered, and share right of those (and of all)."""

    threshold: float
    answered: float
    right_of_answered: float
    out_of_scope_answered: float


def accuracy(right: Sequence[str], predicted: Sequence[str]) -> float:
    """Share of rows where the two agree."""
    return float(np.mean(np.array(right) == np.array(predicted)))


def by_label(right: Sequence[str], predicted: Sequence[str]) -> Dict[str, Tuple[float, float, float, int]]:
    """Precision, recall, F1 and number of texts of each label that is right at least once."""
    right_, predicted_ = np.array(right), np.array(predicted)
    found = {}
    for label in sorted(set(right)):
        hits = float(np.sum((right_ == label) & (predicted_ == label)))
        said, real = float(np.sum(predicted_ == label)), float(np.sum(right_ == label))
        precision, recall = hits / said if said else 0.0, hits / real
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        found[label] = (precision, recall, f1, int(real))
    return found


def macro_f1(right: Sequence[str], predicted: Sequence[str]) -> float:
    """The mean F1 over labels, rare ones counting as much as frequent ones."""
    return float(np.mean([f1 for _, _, f1, _ in by_label(right, predicted).values()]))


def confusion(right: Sequence[str], predicted: Sequence[str]) -> Tuple[List[str], np.ndarray]:
    """Labels, and counts with a row for each right label and a column for each predicted one."""
    labels = sorted(set(right) | set(predicted))
    index = {label: number for number, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(counts, ([index[each] for each in right], [index[each] for each in predicted]), 1)
    return labels, counts


def reliability(confidence: np.ndarray, hit: np.ndarray, bins: int = 10) -> List[Bin]:
    """Mean confidence and share right, by tenths of confidence; empty tenths are left out."""
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        Bin(float(confidence[number == each].mean()), float(hit[number == each].mean()), int((number == each).sum()))
        for each in range(bins)
        if (number == each).any()
    ]


def calibration_error(confidence: np.ndarray, hit: np.ndarray) -> float:
    """Expected calibration error over tenths (Naeini et al. 2015)."""
    bars = reliability(confidence, hit)
    return sum(bar.count * abs(bar.confidence - bar.right) for bar in bars) / max(len(confidence), 1)


def auc(positive: np.ndarray, negative: np.ndarray) -> float:
    """The chance that a positive scores above a negative, ties counting half; nan where one of them is empty."""
    if not len(positive) or not len(negative):
        return float("nan")
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    upto = np.searchsorted(ordered, positive, side="right")
    return float((below + upto).mean() / 2 / len(negative))


def threshold_curve(
    confidence: np.ndarray,
    lead: np.ndarray,
    hit: np.ndarray,
    in_scope: np.ndarray,
    says_scope: np.ndarray,
    margin: float,
) -> List[Point]:
    """For thresholds from 0 to 0.95: of the texts in scope the share answered, of those the share right, and of the
    texts out of scope the share that would be answered as if in scope. `says_scope`: the best label is one in scope."""
    points = []
    for step in range(20):
        answered = (confidence >= step / 20) & (lead >= margin) & says_scope
        given = answered & in_scope
        points.append(
            Point(
                step / 20,
                float(given.sum() / max(in_scope.sum(), 1)),
                float(hit[given].mean()) if given.any() else 1.0,
                float((answered & ~in_scope).sum() / max((~in_scope).sum(), 1)),
            )
        )
    return points
