"""In-scope accuracy and out-of-scope AUC on sets in HINT3's format, as its paper defines them.

Accuracy is arg-max over intents without a threshold, over the test texts that belong to an intent (Arora et al. 2020,
"HINT3: Raising the bar for intent detection in the wild"). The AUC asks how well the model's own sense of "I know this"
parts those texts from the others: the evidence for any intent at all.
"""

from __future__ import annotations

from typing import Dict, Optional

import numpy as np

from components.calibration import evidence
from report.examples import BenchmarkSet, Examples, is_out_of_scope
from report.pipeline import Pipeline
from report.scores import auc


def measure_set(pipeline: Pipeline, each: BenchmarkSet) -> Dict[str, Optional[float]]:
    """`in_scope_accuracy` and `oos_auc`, fractions; None where the test has no such texts."""
    train = _in_scope(each.train)
    model = pipeline.fit(train.texts, pipeline.embed(train.texts), train.labels)
    vectors = pipeline.embed(each.test.texts)
    scores = np.stack([model.scores(text, vector) for text, vector in zip(each.test.texts, vectors)])
    best = np.array(model.classes)[scores.argmax(axis=1)]
    outside = np.array([is_out_of_scope(label) for label in each.test.labels])
    hits = best == np.array(each.test.labels)
    known = evidence(scores, model.calibration)
    return {
        "in_scope_accuracy": _rounded(float(hits[~outside].mean()) if (~outside).any() else float("nan")),
        "oos_auc": _rounded(auc(known[~outside], known[outside])),
    }


def _in_scope(examples: Examples) -> Examples:
    kept = [row for row, label in enumerate(examples.labels) if not is_out_of_scope(label)]
    return Examples([examples.texts[row] for row in kept], [examples.labels[row] for row in kept])


def _rounded(value: float) -> Optional[float]:
    return None if np.isnan(value) else round(value, 4)
