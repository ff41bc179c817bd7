"""Our evaluator and fhirpathpy give the same, wherever fhirpathpy has an answer."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from engagement.fhirpath import Amount, Environment, Item, Moment, Node, evaluate, parse_expression

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
CODING = {"code": "x", "system": "s", "display": "X", "extension": [{"url": ORDINAL, "valueDecimal": 2}]}
RESPONSE: dict[str, Any] = {
    "resourceType": "QuestionnaireResponse",
    "item": [
        {"linkId": "a", "answer": [{"valueInteger": 3}]},
        {"linkId": "b", "answer": [{"valueDecimal": 2.5}]},
        {
            "linkId": "g",
            "item": [
                {"linkId": "c", "answer": [{"valueCoding": CODING}, {"valueCoding": CODING | {"code": "y"}}]},
                {"linkId": "d", "answer": [{"valueDate": "2020-02-29"}]},
                {"linkId": "e", "answer": [{"valueString": "Hi there"}, {"valueString": "b"}]},
                {
                    "linkId": "f",
                    "answer": [{"valueBoolean": True, "item": [{"linkId": "f1", "answer": [{"valueInteger": 7}]}]}],
                },
            ],
        },
    ],
}
AT = datetime(2026, 3, 5, 12, tzinfo=UTC)


def ours(text: str) -> list[Any]:
    variables: dict[str, list[Item]] = {"resource": [Node(RESPONSE)], "x": [5], "none": []}
    env = Environment(lookup=variables.get, at=AT)
    return [_plain(item) for item in evaluate(parse_expression(text), [Node(RESPONSE)], env)]


def theirs(text: str) -> list[Any]:
    context = {"resource": RESPONSE, "x": 5, "none": []}
    return [_plain(item) for item in fhirpathpy.evaluate(RESPONSE, text, context, model=models["r4"])]


def _plain(item: Any) -> Any:
    match item:
        case Node():
            return item.data
        case Moment():
            return item.text
        case Amount():
            return (item.value, item.unit)
        case float() | Decimal():
            return Decimal(str(item)).normalize()
        case _:
            return item if isinstance(item, bool | int | str | dict) else str(item)


SAME = """
%resource.item.where(linkId='a').answer.value + 1
item.where(linkId='g').item.where(linkId='c').answer.value.code
item.where('g' = linkId).item.linkId
%resource.descendants().where(linkId='d').answer.value <= @2020-03-01
%resource.descendants().where(linkId='f1').answer.value
%resource.repeat(item).linkId
item.where(linkId='g').item.answer.item.answer.value
item.where(linkId='g').item.where(linkId='c').answer.value.extension('http://hl7.org/fhir/StructureDefinition/ordinalValue').value
iif(%x > 3, 'big', 'small')
iif(%none > 3, 'big', 'small')
(1|2|3|2).count()
(1|2|3).aggregate($this+$total, 0)
item.item.answer.value.ofType(string).join(', ')
'abc'.substring(1,1) & 'z'
10 div 3 + 10 mod 3 - 2.5
(70/(1.75*1.75)).round(1)
@2020-01-31 + 1 month
@2020-02-29 + 1 year
{} and false
true and {}
{} or true
{} implies true
true xor false
1 = 1.0
'a' in ('a'|'b')
('a'|'b') contains 'c'
item.where(linkId='e' or linkId='g').item.count()
item.linkId.select($this & 'x')
2.power(3)
1 > 2 or 3 >= 3
'2020'.toDate() < @2021
item.where(linkId = 'g').item.where(linkId='e').answer.first().value.contains('there').not()
item.where(linkId='a').answer.value.toString() + ' pts'
(1 | 'b').combine(2)
item.where(linkId='zz').answer.value.empty()
item.where(linkId='g').exists()
item.all(linkId.exists())
(true|false).anyTrue()
item.linkId.first()
item.linkId.last()
item[1].linkId
item.linkId.skip(1).take(1)
item.linkId.tail()
(1|2|3).exclude(2)
(1|2|3).intersect(2|3|4)
(1|2).subsetOf(1|2|3)
('a'|'a').distinct().count()
'Hello'.upper() + 'X'.lower()
'a-b-c'.split('-').count()
'hello'.replace('l', 'L')
'hello'.indexOf('l')
'abc'.matches('^a.c$')
'abc'.length() * 2
(-3).abs()
7.5.floor() + 7.5.ceiling()
16.sqrt()
'5'.toInteger() + 1
'x'.toInteger().empty()
'1.5'.toDecimal()
1.convertsToString()
'yes'.toBoolean()
5 is Integer
'a' is String
@2020-01-01 = @2020-01-01
@2020 = @2020-01
'a' ~ 'A'
(1|2|3) = (1|2|3)
(1|2).where($this > 1)
%x * 2 - 1
""".strip().splitlines()


@pytest.mark.parametrize("text", SAME)
def test_the_same(text: str) -> None:
    assert ours(text) == theirs(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("today()", ["2026-03-05"]),
        ("now()", ["2026-03-05T12:00:00.000Z"]),
        ("today() - 18 years", ["2008-03-05"]),
        ("%resource.repeat(item).where(linkId='c').answer.value.ordinal().sum()", [4]),
        ("%resource.item.answer.value.weight()", []),
        ("QuestionnaireResponse.item.first().linkId", ["a"]),
        ("1 'kg' < 2 'kg'", [True]),
        ("1 'kg' < 2 'm'", []),
        ("2 'kg' * 3", [(Decimal(6), "kg")]),
        ("1 / 0", []),
        ("@2024-03 = @2024-03-05", []),
        ("@T10:30 < @T11", [True]),
        ("'b' | 'a' | 'b'", ["b", "a"]),
        ("item.answer.value.where($this is Integer)", [3]),
        ("'it''s'", None),
        (r"'it\'s'", ["it's"]),
        ("/* why */ 1 // because", [1]),
    ],
)
def test_what_fhirpathpy_does_otherwise(text: str, value: list[Any] | None) -> None:
    if value is None:
        with pytest.raises(Exception, match="unexpected"):
            ours(text)
    else:
        assert ours(text) == value
