"""Files that are broken, or made to hurt: a clear error with its place, soon, and never anything else."""

import copy
import json
import random
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from engagement.questionnaires import (
    BadQuestionnaire,
    BadResponse,
    enabled_under,
    parse_questionnaire,
    start,
    to_response,
    write_json,
)
from tests.unit.questionnaires.generated import AT, EXT, expression

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))


def of(*items: Any, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Questionnaire", "status": "active", "item": list(items), **more}


def nested(levels: int) -> dict[str, Any]:
    item: dict[str, Any] = {"linkId": "inside", "type": "string"}
    for level in range(levels):
        item = {"linkId": f"level{level}", "type": "group", "item": [item]}
    return item


def looped(*formulas: str) -> list[dict[str, Any]]:
    return [
        {"linkId": f"q{number}", "type": "integer", "extension": [expression("calculatedExpression", formula)]}
        for number, formula in enumerate(formulas)
    ]


def when(link_id: str, source: str) -> dict[str, Any]:
    condition = {"question": source, "operator": "exists", "answerBoolean": True}
    return {"linkId": link_id, "type": "string", "enableWhen": [condition]}


OTHER = "%resource.item.where(linkId='{}').answer.value"
REFUSED: list[tuple[Any, str]] = [
    (b"", "the file is no JSON"),
    (b"[]", "the file is no JSON object"),
    (b"\xff\xfe{\x00", "the file is not UTF-8"),
    (b"[" * 100_000, "nests deeper than"),
    (b'{"resourceType": "Patient"}', "resourceType: is 'Patient', not a Questionnaire"),
    (b'{"resourceType": "Questionnaire", "item": [], "item": []}', "'item' stands twice in one object"),
    (b'{"resourceType": "Questionnaire", "x": NaN}', "NaN is no number in JSON"),
    (b'{"resourceType": "Questionnaire", "x": 1e99999999}', "is too long"),
    (b'{"resourceType": "Questionnaire", "x": "' + b"x" * 10_000_000 + b'"}', "the file is larger than 8 MB"),
    (of({"type": "string"}), "item[0].linkId: is missing"),
    (
        of({"linkId": "a", "type": "string"}, {"linkId": "a", "type": "string"}),
        "item[1].linkId (linkId a): the same linkId stands at item[0]",
    ),
    (of({"linkId": "a", "type": "string", "required": "yes"}), "item[0].required (linkId a): must be true or false"),
    (of({"linkId": "a", "type": "string", "maxLength": -1}), "item[0].maxLength (linkId a): must be a whole number"),
    (of({"linkId": "a", "type": "group", "item": 3}), "item[0].item: must be an array"),
    (b'{"resourceType": "Bundle", "entry": 3}', "entry: a Bundle with 0 Questionnaires, not one"),
    (of(when("a", "b"), when("b", "a")), "go round in a circle: a → b → a"),
    (of(when("a", "a")), "go round in a circle: a → a"),
    (of(*looped(OTHER.format("q1"), OTHER.format("q0"))), "go round in a circle"),
    (of(nested(61)), "items nest deeper than 60"),
    (of(*({"linkId": str(number), "type": "string"} for number in range(100_000))), "there are more than 10000 items"),
    (
        of(
            {
                "linkId": "a",
                "type": "choice",
                "answerOption": [{"valueString": str(number)} for number in range(60_000)],
            }
        ),
        "more options than can be read",
    ),
]


@pytest.mark.parametrize(("source", "message"), REFUSED, ids=[message[:50] for _, message in REFUSED])
def test_refused_with_its_place(source: Any, message: str) -> None:
    began = time.monotonic()
    with pytest.raises(BadQuestionnaire) as caught:
        parse_questionnaire(source if isinstance(source, bytes) else json.dumps(source))
    assert message in str(caught.value)
    assert time.monotonic() - began < 5


def test_a_variable_that_depends_on_itself_is_refused() -> None:
    variables = [
        {
            "url": EXT + "variable",
            "valueExpression": {"name": name, "language": "text/fhirpath", "expression": f"%{other}"},
        }
        for name, other in (("one", "two"), ("two", "one"))
    ]
    with pytest.raises(BadQuestionnaire, match="the variable %one depends on itself"):
        parse_questionnaire(of(*looped("%one"), extension=variables))


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadQuestionnaire) as caught:
        parse_questionnaire(
            of({"type": "string"}, {"linkId": "b", "type": []}, {"linkId": "c", "type": "string", "repeats": 1})
        )
    assert [fault.path for fault in caught.value.faults] == ["item[0].linkId", "item[1].type", "item[2].repeats"]


