"""Which head is taken, what it keeps of itself, and which vectors count for it."""

import numpy as np
import pytest

from components.heads import Network, Regression, restore, standardise
from components.logistic import stack_rows
from components.model import DEFAULTS, has_many
from components.ngrams import TfIdf

THINGS = ("of", "the", "study", "for", "my", "son", "and", "me", "too")
TEXTS = [f"{word} {thing}" for word in ("cost", "data", "clinic") for thing in THINGS]
LABELS = [text.split()[0] for text in TEXTS]
WIDTHS = [("e5", 4), ("other", 3)]
TFIDF = TfIdf.fit(TEXTS, [("word", 1, 1)])
GRAMS = stack_rows([TFIDF.transform(text) for text in TEXTS], TFIDF.size)
VECTORS = np.random.default_rng(0).normal(size=(len(TEXTS), 7)).astype(np.float32)
FITS = {
    "regression": lambda: Regression.fit(GRAMS, VECTORS, WIDTHS, LABELS, DEFAULTS["regression"]),
    "network": lambda: Network.fit(GRAMS, VECTORS, WIDTHS, LABELS, {**DEFAULTS["network"], "steps": 100}),
}


@pytest.mark.parametrize("kind", FITS)
def test_what_is_kept_scores_alike(kind):
    head = FITS[kind]()
    again = restore(head.classes, head.arrays(), TFIDF.size)
    assert type(again) is type(head)
    assert np.allclose(again.scores(GRAMS, VECTORS), head.scores(GRAMS, VECTORS), atol=0.02)
    assert [head.classes[best] for best in head.scores(GRAMS, VECTORS).argmax(axis=1)] == LABELS


@pytest.mark.parametrize("kind", FITS)
def test_a_part_without_a_weight_does_not_count(kind):
    head = FITS[kind]()
    changed = VECTORS.copy()
    changed[:, 4:] += 9
    assert np.array_equal(head.scores(GRAMS, changed), head.scores(GRAMS, VECTORS))


def test_parts_get_the_length_of_their_weight():
    measure = standardise(VECTORS, WIDTHS, {"e5": 3.0, "other": 0.5})
    lengths = measure(VECTORS) ** 2
    assert np.sqrt(lengths[:, :4].sum(axis=1).mean()) == pytest.approx(3.0, rel=1e-3)
    assert np.sqrt(lengths[:, 4:].sum(axis=1).mean()) == pytest.approx(0.5, rel=1e-3)


def test_the_network_needs_many_examples_a_label():
    assert has_many(["a"] * 15 + ["b"] * 5, {"many": 10})
    assert not has_many(["a"] * 14 + ["b"] * 5, {"many": 10})
    assert not has_many(["a"] * 30 + ["b"] * 30, {"many": None})
