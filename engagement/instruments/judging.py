"""What the answers come to: the verdict of a pre-screening, criterion by criterion, and the thresholds that were crossed.

Three-valued: a criterion is met, not met, or unknown. Unknown never disqualifies; it asks for a person's eyes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engagement.fhirpath import (
    Budget,
    BudgetSpent,
    Environment,
    Expr,
    ExpressionFailed,
    Fragment,
    Node,
    evaluate,
    truth,
)
from engagement.instruments.model import Criterion, Eligibility, Threshold

STEPS = 50_000


class Verdict(StrEnum):
    """What a pre-screening comes to."""

    LIKELY = "likely_eligible"
    NOT = "not_eligible"
    REVIEW = "needs_review"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the trace: the criterion as it was, and its value (None: unknown)."""

    criterion: str
    version: int
    expression: str
    met: bool | None


def decide_verdict(
    eligibility: Eligibility, response: Mapping[str, Any], *, at: datetime
) -> tuple[Verdict, tuple[Finding, ...]]:
    """The verdict on a QuestionnaireResponse (JSON) and its trace. `at`: aware; what today() says."""
    findings = tuple(_finding(criterion, response, at) for criterion in eligibility.criteria)
    values = [finding.met for finding in findings]
    if False in values:
        return Verdict.NOT, findings
    return (Verdict.REVIEW if None in values else Verdict.LIKELY), findings


def find_crossed(
    thresholds: Sequence[Threshold], response: Mapping[str, Any], *, at: datetime
) -> tuple[Threshold, ...]:
    """The thresholds that the answers so far have crossed."""
    return tuple(each for each in thresholds if _truth(each.expression, response, at) is True)


def _finding(criterion: Criterion, response: Mapping[str, Any], at: datetime) -> Finding:
    return Finding(
        criterion=criterion.id,
        version=criterion.version,
        expression=criterion.text,
        met=_truth(criterion.expression, response, at),
    )


def _truth(expression: Expr, response: Mapping[str, Any], at: datetime) -> bool | None:
    root = [Node(_fragments(response))]
    env = Environment(
        lookup=lambda name: root if name in ("resource", "rootResource", "context") else None,
        at=at,
        budget=Budget(STEPS),
    )
    try:
        return truth(evaluate(expression, root, env))
    except (ExpressionFailed, BudgetSpent):
        return None  # what can't be worked out is unknown


def _fragments(element: Mapping[str, Any]) -> Fragment:
    """The response with its items found by linkId."""
    found = Fragment(element)
    for name in ("item", "answer"):
        if name in found:
            found[name] = [_fragments(child) for child in found[name]]
    return found
