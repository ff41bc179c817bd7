"""Verdicts are three-valued, and unknown never excludes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engagement.fhirpath import parse_expression
from engagement.instruments import Criterion, Eligibility, Threshold, Verdict, decide_verdict, find_crossed

AT = datetime(2026, 11, 25, tzinfo=UTC)
ADULT, HERE = (
    "%resource.item.where(linkId='age').answer.value >= 18",
    "%resource.item.where(linkId='here').answer.value",
)


def eligibility(*expressions: str) -> Eligibility:
    criteria = tuple(
        Criterion(id=f"c{n}", version=2, text=text, expression=parse_expression(text), meaning={"en": "…"})
        for n, text in enumerate(expressions)
    )
    return Eligibility(questionnaire="q", name_criterion=False, criteria=criteria)


def response(**values: int | bool) -> dict[str, Any]:
    def answer(value: int | bool) -> dict[str, Any]:
        return {"valueBoolean" if isinstance(value, bool) else "valueInteger": value}

    items = [{"linkId": name, "answer": [answer(value)]} for name, value in values.items()]
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}


@pytest.mark.parametrize(
    ("answers", "verdict", "met"),
    [
        ({"age": 40, "here": True}, Verdict.LIKELY, [True, True]),
        ({"age": 40, "here": False}, Verdict.NOT, [True, False]),
        ({"age": 40}, Verdict.REVIEW, [True, None]),
        ({}, Verdict.REVIEW, [None, None]),
        ({"here": False}, Verdict.NOT, [None, False]),
    ],
)
def test_verdicts(answers: dict[str, Any], verdict: Verdict, met: list[bool | None]) -> None:
    found, trace = decide_verdict(eligibility(ADULT, HERE), response(**answers), at=AT)
    assert found is verdict
    assert [line.met for line in trace] == met
    assert [(line.criterion, line.version, line.expression) for line in trace] == [("c0", 2, ADULT), ("c1", 2, HERE)]


def test_an_expression_that_breaks_or_never_ends_is_unknown() -> None:
    broken = "%resource.item.answer.value.first() + 'a' > 3"
    endless = "(1 | 2 | 3).repeat($this + 1).count() > 0"
    found, trace = decide_verdict(eligibility(broken, endless), response(age=40), at=AT)
    assert found is Verdict.REVIEW
    assert [line.met for line in trace] == [None, None]


def test_a_threshold_is_crossed_by_true_alone() -> None:
    threshold = Threshold(
        id="fall", text=HERE, expression=parse_expression(HERE), reason="check_in", meaning={"en": "A fall"}
    )
    assert find_crossed([threshold], response(here=True), at=AT) == (threshold,)
    assert find_crossed([threshold], response(here=False), at=AT) == ()
    assert find_crossed([threshold], response(), at=AT) == ()
