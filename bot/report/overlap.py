"""Are the examples different from each other, and does a language lack any? `perennial nlu check` and the report."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Dict, List

import numpy as np

from components.folds import near_copies
from components.logistic import stack_rows
from components.ngrams import TfIdf, fold
from report.examples import Examples

# An intent with fewer cannot be cross-validated, let alone learnt.
LEAST = 15

# Cosine of character n-grams from which two texts say the same in the same words.
SAME = 0.9

_SHOWN = 20


def check_language(examples: Examples, intents: List[str]) -> Dict[str, object]:
    """Shares of texts with a near-copy (another text of NEAR or SAME or more), repeated texts, texts under two intents,
    and the intents that have fewer than LEAST examples, those of other languages (`intents`) included."""
    tfidf = TfIdf.fit(examples.texts, [("character", 2, 4)])
    pairs = near_copies(stack_rows([tfidf.transform(text) for text in examples.texts], tfidf.size))
    nearest = np.zeros(len(examples.texts))
    other = pairs.row != pairs.col
    np.maximum.at(nearest, pairs.row[other], pairs.data[other])
    labels_of = defaultdict(set)
    for text, label in zip(examples.texts, examples.labels):
        labels_of[fold(text)].add(label)
    counts = Counter(examples.labels)
    closest = np.argsort(-pairs.data[pairs.row < pairs.col])[:_SHOWN]
    first, second = pairs.row[pairs.row < pairs.col][closest], pairs.col[pairs.row < pairs.col][closest]
    return {
        "examples": len(examples.texts),
        "near_copies": float((nearest > 0).mean()),
        "same_words": float((nearest >= SAME).mean()),
        "repeated": len(examples.texts) - len(labels_of),
        "two_intents": {text: sorted(labels) for text, labels in sorted(labels_of.items()) if len(labels) > 1},
        "lacking": {intent: counts[intent] for intent in sorted(intents) if counts[intent] < LEAST},
        "closest": [[examples.texts[one], examples.texts[two]] for one, two in zip(first, second)],
    }


def check_examples(data: Dict[str, Examples]) -> Dict[str, object]:
    """`check_language` for each language, against the intents of all."""
    intents = sorted({label for each in data.values() for label in each.labels})
    return {language: check_language(each, intents) for language, each in data.items()}
