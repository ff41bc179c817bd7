"""Our tf-idf and regression against scikit-learn's."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from components.logistic import balance, fit_logistic, stack_rows
from components.ngrams import TfIdf, fold

TEXTS = [
    "How much does the test cost?",
    "cuánto cuesta la prueba",
    "is it free",
    "es gratis",
    "I a b",
    "what does it cost me",
    "who sees my data",
    "quién ve mis datos",
    "is my data private",
    "son privados mis datos",
    "¿Y mi información?",
]
LABELS = ["cost"] * 6 + ["privacy"] * 5


@pytest.mark.parametrize(
    ("block", "options"),
    [
        (("word", 1, 2), {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"\w+"}),
        (("character", 1, 4), {"analyzer": "char_wb", "ngram_range": (1, 4)}),
        (("character", 2, 5), {"analyzer": "char_wb", "ngram_range": (2, 5)}),
    ],
)
def test_tfidf_equals_scikit_learn(block, options):
    theirs = TfidfVectorizer(sublinear_tf=True, preprocessor=fold, **options).fit(TEXTS)
    ours = TfIdf.fit(TEXTS, [block])
    assert ours.size == len(theirs.vocabulary_)
    for text in [*TEXTS, "the cost of the test, the test", "nada 12"]:
        dense = np.zeros(ours.size)
        columns, values = ours.transform(text)
        dense[columns] = values
        expected = theirs.transform([text]).toarray()[0]
        assert np.allclose(
            dense, expected[[theirs.vocabulary_[gram] for gram in sorted(theirs.vocabulary_)]], atol=1e-6
        )


def test_nothing_known_is_empty():
    columns, values = TfIdf.fit(["abc"], [("word", 1, 1)]).transform("xyz")
    assert len(columns) == len(values) == 0


def test_rare_grams_can_be_left_out():
    assert TfIdf.fit(["a b", "a c"], [("word", 1, 1)], least=2).size == 1


def test_state_survives():
    tfidf = TfIdf.fit(TEXTS, [("word", 1, 2), ("character", 1, 3)])
    again = TfIdf.from_state(*tfidf.state())
    for mine, other in zip(tfidf.transform(TEXTS[0]), again.transform(TEXTS[0])):
        assert np.array_equal(mine, other)


@pytest.mark.parametrize("labels", [LABELS, ["a", "b", "c"] * 3 + ["a", "b"]])
def test_regression_equals_scikit_learn(labels):
    tfidf = TfIdf.fit(TEXTS, [("word", 1, 1)])
    rows = [tfidf.transform(text) for text in TEXTS]
    dense = np.random.default_rng(0).normal(size=(len(TEXTS), 3)).astype(np.float32)
    classes, weights, bias = fit_logistic(stack_rows(rows, tfidf.size), dense, labels, 10.0, tolerance=1e-9)
    matrix = np.zeros((len(TEXTS), tfidf.size))
    for index, (columns, values) in enumerate(rows):
        matrix[index, columns] = values
    features = np.hstack([matrix, dense])
    theirs = LogisticRegression(C=10.0, multi_class="multinomial", tol=1e-8, max_iter=5000).fit(features, labels)
    scores = np.exp(features @ weights + bias)
    assert classes == list(theirs.classes_)
    assert np.allclose(scores / scores.sum(axis=1, keepdims=True), theirs.predict_proba(features), atol=5e-3)


def test_a_start_leads_to_the_same_place():
    rows = [TfIdf.fit(TEXTS, [("word", 1, 1)]).transform(text) for text in TEXTS]
    sparse = stack_rows(rows, max(int(columns.max()) for columns, _ in rows) + 1)
    dense = np.random.default_rng(0).normal(size=(len(TEXTS), 3)).astype(np.float32)
    labels = ["a", "b", "c"] * 3 + ["a", "b"]
    some = [row for row, label in enumerate(labels) if label != "b"]
    start = fit_logistic(sparse[some], dense[some], [labels[row] for row in some], 10.0)
    _, weights, bias = fit_logistic(sparse, dense, labels, 10.0, tolerance=1e-9)
    _, sooner, its_bias = fit_logistic(sparse, dense, labels, 10.0, tolerance=1e-9, start=start)
    assert np.allclose(sooner, weights, atol=5e-3)
    assert np.allclose(its_bias, bias, atol=5e-2)


def test_rare_labels_can_weigh_as_much():
    weights = balance(LABELS, 1.0)
    sums = {label: sum(weight for weight, own in zip(weights, LABELS) if own == label) for label in set(LABELS)}
    assert sums["cost"] == pytest.approx(sums["privacy"])
    assert weights.mean() == pytest.approx(1.0)
    assert balance(LABELS, 0.0) == pytest.approx(np.ones(len(LABELS)))
