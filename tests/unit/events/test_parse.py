"""Bodies and keys of requests, read purely."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.events.model import KINDS
from channels.events.parse import parse_key, parse_request
from channels.events.problems import PROBLEMS, Refused

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "id": "e1", "study": "larkspur", "participant": "7q4m-2xpd", "kind": "kit_delivered", "at": "2026-11-24T10:00:00Z"
}  # fmt: skip


def test_one_and_many() -> None:
    one = parse_request(json.dumps(GOOD).encode(), key_header=None, now=NOW)
    assert (one.batch, one.key, one.events[0].participant) == (False, "", "7Q4M-2XPD")
    many = parse_request(json.dumps({"events": [GOOD]}).encode(), key_header='"k"', now=NOW)
    assert (many.batch, many.key, many.events) == (True, "k", one.events)
    assert many.fingerprint != one.fingerprint


@pytest.mark.parametrize(
    ("header", "key"),
    [('"abc"', "abc"), ("abc", "abc"), (' "a b" ', "a b"), (None, ""), ("8e03978e-40d5", "8e03978e-40d5")],
)
def test_the_key_of_a_request(header: str | None, key: str) -> None:
    assert parse_key(header) == key


@pytest.mark.parametrize("header", ["", '""', '"a', 'a"b', "a b", "é", '"a\\b"', "x" * 201])
def test_no_key(header: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_key(header)
    assert refused.value.problem.name == "malformed"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "appointment", "events", "name"]),
        _json | st.sampled_from([*GOOD.values(), *KINDS]),
        max_size=7,
    )
)
def test_whatever_json_comes_is_read_or_refused(body: dict[str, Any]) -> None:
    raw = json.dumps({**GOOD, **body}).encode()
    problem, events = None, None
    try:
        events = parse_request(raw, key_header=None, now=NOW).events
    except Refused as refused:
        problem = refused.problem
    assert (events is None) != (problem is None)
    assert problem is None or problem.to_json()["status"] == PROBLEMS[problem.name][0] >= 400
    assert all(event.id for event in events or ())
