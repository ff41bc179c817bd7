"""Cross-validation of our own examples: one model of all languages a fold, as in the bot, judged language by language.

Near-copies stay on one side of each cut (components/folds.py), so a text is never asked beside its own cousin.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Callable, Dict, List

import numpy as np

from components.decision import NOT_ANSWERED, OUT_OF_SCOPE, decide
from components.folds import cut, group_near_copies
from components.logistic import stack_rows
from components.ngrams import TfIdf
from components.parts import split_parts
from report.examples import Examples
from report.pipeline import Pipeline
from report.scores import (
    accuracy,
    auc,
    by_label,
    calibration_error,
    confusion,
    macro_f1,
    reliability,
    threshold_curve,
)

# Two texts of different topics joined as people join them, to see whether both are answered.
_JOINTS = {"en": (" and ", "? also ", ". "), "es": (" y ", "? además ", ". ")}
_PAIRS = 150


@dataclass
class Answers:
    """What the folds answered, row by row of the examples of all languages."""

    languages: np.ndarray
    right: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    lead: np.ndarray
    known: np.ndarray


def cross_validate(
    pipeline: Pipeline, data: Dict[str, Examples], say: Callable[[str], None], folds: int = 5
) -> Dict[str, object]:
    """Everything the report says of our own examples, by language."""
    texts = [text for each in data.values() for text in each.texts]
    labels = [label for each in data.values() for label in each.labels]
    languages = np.array([language for language, each in data.items() for _ in each.texts])
    say(f"turning {len(texts)} examples into vectors")
    vectors = pipeline.embed(texts)
    copies = TfIdf.fit(texts, [("character", 2, 4)], least=2)
    groups = group_near_copies(stack_rows([copies.transform(text) for text in texts], copies.size))
    fold_of = cut(groups, labels, folds)
    named = np.array(labels)
    answers = Answers(languages, named, named.copy(), np.zeros(len(texts)), np.zeros(len(texts)), np.zeros(len(texts)))
    pairs: Dict[str, List[bool]] = {language: [] for language in data}
    single: Dict[str, List[bool]] = {language: [] for language in data}
    for fold in range(folds):
        say(f"fold {fold + 1} of {folds}")
        taught, asked = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        model = pipeline.fit([texts[row] for row in taught], vectors[taught], named[taught].tolist())
        for row in asked:
            chances = model.chances(texts[row], vectors[row])
            order = np.argsort(-chances)
            answers.predicted[row] = model.classes[order[0]]
            answers.confidence[row] = chances[order[0]]
            answers.lead[row] = chances[order[0]] - chances[order[1]]
            answers.known[row] = chances.sum()
        if fold == 0:
            for language in data:
                rows = [row for row in asked if languages[row] == language and "/" in labels[row]]
                pairs[language] = _ask_pairs(pipeline, model, language, rows, texts, labels)
                single[language] = [_doubled(pipeline, model, texts[row]) for row in rows[:: max(1, len(rows) // 300)]]
    return {
        language: {
            **_judge(answers, languages == language, pipeline.bounds),
            "pairs": _pair_scores(pairs, single, language),
        }
        for language in data
    }


def _judge(answers: Answers, chosen: np.ndarray, bounds) -> Dict[str, object]:  # type: ignore[no-untyped-def]
    right, predicted = answers.right[chosen], answers.predicted[chosen]
    confidence, lead, hit = answers.confidence[chosen], answers.lead[chosen], right == predicted
    in_scope = right != OUT_OF_SCOPE
    # Small talk about the weather is not an answer that somebody out of scope could take for one.
    says_scope = np.where(in_scope, predicted != OUT_OF_SCOPE, ~np.isin(predicted, sorted(NOT_ANSWERED)))
    labels, counts = confusion(right.tolist(), predicted.tolist())
    answered = (confidence >= bounds.threshold) & (lead >= bounds.margin) & says_scope
    given = answered & in_scope
    return {
        "texts": int(chosen.sum()),
        "intents": len(set(right.tolist())),
        "accuracy": accuracy(right.tolist(), predicted.tolist()),
        "macro_f1": macro_f1(right.tolist(), predicted.tolist()),
        "calibration_error": calibration_error(confidence, hit),
        "reliability": [bar._asdict() for bar in reliability(confidence, hit)],
        "curve": [
            point._asdict() for point in threshold_curve(confidence, lead, hit, in_scope, says_scope, bounds.margin)
        ],
        "answered": float(given.sum() / max(in_scope.sum(), 1)),
        "right_of_answered": float(hit[given].mean()) if given.any() else None,
        "out_of_scope_answered": float((answered & ~in_scope).sum() / max((~in_scope).sum(), 1)),
        "out_of_scope_auc": auc(
            np.where(says_scope, confidence, 0)[in_scope], np.where(says_scope, confidence, 0)[~in_scope]
        ),
        "by_intent": {
            label: dict(zip(("precision", "recall", "f1", "texts"), values))
            for label, values in by_label(right.tolist(), predicted.tolist()).items()
        },
        "confusion": {"labels": labels, "counts": counts.tolist()},
    }


def _rank(pipeline: Pipeline, model, text: str) -> list:  # type: ignore[no-untyped-def, type-arg]
    chances = model.chances(text, pipeline.embed([text])[0])
    return [{"name": model.classes[i], "confidence": float(chances[i])} for i in np.argsort(-chances)[:5]]


def _decide(pipeline: Pipeline, model, text: str):  # type: ignore[no-untyped-def]
    parts = [_rank(pipeline, model, part) for part in split_parts(text)]
    return decide(_rank(pipeline, model, text), parts, pipeline.bounds)


def _ask_pairs(pipeline: Pipeline, model, language: str, rows: list, texts: list, labels: list) -> List[bool]:  # type: ignore[no-untyped-def, type-arg]
    chance = random.Random(0)
    both = []
    while rows and len({labels[row] for row in rows}) > 1 and len(both) < _PAIRS:
        one, other = chance.sample(rows, 2)
        if labels[one] == labels[other]:
            continue
        joint = chance.choice(_JOINTS.get(language, _JOINTS["en"]))
        text = texts[one].rstrip("?. ") + joint + texts[other]
        decision = _decide(pipeline, model, text)
        answered = {decision.first["name"] if decision.first else "", *decision.also}
        both.append(answered == {labels[one], labels[other]})
    return both


def _doubled(pipeline: Pipeline, model, text: str) -> bool:  # type: ignore[no-untyped-def]
    return bool(_decide(pipeline, model, text).also)


def _pair_scores(pairs: Dict[str, List[bool]], single: Dict[str, List[bool]], language: str) -> Dict[str, object]:
    return {
        "asked": len(pairs[language]),
        "both_answered": float(np.mean(pairs[language])) if pairs[language] else None,
        "single_answered_twice": float(np.mean(single[language])) if single[language] else None,
    }
