"""What the door lets in."""

import json

import pytest

from channels.request import MAX_TEXT, BadRequest, parse_turn

GOOD = {
    "conversation": "c",
    "turn": "t",
    "previous": None,
    "text": "hi",
    "slots": {"language": "es"},
    "metadata": {"a": 1},
}


def test_good():
    request = parse_turn(json.dumps(GOOD).encode(), {"language"})
    assert (request.text, request.slots, request.previous) == ("hi", {"language": "es"}, None)


def test_the_least():
    assert parse_turn(b'{"conversation": "c", "turn": "t", "text": ""}', set()).metadata == {}


@pytest.mark.parametrize(
    "change",
    [
        {"text": None},
        {"text": 1},
        {"text": "a" * (MAX_TEXT + 1)},
        {"turn": ""},
        {"turn": 3},
        {"conversation": "c" * 201},
        {"previous": 5},
        {"slots": []},
        {"metadata": "x"},
        {"slots": {"nope": 1}},
        {"surplus": 1},
    ],
    ids=lambda change: str(change)[:40],
)
def test_bad(change):
    with pytest.raises(BadRequest):
        parse_turn(json.dumps({**GOOD, **change}).encode(), {"language"})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_no_json_object(body):
    with pytest.raises(BadRequest):
        parse_turn(body, set())


def test_half_an_emoji_is_replaced():
    assert parse_turn(b'{"conversation": "c", "turn": "t", "text": "hi \\ud83d"}', set()).text == "hi \ufffd"
