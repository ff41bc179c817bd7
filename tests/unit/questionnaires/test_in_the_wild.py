"""Forms as they are met in the wild: each runs to a completed response, or names what of it is not supported; none takes long."""

import json
import time
from typing import Any

import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from engagement.questionnaires import Form, State, in_order, parse_questionnaire, start, take_text, to_response
from tests.unit.questionnaires.generated import AT
from tests.unit.questionnaires.wild import WILD, item, of, when

SECONDS = 5
SAID = {
    "boolean": "yes",
    "integer": "5",
    "decimal": "1.5",
    "quantity": "250 lb",
    "date": "2020-05-01",
    "dateTime": "2020-05-01T10:00:00Z",
    "time": "22:15",
    "choice": "1",
    "open-choice": "1",
    "reference": "1",
    "url": "https://example.org/x",
}


def run(form: Form) -> State:
    state = start(form, at=AT)
    while state.ask is not None:
        said = SAID.get(state.ask.item.type, "so")
        taken = take_text(state, state.ask, said, language="en", at=AT)
        assert taken.recorded, (state.ask.item.link_id, taken.reading, taken.problems)
        state = taken.state
    return state


def answers_in(node: dict[str, Any]) -> dict[str, Any]:
    """linkId → the value of its one answer, wherever it stands; every answer has one, and no item stands there for nothing."""
    found: dict[str, Any] = {}
    for each in node.get("item", []):
        assert "answer" in each or "item" in each, each
        for answer in each.get("answer", []):
            [found[each["linkId"]]] = [value for name, value in answer.items() if name.startswith("value")]
            found |= answers_in(answer)
        found |= answers_in(each)
    return found


@pytest.mark.parametrize("name", WILD)
def test_it_runs_or_says_what_is_missing(name: str) -> None:
    written, answers, notes = WILD[name]
    began = time.monotonic()
    form = parse_questionnaire(json.dumps(written))
    state = run(form)
    response = to_response(state, authored=AT)
    assert time.monotonic() - began < SECONDS
    assert [str(note) for note in in_order((*form.notes, *state.notes))] == notes
    assert answers_in(response) == answers
    assert response["status"] == "completed"
    QuestionnaireResponse.model_validate_json(json.dumps(response, default=float))


def test_five_thousand_items_in_time() -> None:
    items = [
        item(f"q{n}", "boolean", **({"enableWhen": when(f"q{n - 1}", "=", answerBoolean=n % 2 == 0)} if n % 7 == 1 else {}))
        for n in range(5_000)
    ]  # fmt: skip
    began = time.monotonic()
    state = run(parse_questionnaire(json.dumps(of(*items))))
    assert time.monotonic() - began < 2 * SECONDS, "five seconds on a machine with nothing else to do"
    shut = [n for n in range(5_000) if n % 7 == 1 and n % 2]  # their condition wants a no, and all say yes
    assert len(to_response(state)["item"]) == 5_000 - len(shut)
