"""In-scope accuracy and out-of-scope AUC on sets in HINT3's format, as its paper defines them.

Accuracy is arg-max over intents without a threshold, over the test texts that belong to an intent (Arora et al. 2020,
"HINT3: Raising the bar for intent detection in the wild"). The AUC asks how well the model's own sense of "I know this"
parts those texts from the others: the evidence for any intent at all.
"""

from __future__ import annotations

from typing import Dict, List, Optional

import numpy as np

from components.calibration import evidence
from components.folds import cut, group_near_copies
from components.logistic import stack_rows
from components.ngrams import TfIdf
from report.examples import BenchmarkSet, Examples, is_out_of_scope
from report.pipeline import Pipeline
from report.scores import auc

_FOLDS = 5


def measure_set(pipeline: Pipeline, each: BenchmarkSet) -> Dict[str, Optional[float]]:
    """`in_scope_accuracy` and `oos_auc`, fractions; None where the test has no such texts."""
    train = _in_scope(each.train)
    if each.test is None:
        return {"in_scope_accuracy": _rounded(_cross_validated(pipeline, train)), "oos_auc": None}
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


def _cross_validated(pipeline: Pipeline, train: Examples) -> float:
    """Accuracy over five folds, near-copies on one side of each cut; texts of labels that only stand in one fold, which
    nothing could have taught, are left out."""
    vectors = pipeline.embed(train.texts)
    copies = TfIdf.fit(train.texts, [("character", 2, 4)])
    groups = group_near_copies(stack_rows([copies.transform(text) for text in train.texts], copies.size))
    fold_of, labels = cut(groups, train.labels, _FOLDS), np.array(train.labels)
    hits: List[bool] = []
    for fold in range(_FOLDS):
        taught = np.flatnonzero(fold_of != fold)
        model = pipeline.fit([train.texts[row] for row in taught], vectors[taught], labels[taught].tolist())
        for row in np.flatnonzero((fold_of == fold) & np.isin(labels, labels[taught])):
            best = int(model.scores(train.texts[row], vectors[row]).argmax())
            hits.append(model.classes[best] == labels[row])
    return float(np.mean(hits))


def _rounded(value: float) -> Optional[float]:
    return None if np.isnan(value) else round(value, 4)
