"""Whatever is answered, corrected, skipped and taken back, in whatever order: the response keeps to its questionnaire."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from engagement.questionnaires import (
    Refused,
    State,
    enabled_under,
    parse_questionnaire,
    restore,
    start,
    to_response,
    validate,
)
from engagement.questionnaires.asking import find_ask
from engagement.questionnaires.tree import build_root
from engagement.questionnaires.work import Work
from tests.unit.questionnaires.generated import AT, Move, moves, questionnaires, step
from tests.unit.questionnaires.naive import naive_enabled

_SLOW = settings(
    deadline=None, max_examples=600, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def walk(questionnaire: dict[str, Any], way: list[Move]) -> list[State]:
    """Every state on a way."""
    states = [start(parse_questionnaire(questionnaire), at=AT)]
    for move in way:
        after = step(states[-1], move)
        if isinstance(after, State):
            states.append(after)
        elif isinstance(after, Refused):
            assert after.problems
    return states


@_SLOW
@given(questionnaires(), moves)
def test_no_answer_of_a_disabled_item_survives(questionnaire: dict[str, Any], way: list[Move]) -> None:
    for state in walk(questionnaire, way):
        assert [place for place in state.answers if not state.is_present(place)] == []
        assert [place for place in state.answers if place not in state.places(place.item)] == []


@_SLOW
@given(questionnaires(), moves)
def test_only_required_answers_may_be_missing(questionnaire: dict[str, Any], way: list[Move]) -> None:
    for state in walk(questionnaire, way):
        assert {problem.code for problem in validate(state)} <= {"required"}
        if state.ask is None:
            open_ = [place for item, place in state.questions() if state.is_open(item, place)]
            assert open_ == []


@_SLOW
@given(questionnaires(), moves)
def test_progress_counts_every_question_once(questionnaire: dict[str, Any], way: list[Move]) -> None:
    for state in walk(questionnaire, way):
        places = [place for _, place in state.questions()]
        assert state.progress() == (sum(map(state.is_done, places)), len(places))


@_SLOW
@given(questionnaires(), moves)
def test_step_by_step_is_the_same_as_all_at_once(questionnaire: dict[str, Any], way: list[Move]) -> None:
    for state in walk(questionnaire, way):
        work = Work(state.form, at=AT)
        work.answers, work.instances = dict(state.answers), dict(state.instances)
        work.passed, work.suggested = set(state.passed), set(state.suggested)
        work.expect_all()
        work.settle()
        places = [place for item in state.form.items for place in state.places(item.number)]
        assert {place for place in places if place in work.shut} == set(state.shut)
        assert work.answers == state.answers
        assert work.instances == state.instances
        asked = find_ask(state, 0)[0]
        assert (asked and (asked.kind, asked.place)) == (state.ask and (state.ask.kind, state.ask.place))
        assert build_root(state, dict(state.kept)) == build_root(state, {})


@_SLOW
@given(questionnaires(), moves)
def test_a_response_brings_its_state_back(questionnaire: dict[str, Any], way: list[Move]) -> None:
    state = walk(questionnaire, way)[-1]
    response = to_response(state)
    again = restore(state.form, response, at=AT)
    assert to_response(again).get("item") == response.get("item")
    enabled = [
        item.link_id for item in state.form.items if any(state.is_enabled(place) for place in state.places(item.number))
    ]
    if not state.instances:  # an empty instance of a group leaves nothing in a response
        assert enabled_under(state.form, response, at=AT) == enabled


@_SLOW
@given(questionnaires(), moves)
def test_enabled_as_an_evaluator_that_knows_no_shortcuts(questionnaire: dict[str, Any], way: list[Move]) -> None:
    state = walk(questionnaire, way)[-1]
    if any(item.repeats for item in state.form.items) or any(item.enable_expression for item in state.form.items):
        return
    response = to_response(state)
    assert enabled_under(state.form, response, at=AT) == naive_enabled(questionnaire, response)
