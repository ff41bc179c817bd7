"""enableWhen: every operator, and its traps."""

from decimal import Decimal
from typing import Any

import pytest

from engagement.questionnaires import (
    Place,
    State,
    Value,
    apply_answer,
    enabled_under,
    parse_questionnaire,
    start,
    to_response,
)
from tests.unit.questionnaires.generated import AT, EXT, expression

CODES = [{"valueCoding": {"system": "s", "code": code, "display": code.upper()}} for code in "abc"]


def form(*items: dict[str, Any]) -> Any:
    return parse_questionnaire({"resourceType": "Questionnaire", "status": "active", "item": list(items)})


def item(link_id: str, type_: str = "string", **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": type_, "text": link_id, **more}


def when(question: str, operator: str, **answer: Any) -> dict[str, Any]:
    return {"question": question, "operator": operator, **answer}


def response(*items: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": list(items)}


def given(link_id: str, *answers: Any, **more: Any) -> dict[str, Any]:
    return {
        "linkId": link_id,
        "answer": [answer if isinstance(answer, dict) else {"valueInteger": answer} for answer in answers],
        **more,
    }


def enabled(source: dict[str, Any], condition: dict[str, Any], *answers: Any) -> bool:
    asked = form(source, item("x", enableWhen=[condition]))
    return "x" in enabled_under(asked, response(*([given(source["linkId"], *answers)] if answers else [])), at=AT)


@pytest.mark.parametrize(
    ("operator", "answer", "holds"),
    [
        ("=", 3, True), ("=", 4, False), ("!=", 3, False), ("!=", 4, True), ("<", 2, True), ("<", 3, False),
        (">", 4, True), (">", 3, False), ("<=", 3, True), ("<=", 4, False), (">=", 3, True), (">=", 2, False),
    ],
)  # fmt: skip
def test_operators_on_numbers(operator: str, answer: int, holds: bool) -> None:
    assert enabled(item("n", "integer"), when("n", operator, answerInteger=3), answer) is holds
    assert enabled(item("n", "decimal"), when("n", operator, answerDecimal=3), {"valueDecimal": answer}) is holds
    assert not enabled(item("n", "integer"), when("n", operator, answerInteger=3))


@pytest.mark.parametrize(
    ("type_", "value", "operator", "wanted", "holds"),
    [
        ("boolean", {"valueBoolean": True}, "=", {"answerBoolean": True}, True),
        ("boolean", {"valueBoolean": False}, "!=", {"answerBoolean": True}, True),
        ("date", {"valueDate": "2024-03-05"}, ">", {"answerDate": "2024-03-04"}, True),
        ("date", {"valueDate": "2024"}, ">", {"answerDate": "2024-03-04"}, False),
        (
            "dateTime",
            {"valueDateTime": "2024-03-05T10:00:00Z"},
            "=",
            {"answerDateTime": "2024-03-05T12:00:00+02:00"},
            True,
        ),
        ("time", {"valueTime": "10:00:00"}, "<", {"answerTime": "10:30:00"}, True),
        ("string", {"valueString": "a"}, "=", {"answerString": "a"}, True),
        (
            "choice",
            {"valueCoding": {"system": "s", "code": "a"}},
            "=",
            {"answerCoding": {"system": "s", "code": "a"}},
            True,
        ),
        ("choice", {"valueCoding": {"system": "s", "code": "a"}}, "=", {"answerCoding": {"code": "a"}}, True),
        (
            "choice",
            {"valueCoding": {"system": "s", "code": "a"}},
            "=",
            {"answerCoding": {"system": "t", "code": "a"}},
            False,
        ),
        (
            "choice",
            {"valueCoding": {"system": "s", "code": "a"}},
            "!=",
            {"answerCoding": {"system": "s", "code": "b"}},
            True,
        ),
        ("open-choice", {"valueString": "else"}, "=", {"answerCoding": {"system": "s", "code": "a"}}, False),
        (
            "quantity",
            {"valueQuantity": {"value": 3, "unit": "kg"}},
            ">",
            {"answerQuantity": {"value": 2, "unit": "kg"}},
            True,
        ),
        (
            "quantity",
            {"valueQuantity": {"value": 3, "unit": "kg"}},
            ">",
            {"answerQuantity": {"value": 2, "unit": "m"}},
            False,
        ),
        *(
            ("quantity", {"valueQuantity": given}, operator, {"answerQuantity": wanted}, holds)
            for given, operator, wanted, holds in (
                ({"value": 250, "code": "[lb_av]", "unit": "lb"}, ">", {"value": 100, "code": "kg"}, True),
                ({"value": 200, "code": "[lb_av]", "unit": "lb"}, ">", {"value": 100, "code": "kg"}, False),
                ({"value": 30, "code": "mo", "unit": "months"}, "<", {"value": 3, "unit": "years"}, True),
                ({"value": 24, "code": "mo"}, "=", {"value": 2, "code": "a"}, True),
                ({"value": 24, "code": "mo"}, "!=", {"value": 2, "code": "a"}, False),
                ({"value": Decimal("38.0"), "code": "Cel"}, ">=", {"value": Decimal("100.4"), "code": "[degF]"}, True),
                ({"value": 5, "unit": "sacks"}, "<", {"value": 9, "unit": "kg"}, False),
                ({"value": 5, "unit": "sacks"}, "!=", {"value": 5, "unit": "kg"}, True),
            )
        ),
    ],
)
def test_types(type_: str, value: dict[str, Any], operator: str, wanted: dict[str, Any], holds: bool) -> None:
    options = {"answerOption": CODES} if "choice" in type_ else {}
    assert enabled(item("q", type_, **options), when("q", operator, **wanted), value) is holds


@pytest.mark.parametrize(
    ("wanted", "answers", "holds"), [(True, (1,), True), (True, (), False), (False, (), True), (False, (1,), False)]
)
def test_exists(wanted: bool, answers: tuple[int, ...], holds: bool) -> None:
    assert enabled(item("n", "integer"), when("n", "exists", answerBoolean=wanted), *answers) is holds


def test_exists_false_holds_where_there_is_no_such_item() -> None:
    asked = form(item("x", enableWhen=[when("nowhere", "exists", answerBoolean=False)]))
    assert enabled_under(asked, response(), at=AT) == ["x"]
    assert [str(note) for note in asked.notes] == ["doubtful: x enableWhen of the unknown linkId nowhere"]


def test_any_of_several_answers_may_hold() -> None:
    assert enabled(item("n", "integer", repeats=True), when("n", "=", answerInteger=3), 1, 3)
    assert not enabled(item("n", "integer", repeats=True), when("n", "=", answerInteger=3), 1, 2)


@pytest.mark.parametrize(("behavior", "holds"), [("any", True), ("all", False)])
def test_behaviour(behavior: str, holds: bool) -> None:
    two = [when("n", "=", answerInteger=1), when("n", "=", answerInteger=2)]
    asked = form(item("n", "integer"), item("x", enableWhen=two, enableBehavior=behavior))
    assert ("x" in enabled_under(asked, response(given("n", 1)), at=AT)) is holds


def test_answers_of_disabled_items_do_not_count_and_so_on_down() -> None:
    asked = form(
        item("a", "boolean"),
        item("b", "group", enableWhen=[when("a", "=", answerBoolean=True)], item=[item("c", "integer")]),
        item("d", enableWhen=[when("c", ">", answerInteger=0)]),
        item("e", enableWhen=[when("d", "exists", answerBoolean=True)]),
    )
    no = given("a", {"valueBoolean": False})
    rest = (
        {"linkId": "b", "item": [given("c", 5)]},
        given("d", {"valueString": "x"}),
        given("e", {"valueString": "y"}),
    )
    assert enabled_under(asked, response(no, *rest), at=AT) == ["a"]
    yes = given("a", {"valueBoolean": True})
    assert enabled_under(asked, response(yes, *rest), at=AT) == ["a", "b", "c", "d", "e"]


def test_a_correction_takes_everything_with_it_initial_values_too() -> None:
    asked = form(
        item("a", "boolean"),
        item("b", "integer", enableWhen=[when("a", "=", answerBoolean=True)], initial=[{"valueInteger": 4}]),
        item("c", enableWhen=[when("b", "=", answerInteger=4)]),
    )
    state = start(asked, at=AT)
    assert state.answers == {}
    state = _answered(state, "a", Value("boolean", True))
    assert state.answers[Place(1)] == (Value("integer", 4),)
    state = _answered(state, "c", Value("string", "hello"))
    state = _answered(state, "a", Value("boolean", False))
    assert state.answers == {Place(0): (Value("boolean", False),)}
    assert "hello" not in str(to_response(state))


def test_the_nearest_of_several_instances() -> None:
    """Inside the group: its own instance. Outside: the last one before, the first one after."""
    group = item(
        "g", "group", repeats=True, item=[item("n", "integer"), item("x", enableWhen=[when("n", "=", answerInteger=1)])]
    )
    before = item("before", enableWhen=[when("n", "=", answerInteger=1)])
    after = item("after", enableWhen=[when("n", "=", answerInteger=2)])
    asked = form(before, group, after)
    answers = [{"linkId": "g", "item": [given("n", number)]} for number in (1, 2)]
    assert enabled_under(asked, response(*answers), at=AT) == ["before", "g", "n", "x", "after"]
    answers = [{"linkId": "g", "item": [given("n", number)]} for number in (3, 1)]
    assert enabled_under(asked, response(*answers), at=AT) == ["g", "n", "x"]


def test_below_a_repeating_question_its_own_answer_counts() -> None:
    child = item("since", enableWhen=[when("q", "=", answerCoding={"system": "s", "code": "a"})])
    asked = form(item("q", "choice", repeats=True, answerOption=CODES, item=[child]))
    state = start(asked, at=AT)
    codes = [option.value for option in asked.items[0].options]
    state = _answered(state, "q", codes[1], codes[0])
    assert [place for _, place in state.questions()] == [Place(0), Place(1, (1,))]
    after = apply_answer(state, Place(1, (1,)), [Value("string", "May")], at=AT)
    assert isinstance(after, State)
    state = _answered(after, "q", codes[0], codes[2])
    assert state.answers[Place(1, (0,))] == (Value("string", "May"),)
    state = _answered(state, "q", codes[2])
    assert list(state.answers) == [Place(0)]


def test_an_attachment_that_another_program_took_counts() -> None:
    asked = form(item("photo", "attachment"), item("x", enableWhen=[when("photo", "exists", answerBoolean=True)]))
    photo = given("photo", {"valueAttachment": {"contentType": "image/png", "url": "http://example.org/1.png"}})
    assert enabled_under(asked, response(photo), at=AT) == ["photo", "x"]


def test_an_expression_enables() -> None:
    bmi = "%resource.item.where(linkId='kg').answer.value / 3.24 > 30"
    asked = form(item("kg", "decimal"), item("x", extension=[expression("enableWhenExpression", bmi)]))
    assert enabled_under(asked, response(given("kg", {"valueDecimal": 120})), at=AT) == ["kg", "x"]
    assert enabled_under(asked, response(given("kg", {"valueDecimal": 70})), at=AT) == ["kg"]
    assert enabled_under(asked, response(), at=AT) == ["kg"]


def test_a_condition_that_is_not_supported_asks_rather_than_leaves_out() -> None:
    cql = {
        "url": expression("enableWhenExpression", "")["url"],
        "valueExpression": {"language": "text/cql", "expression": "X"},
    }
    asked = form(item("x", extension=[cql]))
    assert [str(note) for note in asked.notes] == ["unsupported: x enableWhenExpression (text/cql)"]
    assert enabled_under(asked, response(), at=AT) == ["x"]


def test_what_is_hidden_is_enabled_but_not_asked() -> None:
    hidden = [{"url": EXT + "questionnaire-hidden", "valueBoolean": True}]
    asked = form(item("g", "group", extension=hidden, item=[item("a", initial=[{"valueString": "x"}])]), item("b"))
    state = start(asked, at=AT)
    assert state.ask is not None
    assert state.ask.item.link_id == "b"
    assert [entry["linkId"] for entry in to_response(state)["item"]] == ["g"]


def _answered(state: State, link_id: str, *values: Value) -> State:
    after = apply_answer(state, Place(state.form.by_link[link_id]), values, at=AT)
    assert isinstance(after, State), after
    return after
