import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.webchat.backend import Author, ChatMessage, Visitor
from channels.webchat.frames import (
    MAX_TEXT,
    AskLink,
    BadFrame,
    ErrorCode,
    Hello,
    Said,
    Seen,
    Verify,
    error_frame,
    message_frame,
    parse_frame,
    welcome_frame,
)

UUID = "6f1c8d0e-3a53-4c59-9a0e-0d8c1a1f2b3c"


def raw(**fields: object) -> str:
    return json.dumps(fields)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (
            raw(type="hello", site="s", language="es"),
            Hello(site="s", session="", identity="", link="", after="", language="es"),
        ),
        (raw(type="message", id=UUID, text="Hola"), Said(id=UUID, text="Hola")),
        (raw(type="message", id=UUID.upper(), text=" a\r\nb "), Said(id=UUID, text="a\nb")),
        (raw(type="message", id=UUID, text="a\x00b"), Said(id=UUID, text="ab")),
        (raw(type="message", id=UUID, text="\ud83d\ude00"), Said(id=UUID, text="😀")),
        ('{"type":"message","id":"' + UUID + r'","text":"x\ud800y"}', Said(id=UUID, text="x�y")),
        (raw(type="message", id=UUID, text="‮شكرا"), Said(id=UUID, text="‮شكرا")),
        (raw(type="seen", id="m1", extra=1), Seen(id="m1")),
        (raw(type="link", contact=" a@b.example "), AskLink(contact="a@b.example")),
        (raw(type="verify", code="123456"), Verify(code="123456")),
    ],
)
def test_what_a_client_may_send(frame: str, expected: object) -> None:
    assert parse_frame(frame) == expected


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 8_000, "not JSON"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        (raw(type="nonsense"), "unknown type"),
        (raw(text="x"), "unknown type"),
        (raw(type=["message"]), "unknown type"),
        (raw(type="hello"), "site is missing"),
        (raw(type="hello", site="s", session=5), "session is not a string"),
        (raw(type="hello", site="s", identity="x" * 4_097), "identity is longer than 4096 characters"),
        (raw(type="message", text="x"), "id is missing"),
        (raw(type="message", id="1", text="x"), "id is not a UUID"),
        (raw(type="message", id=UUID), "text is not a string"),
        (raw(type="message", id=UUID, text=" \x00\n"), "text is empty"),
        (raw(type="seen", id=""), "id is missing"),
        (raw(type="link", contact="x" * 255), "contact is longer than 254 characters"),
        (raw(type="verify", code="1234567890123"), "code is longer than 12 characters"),
    ],
)
def test_what_is_refused(frame: str, reason: str) -> None:
    with pytest.raises(BadFrame) as refused:
        parse_frame(frame)
    assert (refused.value.code, refused.value.reason) == (ErrorCode.BAD_FRAME, reason)


def test_a_text_is_measured_in_characters() -> None:
    assert parse_frame(raw(type="message", id=UUID, text="😀" * MAX_TEXT)) == Said(id=UUID, text="😀" * MAX_TEXT)
    with pytest.raises(BadFrame) as refused:
        parse_frame(raw(type="message", id=UUID, text="x" * (MAX_TEXT + 1)))
    assert (refused.value.code, refused.value.about) == (ErrorCode.TOO_LONG, UUID)


@given(st.text(max_size=300))
def test_nothing_a_stranger_sends_gets_past_as_an_error_of_ours(text: str) -> None:
    for frame in (text, raw(type="message", id=str(uuid4()), text=text), raw(type="hello", site=text)):
        try:
            parse_frame(frame)
        except BadFrame:
            continue


@given(st.text(min_size=1, max_size=200, alphabet=st.characters()))
def test_a_text_that_is_taken_can_be_stored(text: str) -> None:
    try:
        frame = parse_frame(raw(type="message", id=UUID, text=text))
    except BadFrame:
        return
    assert isinstance(frame, Said)
    assert "\x00" not in frame.text
    assert frame.text.encode("utf-8")


def test_what_the_service_sends() -> None:
    at = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    message = ChatMessage(id="m1", author=Author.PERSON, text="<b>\nñ", at=at, replies=("Yes",))
    assert json.loads(message_frame(message)) == {
        "type": "message",
        "id": "m1",
        "from": "person",
        "text": "<b>\nñ",
        "at": "2026-11-24T12:00:00+00:00",
        "replies": ["Yes"],
    }
    asked = ChatMessage(id="m2", author=Author.PROGRAMME, text="When?", at=at, input="date")
    assert json.loads(message_frame(asked))["input"] == "date"
    visitor = Visitor(participant_id=uuid4(), key="k", session="token", language="es")
    welcome = json.loads(welcome_frame(visitor, [message], reset=True))
    assert (welcome["session"], welcome["visitor"], welcome["reset"], len(welcome["history"])) == (
        "token",
        "k",
        True,
        1,
    )
    error = json.loads(error_frame(ErrorCode.BUSY, retry_after=5, about="x"))
    assert error == {"type": "error", "code": "busy", "retry_after": 5, "id": "x"}
