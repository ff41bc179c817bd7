"""The validator that is built once refuses what Rasa's own refuses."""

import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction

from dialogue import remote

STOCK = RemoteAction._validate_action_result
RESULTS = [
    {"events": [], "responses": []},
    {},
    {"events": [{"event": "slot", "name": "pending", "value": None}], "responses": [{"custom": {"say": "greet"}}]},
    {"events": [{"event": "action", "name": "action_listen"}]},
    None,
    [],
    "text",
    {"events": {}},
    {"events": ["slot"]},
    {"events": [{"name": "no event"}]},
    {"events": [{"event": "slot"}]},
    {"events": [{"event": "no such event"}]},
    {"responses": "hello"},
    {"responses": ["hello"]},
]


def accepts(check, result):
    try:
        return check(RemoteAction("action_x", None), result)
    except jsonschema.ValidationError:
        return False


def test_some_of_each():
    assert {accepts(STOCK, result) for result in RESULTS} == {True, False}


@pytest.mark.parametrize("result", RESULTS, ids=str)
def test_same_as_stock(result):
    assert accepts(remote.check_action_result, result) == accepts(STOCK, result)


def test_the_error_does_not_quote():
    with pytest.raises(jsonschema.ValidationError) as caught:
        remote.check_action_result(RemoteAction("action_x", None), {"responses": ["my secret"]})
    assert "my secret" not in str(caught.value)
