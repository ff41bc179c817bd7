"""Expressions end: with a value, a clear failure, or an empty purse. And what they read is known before they run."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.fhirpath import (
    BadExpression,
    Budget,
    BudgetSpent,
    Environment,
    ExpressionFailed,
    Node,
    evaluate,
    parse_expression,
    reads_of,
)

AT = datetime(2026, 3, 5, tzinfo=UTC)


def run(text: str, steps: int = 20_000) -> list[object]:
    env = Environment(lookup=lambda name: None, at=AT, budget=Budget(steps))
    return list(evaluate(parse_expression(text), [Node({"item": [{"linkId": "a"}]})], env))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ends too early"),
        ("1 +", "ends too early"),
        ("a b", "'b' unexpected at 3"),
        ("'open", "unexpected at 1"),
        ("item.where(linkId=“a”)", "'“' unexpected at 19"),
        ("memberOf('x')", "memberOf() is not supported"),
        ("'a'.substring()", "takes 1 to 2 arguments, not 0"),
        ("(" * 500 + "1" + ")" * 500, "nests deeper than"),
        ("+".join("1" * 500), "nests deeper than"),
        ("1" * 30_000, "longer than"),
        ("@2024-13-01", "unexpected"),
    ],
)
def test_no_expression(text: str, message: str) -> None:
    with pytest.raises(BadExpression) as caught:
        parse_expression(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "1.repeat($this + 1)",
        "('a'|'b'|'c'|'d').aggregate($total & $total, 'x'.replace('x', 'xxxxxxxxxx')).length().repeat($this + 1)",
        "(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17).aggregate($total.combine($total), 1)",
        "'" + "a" * 40 + "b'.matches('(a|a)*$')",
    ],
)
def test_too_much_work(text: str) -> None:
    with pytest.raises(BudgetSpent):
        run(text)


@pytest.mark.parametrize(
    "text",
    [
        "10.power(100000)",
        "%unknown",
        "1 + 'a'",
        "'a' < 1",
        "(1|2) + 1",
        "'x'.matches('(')",
        "(1|2|3|4|5|6|7|8|9).aggregate($total * $total, 10)",
        "1.round(99)",
        "@9999-12-31 + 1 day",
    ],
)
def test_no_value(text: str) -> None:
    with pytest.raises(ExpressionFailed):
        run(text)


@given(st.text(alphabet="ai1.'()%=+|{}@$ ,-[]whereorand", max_size=40))
def test_any_text_ends_in_a_value_or_an_error(text: str) -> None:
    try:
        expr = parse_expression(text)
    except BadExpression:
        return
    reads_of(expr)
    try:
        run(text)
    except ExpressionFailed as failed:
        assert str(failed)  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("text", "answers", "below", "everything"),
    [
        ("%resource.item.where(linkId='a').answer.value", {"a"}, set(), False),
        ("%resource.item.where(linkId='g').item.where(linkId='a').answer.value", {"a"}, set(), False),
        ("%resource.descendants().where(linkId='a').answer.first().value + 1", {"a"}, set(), False),
        ("item.where(linkId='a').answer.value.exists()", {"a"}, set(), False),
        ("%resource.item.where(linkId='g').exists()", set(), {"g"}, False),
        ("%resource.item.where(linkId='g').item.answer.value.sum()", set(), {"g"}, False),
        ("%resource.item.where(linkId='a').answer.item.count()", set(), {"a"}, False),
        ("%resource.item.answer.value.sum()", set(), set(), True),
        ("%resource.item.where(linkId='a' or linkId='b').answer.value", set(), set(), True),
        ("(%resource.item | %resource.item.item).where(linkId='a').answer", {"a"}, set(), True),
        ("today() > @2020-01-01", set(), set(), False),
        ("iif(%resource.item.where(linkId='a').answer.value, 1, 2)", {"a"}, set(), False),
    ],
)
def test_what_an_expression_reads(text: str, answers: set[str], below: set[str], everything: bool) -> None:
    reads = reads_of(parse_expression(text))
    assert (set(reads.answers), set(reads.below), reads.all) == (answers, below, everything)


def test_variables_are_read() -> None:
    assert reads_of(parse_expression("%w / (%h * %h)")).variables == {"w", "h"}
