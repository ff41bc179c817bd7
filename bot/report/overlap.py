"""Are the examples different from each other, and does a language lack any? `perennial nlu check` and the report."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Dict, Mapping, Set

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


def check_language(examples: Examples, labels: Mapping[str, Set[str]]) -> Dict[str, object]:
    """Shares of texts with a near-copy (another text of NEAR or SAME or more), repeated texts, texts under two intents,
    and the intents that have fewer than LEAST examples. `labels`: `labels_by_text` of all languages."""
    tfidf = TfIdf.fit(examples.texts, [("character", 2, 4)])
    pairs = near_copies(stack_rows([tfidf.transform(text) for text in examples.texts], tfidf.size))
    nearest = np.zeros(len(examples.texts))
    other = pairs.row != pairs.col
    np.maximum.at(nearest, pairs.row[other], pairs.data[other])
    intents = sorted(set().union(*labels.values()))
    counts = Counter(examples.labels)
    closest = np.argsort(-pairs.data[pairs.row < pairs.col])[:_SHOWN]
    first, second = pairs.row[pairs.row < pairs.col][closest], pairs.col[pairs.row < pairs.col][closest]
    return {
        "examples": len(examples.texts),
        "near_copies": float((nearest > 0).mean()),
        "same_words": float((nearest >= SAME).mean()),
        "repeated": len(examples.texts) - len({fold(text) for text in examples.texts}),
        "two_intents": {
            text: sorted(labels[text])
            for text in sorted({_bare(text) for text in examples.texts})
            if len(labels[text]) > 1
        },
        "lacking": {intent: counts[intent] for intent in intents if counts[intent] < LEAST},
        "closest": [[examples.texts[one], examples.texts[two]] for one, two in zip(first, second)],
    }


def check_examples(data: Dict[str, Examples]) -> Dict[str, object]:
    """`check_language` for each language, against the examples of all."""
    labels = labels_by_text(data)
    return {language: check_language(each, labels) for language, each in data.items()}


def labels_by_text(data: Dict[str, Examples]) -> Mapping[str, Set[str]]:
    """The labels of each text, bare of case, accents and punctuation, over all languages: one model learns them all."""
    labels: Dict[str, Set[str]] = defaultdict(set)
    for each in data.values():
        for text, label in zip(each.texts, each.labels):
            labels[_bare(text)].add(label)
    return labels


def _bare(text: str) -> str:
    """Punctuation stays where there is nothing else."""
    return " ".join(re.findall(r"\w+", fold(text))) or text