SLOW = {
    "expressions without end": of(*looped(*(f"1.repeat($this + {step})" for step in range(1, 800)))),
    "an expression that doubles": of(
        *looped("(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17).aggregate($total.combine($total), 1)")
    ),
    "a pattern that backtracks, in an expression": of(
        *looped(*(f"iif('{'a' * 50}b'.matches('(a|a)*${step}'), 1, 2)" for step in range(300)))
    ),
    "patterns that backtrack": of(
        *(
            {
                "linkId": str(number),
                "type": "string",
                "initial": [{"valueString": "a" * 40 + "b"}],
                "extension": [{"url": EXT + "regex", "valueString": "(a|a)*(a|b|a)*c"}],
            }
            for number in range(1000)
        )
    ),
    "formulas that push one another": of(
        *looped(*("%resource.item.answer.value.sum() + 1" for _ in range(30))),
        {"linkId": "x", "type": "integer", "initial": [{"valueInteger": 1}]},
    ),
    "a chain of conditions": of(*(when(str(number), str(number - 1)) for number in range(5000))),
    "groups that begin many times": of(
        {
            "linkId": "a",
            "type": "group",
            "repeats": True,
            "extension": [{"url": EXT + "questionnaire-minOccurs", "valueInteger": 1_000_000}],
            "item": [{"linkId": "b", "type": "string", "initial": [{"valueString": "x"}]}],
        }
    ),
    "value sets that include one another": of(
        {"linkId": "a", "type": "choice", "answerValueSet": "#v0"},
        contained=[
            {
                "resourceType": "ValueSet",
                "id": f"v{n}",
                "compose": {"include": [{"valueSet": [f"#v{n + 1}", f"#v{n + 1}"]}]},
            }
            for n in range(2000)
        ],
    ),
    "an expression that nests": of(*looped("(" * 9000 + "1" + ")" * 9000, "-" * 9000 + "1", "a" + ".b" * 9000)),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_is_made_to_take_long_ends_soon(name: str) -> None:
    began = time.process_time()
    state = start(parse_questionnaire(json.dumps(SLOW[name])), at=AT)
    write_json(to_response(state))
    assert time.process_time() - began < 5


def test_an_expression_that_takes_too_much_work_is_named() -> None:
    state = start(parse_questionnaire(of(*looped("1.repeat($this + 1)"))), at=AT)
    assert [str(note) for note in state.notes] == [
        "unsupported: q0 expression (An expression took more work than it may.)"
    ]
    assert state.retired == {"1.repeat($this + 1)"}


def test_any_damage_to_a_file_is_a_clear_error_or_none() -> None:
    """Parts of the samples swapped for what does not belong there."""
    chance = random.Random(4)
    junk: list[Any] = [None, 5, "x", "", [], {}, [5], {"a": 1}, True, -1, [[]], {"url": 5}, [{"url": "u"}], ["x"]]
    for path in SAMPLES:
        original = json.loads(path.read_text(encoding="utf-8"))
        for _ in range(400):
            damaged = copy.deepcopy(original)
            for _ in range(chance.randint(1, 3)):
                spots = _spots(damaged)
                holder, key = chance.choice(spots)
                holder[key] = copy.deepcopy(chance.choice(junk))
            with suppress(BadQuestionnaire):
                state = start(parse_questionnaire(json.dumps(damaged)), at=AT)
                json.loads(write_json(to_response(state)))


@pytest.mark.parametrize(
    "response",
    [
        {"resourceType": "Patient"},
        {"resourceType": "QuestionnaireResponse", "item": {}},
        {"resourceType": "QuestionnaireResponse", "item": [5]},
        {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "a", "answer": "x"}]},
        {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "a", "answer": ["x"]}]},
        {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "a", "answer": [{"valueInteger": "x"}]}]},
        {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "a"}] * 60_000},
    ],
)
def test_a_broken_response_is_refused(response: dict[str, Any]) -> None:
    with pytest.raises(BadResponse):
        enabled_under(parse_questionnaire(of({"linkId": "a", "type": "integer"})), response, at=AT)


def _spots(value: Any) -> list[tuple[Any, Any]]:
    """Every member of every object and array."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        members = list(one.items()) if isinstance(one, dict) else list(enumerate(one))
        found += [(one, key) for key, _ in members]
        waiting += [member for _, member in members if isinstance(member, dict | list)]
    return found
