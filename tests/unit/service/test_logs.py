"""The last net of the logs: numbers and addresses are blotted out; ids, times and codes stay readable."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.logs import Redact

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def logged(message: object, *values: object) -> str:
    record = logging.LogRecord("twilio", logging.WARNING, "send.py", 1, message, values, None)
    return Redact(FORMAT).format(record)


@pytest.mark.parametrize(
    "number",
    [
        "+12025550110",
        "12025550110",
        "2025550110",
        "+1 202-555-0110",
        "+1 (202) 555-0110",
        "(202) 555-0110",
        "202.555.0110",
        "+34 612 34 56 78",
        "%2B12025550110",
        "tel:+12025550110",
        "to=+12025550110&x",
        "+123456789012345",
    ],
)
def test_numbers_go(number: str) -> None:
    said = logged("cannot reach %s now", number)
    assert "[number]" in said
    assert not any(part in said for part in ("555", "0110", "34 56", "345678"))
    assert said.startswith(said[:23])
    assert said.endswith(" now")


@pytest.mark.parametrize(
    "address",
    [
        "sam@mailbox.example",
        "<sam.rivera+tag@mail.mailbox.example>",
        "'sam@mailbox.example'",
        "RCPT TO:<sam@mailbox.example>",
        "sam_o'neil@mailbox.example",
        "josé@correo.example",
        "sam%40mailbox.example",
    ],
)
def test_addresses_go(address: str) -> None:
    said = logged("refused %s now", address)
    assert "[address]" in said
    assert not any(part in said for part in ("sam", "rivera", "neil", "jos", "mailbox.example", "correo"))


@pytest.mark.parametrize(
    "kept",
    [
        "0192f0c1-2d3e-7abc-8def-0123456789ab",
        "message=0192f0c1-2d3e-7abc-8def-0123456789ab outcome=answered",
        "worker rests: OperationalError (database)",
        "code 21610, attempt 3 of 6",
        "http://127.0.0.1:8080",
        "messages of unknown fate: 12",
        "1.2.3",
    ],
)
def test_what_helps_stays(kept: str) -> None:
    assert logged("%s", kept).endswith(f" {kept}")


def test_the_time_stays() -> None:
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "hello", (), None)
    formatter = Redact(FORMAT)
    assert formatter.format(record) == f"{formatter.formatTime(record)} INFO x hello"


def test_a_traceback_is_redacted_too() -> None:
    try:
        raise ValueError("no such number: +12025550110 of sam@mailbox.example")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed", (), (type(error), error, None))
    said = Redact(FORMAT).format(record)
    assert "[number] of [address]" in said


@given(st.text(max_size=80))
def test_no_message_breaks_the_log(message: str) -> None:
    assert logged("%s", message)


@pytest.mark.parametrize("message", ["\0" + "0\0", "\0" + "7\0", "a\0" + "12\0b 0192f0c1-2d3e-7abc-8def-0123456789ab"])
def test_neither_does_one_with_nul(message: str) -> None:
    assert logged("%s", message)


@given(st.integers(10**9, 10**15 - 1), st.sampled_from(["", "+"]), st.text("abc =:,;", max_size=5))
def test_no_long_run_of_digits_stays(number: int, sign: str, around: str) -> None:
    assert str(number) not in logged("%s", f"{around}{sign}{number}{around}")
