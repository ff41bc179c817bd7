"""Confidence that can be believed, and cuts that do not flatter."""

import numpy as np
import pytest

from components.calibration import Calibration, chances, fit_calibration
from components.folds import cut, group_near_copies
from components.logistic import stack_rows
from components.model import IntentModel
from components.ngrams import TfIdf

RANDOM = np.random.default_rng(1)


def test_a_fitted_temperature_undoes_an_overconfident_one():
    # Scores that are three times too large: the right class follows the chances of a third of them.
    true = RANDOM.normal(size=(4000, 4)) * 1.5
    target = np.array([RANDOM.choice(4, p=row) for row in chances(true, Calibration())])
    fitted = fit_calibration(true * 3, target)
    assert fitted.temperature == pytest.approx(3, rel=0.15)
    assert fitted.none == -50.0


def test_texts_of_no_class_leave_room_for_none():
    known = np.full((300, 3), -1.0)
    target = RANDOM.integers(0, 3, size=300)
    known[np.arange(300), target] = 6.0
    unknown = RANDOM.normal(size=(300, 3))
    fitted = fit_calibration(np.vstack([known, unknown]), np.concatenate([target, np.full(300, -1)]))
    sure, unsure = chances(known, fitted).sum(axis=1), chances(unknown, fitted).sum(axis=1)
    assert sure.min() > 0.9
    assert unsure.mean() < 0.3


def test_near_copies_share_a_group_and_a_fold():
    texts = ["what does it cost", "what does it cost me", "who sees my data", "where is the clinic", "is it free"] * 1
    tfidf = TfIdf.fit(texts, [("character", 2, 4)])
    groups = group_near_copies(stack_rows([tfidf.transform(text) for text in texts], tfidf.size))
    assert groups[0] == groups[1]
    assert len(set(groups)) == 4
    folds = cut(groups, ["cost", "cost", "data", "place", "cost"], 2)
    assert folds[0] == folds[1]
    assert folds[4] != folds[0]


def test_every_label_is_spread_over_the_folds():
    labels = ["a", "b"] * 20
    folds = cut(np.arange(40), labels, 5)
    for label in "ab":
        counts = np.bincount([fold for fold, own in zip(folds, labels) if own == label], minlength=5)
        assert counts.tolist() == [4] * 5


@pytest.mark.parametrize("many", [1, 1000])
def test_training_twice_gives_the_same_model(many):
    texts = [f"{word} number {index}" for index in range(12) for word in ("cost", "data", "clinic", "result")]
    labels = [text.split()[0] for text in texts]
    options = {"many": many, "calibration_texts": 10}
    nothing = np.empty((len(texts), 0), dtype=np.float32)
    one, other = (IntentModel.fit(texts, nothing, [], labels, options) for _ in range(2))
    assert one.calibration == other.calibration
    kept, others = one.head.arrays(), other.head.arrays()
    assert all(np.array_equal(kept[name], others[name]) for name in kept)
    assert ("projected" in kept) == (many == 1)
    best = one.chances("what is the cost", nothing[0])
    assert one.classes[int(best.argmax())] == "cost"
    assert best.sum() < 1
