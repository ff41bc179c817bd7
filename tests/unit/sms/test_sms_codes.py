"""Twilio's codes and what the outbox does about them."""

import pytest

from channels.sms.codes import PROBLEMS, link_of, problem_of
from conversation.messages import SendProblem


@pytest.mark.parametrize(
    ("problem", "codes"),
    [
        (SendProblem.RETRY, "20429 20500 20503 21611 30001 30003 30022 30023 63018 63038"),
        (SendProblem.BAD_CONTACT, "21211 21214 21217 21614 21635 30005 30006 63003 63024"),
        (SendProblem.OPTED_OUT, "21610"),
        (SendProblem.BLOCKED, "20003 21408 21606 21612 30002 30004 30007 30032 30034 63007"),
        (SendProblem.REJECTED, "21602 21617 30008 30036 63016"),
    ],
)
def test_known_codes(problem: SendProblem, codes: str) -> None:
    assert {code: problem_of(code) for code in codes.split()} == dict.fromkeys(codes.split(), problem)


@pytest.mark.parametrize("code", ["99999", "", None, "30003 ", 12, "RETRY"])
def test_an_unknown_code_is_never_sent_again(code: str | int | None) -> None:
    assert problem_of(code) is SendProblem.REJECTED


def test_numbers_and_strings_are_the_same_code() -> None:
    assert problem_of(21610) is problem_of("21610") is SendProblem.OPTED_OUT


def test_every_code_is_one_of_twilio_s() -> None:
    assert all(code.isdecimal() and len(code) == 5 for code in PROBLEMS)


def test_link() -> None:
    assert link_of("21610") == "https://www.twilio.com/docs/api/errors/21610"
