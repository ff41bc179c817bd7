"""A linear support vector machine, taught by dual coordinate descent: a page of plain Python, exact and repeatable.

The service has no numerical library and needs none here: ten thousand short texts are learned in well under a minute.
Source: Hsieh et al. 2008, "A Dual Coordinate Descent Method for Large-scale Linear SVM", algorithm 1, squared hinge.
"""

import math
import random
from collections.abc import Sequence

Row = Sequence[tuple[int, float]]
"""A text: number and value of each of its features."""

EPOCHS = 30
ENOUGH = 0.02
"""Stops when no coordinate's gradient is further than this from its optimum."""

SEED = 11


def train_linear(rows: Sequence[Row], positive: Sequence[bool], costs: Sequence[float], size: int) -> list[float]:
    """One weight a feature (`size` of them) so that the sum over a row is above 0 where `positive`.

    `costs`: what it costs to have a row wrong. The caller adds a feature that every row has if it wants a bias.
    """
    weights = [0.0] * size
    alphas = [0.0] * len(rows)
    signs = [1.0 if each else -1.0 for each in positive]
    softness = [0.5 / cost for cost in costs]
    norms = [sum(value * value for _, value in row) + soft for row, soft in zip(rows, softness, strict=True)]
    chance = random.Random(SEED)
    asked, sure = list(range(len(rows))), math.inf
    for _ in range(EPOCHS):
        chance.shuffle(asked)
        worst, kept = 0.0, []
        for place in asked:
            row, sign, alpha = rows[place], signs[place], alphas[place]
            gradient = sign * sum([weights[at] * value for at, value in row]) - 1.0 + softness[place] * alpha
            if alpha == 0.0 and gradient >= 0.0:
                if gradient <= sure:
                    kept.append(place)
                continue
            kept.append(place)
            worst = max(worst, abs(gradient))
            alphas[place] = max(alpha - gradient / norms[place], 0.0)
            step = (alphas[place] - alpha) * sign
            for at, value in row:
                weights[at] += step * value
        # What is right by more than anything is wrong is not asked again until the rest has settled.
        asked, sure = kept, worst
        if worst < ENOUGH:
            if sure == math.inf or len(asked) == len(rows):
                break
            asked, sure = list(range(len(rows))), math.inf
    return weights
