"""Files as others write them: what FHIR forbids but can mean one thing only is read so, the rest is named, and the form runs."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from engagement.questionnaires import (
    BadQuestionnaire,
    Form,
    State,
    enabled_under,
    parse_questionnaire,
    start,
    take_text,
    to_response,
)
from tests.unit.questionnaires.generated import AT, EXT, expression


def form(*items: dict[str, Any], **more: Any) -> Form:
    return parse_questionnaire({"resourceType": "Questionnaire", "status": "draft", "item": list(items), **more})


def notes(form: Form) -> list[str]:
    return [str(note) for note in (*form.notes, *start(form, at=AT).notes)]


def answered(form: Form, *texts: str) -> State:
    state = start(form, at=AT)
    for text in texts:
        assert state.ask is not None
        taken = take_text(state, state.ask, text, language="en", at=AT, region="US")
        assert taken.recorded, (state.ask.item.link_id, taken.reading, taken.problems)
        state = taken.state
    return state


def item(link_id: Any, type_: str = "string", **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": type_, "text": f"{link_id}?", **more}


def when(question: Any = "a", operator: Any = "=", **answer: Any) -> dict[str, Any]:
    return {"question": question, "operator": operator, **answer}


def calculated(link_id: str, formula: str) -> dict[str, Any]:
    return item(link_id, "integer", extension=[expression("calculatedExpression", formula)])


CODES = [{"valueCoding": {"system": "s", "code": code, "display": code * 3}} for code in "xyz"]
A = item("a", "boolean")

READ_AS_MEANT = [
    (item("a", "choice", repeats="true", answerOption=CODES), "a repeats is text, taken as true"),
    (item("a", required="False"), "a required is text, taken as false"),
    (item("a", maxLength="10"), "a maxLength is text, taken as a number"),
    (item("a", prefix=1), "a prefix is a number, taken as text"),
    (item("a", "Boolean"), "a type 'Boolean', taken as boolean"),
    (item("a", "datetime"), "a type 'datetime', taken as dateTime"),
    (item("a", "question", item=[item("b")]), "a type 'question', taken as group"),
    (item("a", initial={"valueString": "x"}), "a initial is no array, taken as one of one"),
    (item("a", enableWhen=[when("a0", "exists")]), "a enableWhen exists without answer, taken as true"),
]


@pytest.mark.parametrize(("one", "note"), READ_AS_MEANT, ids=[note for _, note in READ_AS_MEANT])
def test_what_can_mean_one_thing_only_is_read_so(one: dict[str, Any], note: str) -> None:
    assert f"doubtful: {note}" in notes(form(item("a0"), one))


TODAY = {"_valueDate": {"extension": [{"url": EXT + "cqf-calculatedValue"}]}}
LEFT_OUT = [
    (item("b", "colour"), "b type 'colour'"),
    ({"linkId": "b", "text": "?"}, "b type ''"),
    (item("b", "integer", initial=[{"valueInteger": "3"}]), "b initial ('3' is no integer)"),
    (item("b", "integer", initial=[{"valueInteger": 2**31}]), "b initial (2147483648 is no integer)"),
    (item("b", "date", initial=[{"valueDate": "2024-02-30"}]), "b initial ('2024-02-30' is no date)"),
    (item("b", "choice", answerOption=[*CODES, {}]), "b answerOption (without a value of a known type)"),
    (item("b", "choice", answerOption=[*CODES, {"valueCoding": {}}]), "b answerOption (without a value of a known type)"),
    (item("b", "choice", answerOption=[*CODES, {"valueInteger": "1"}]), "b answerOption ('1' is no integer)"),
    (item("b", enableWhen=[when(operator="==", answerBoolean=True)]), "b enableWhen (operator '==')"),
    (item("b", enableWhen=[when()]), "b enableWhen (without an answer of a known type)"),
    (item("b", enableWhen=[when(answerQuantity={"unit": "kg"})]), "b enableWhen (without an answer of a known type)"),
    (item("b", enableWhen=[when(answerBoolean="yes")]), "b enableWhen ('yes' is no boolean)"),
    (item("b", enableWhen=[when("", answerBoolean=True)]), "b enableWhen (without question)"),
    (item("b", enableBehavior="some", enableWhen=[when(answerBoolean=True)]), "b enableBehavior 'some', taken as all"),
    (item("b", extension=[{"url": EXT + "minValue"}]), "b minValue of this type"),
    (item("b", "date", extension=[{"url": EXT + "maxValue", "valueDate": "2026-01-01", **TODAY}]), "b maxValue (cqf-calculatedValue)"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "note"), LEFT_OUT, ids=[note for _, note in LEFT_OUT])
def test_what_can_not_be_read_is_named_and_the_rest_runs(one: dict[str, Any], note: str) -> None:
    read = form(A, one, item("c"))
    assert f"unsupported: {note}" in notes(read)
    state = start(read, at=AT)
    for _ in range(3):
        if state.ask is not None:
            state = take_text(state, state.ask, "skip", language="en", at=AT).state
    assert to_response(state)["status"] == "completed"


def test_where_one_condition_is_enough_and_one_can_not_be_read_the_item_is_asked() -> None:
    several = [when(answerBoolean=True), when(operator="like", answerString="x")]
    read = form(A, item("any", enableWhen=several, enableBehavior="any"), item("all", enableWhen=several))
    none = {"resourceType": "QuestionnaireResponse", "status": "in-progress"}
    assert enabled_under(read, none, at=AT) == ["a", "any"]


def test_link_ids_that_are_numbers() -> None:
    read = form(item(1, "boolean"), item(2, enableWhen=[when(1, answerBoolean=True)]))
    response = to_response(answered(read, "yes", "so it is"))
    assert [one["linkId"] for one in response["item"]] == ["1", "2"]


def test_a_time_without_seconds_gets_them() -> None:
    read = form(
        item("t", "choice", answerOption=[{"valueTime": "08:30"}]), item("u", "time", initial=[{"valueTime": "10:00"}])
    )
    state = answered(read, "1", "yes")
    times = sorted(str(values[0].value) for values in state.answers.values())
    assert times == ["08:30:00", "10:00:00"]


def test_a_bundle_with_one_questionnaire_brings_its_value_sets() -> None:
    value_set = {
        "resourceType": "ValueSet",
        "url": "http://example.org/yes-no",
        "expansion": {"contains": [{"system": "s", "code": "y", "display": "Yes"}]},
    }
    asked = {
        "resourceType": "Questionnaire",
        "status": "active",
        "item": [item("a", "choice", answerValueSet="http://example.org/yes-no|1.0")],
    }
    bundle = {"resourceType": "Bundle", "entry": [{"resource": asked}, {"resource": value_set}, {"fullUrl": "x"}]}
    read = parse_questionnaire(json.dumps(bundle))
    assert [option.words.default for option in read.items[0].options] == ["Yes"]
    assert notes(read) == []


def test_variables_with_dashes_and_expressions_with_names() -> None:
    variable = {
        "url": EXT + "variable",
        "valueExpression": {
            "name": "has-fever",
            "language": "text/fhirpath",
            "expression": "%resource.item.where(linkId='a').answer.value",
        },
    }
    twice = expression("calculatedExpression", "%resource.item.where(linkId='n').answer.value * 2")
    twice["valueExpression"]["name"] = "twice"
    more = expression("calculatedExpression", "%resource.item.where(linkId='n').answer.value + 100")
    more["valueExpression"]["name"] = "more"
    read = form(
        A,
        item("b", enableWhen=[], extension=[expression("enableWhenExpression", "%has-fever")]),
        item("n", "integer"),
        item("g", "integer", extension=[twice], item=[calculated("h", "%twice + 1")]),
        calculated("k", "%more + 1"),
        extension=[variable, more],
    )  # fmt: skip
    assert notes(read) == []
    state = answered(read, "yes", "since Monday", "5")
    assert {state.form.items[place.item].link_id: values[0].value for place, values in state.answers.items()} == {
        "a": True,
        "b": "since Monday",
        "n": 5,
        "g": 10,
        "h": 11,
        "k": 106,
    }


def test_answers_that_must_be_several_may_come_one_by_one() -> None:
    extension = [{"url": EXT + "questionnaire-minOccurs", "valueInteger": 2}]
    read = form(item("a", repeats=True, extension=extension), item("b"))
    state = answered(read, "red")
    assert state.ask is not None
    assert state.ask.item.link_id == "a"
    assert to_response(state)["status"] == "in-progress"
    state = answered(read, "red", "blue", "so")
    assert state.ask is None
    assert to_response(state, authored=datetime(2026, 3, 5, tzinfo=UTC))["status"] == "completed"
    assert [value.value for value in state.answers[state.form.tops[0]]] == ["red", "blue"]


def test_the_circle_of_two_conditions_is_told_once() -> None:
    first = item("a", "boolean", enableWhen=[when("b", answerBoolean=True)])
    with pytest.raises(BadQuestionnaire, match=r"in a circle: a → b → a$"):
        form(first, item("b", "boolean", enableWhen=[when(answerBoolean=True)]))


def test_calculated_integers_and_texts_stay_what_fhir_allows() -> None:
    read = form(
        item("n", "integer"), calculated("big", "%resource.item.where(linkId='n').answer.value * 2000000000"), item("t")
    )
    state = answered(read, "2", "so\x00 it\x07 is")
    assert [one["linkId"] for one in to_response(state)["item"]] == ["n", "t"]
    assert state.answers[state.form.tops[2]][0].value == "so it is"
