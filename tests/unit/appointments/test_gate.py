"""What is said of an appointment passes caps, and counts; it passes neither the night nor the participant's own limit."""

from dataclasses import replace
from datetime import timedelta

import pytest

from conversation.gate import decide_delivery
from tests.unit.conversation.test_gate import AT, UNASKED, sent, unasked

LATELY = tuple(sent(timedelta(hours=hours), says="appointment/moved") for hours in range(1, 12))


def test_caps_and_repetition_hold_back_others_only() -> None:
    assert decide_delivery(unasked(says="appointment/tomorrow", sent=LATELY)).allowed
    assert decide_delivery(
        unasked(says="appointment/moved", sent=(sent(timedelta(0), says="appointment/moved"),))
    ).allowed
    assert decide_delivery(unasked(sent=LATELY)).reason.startswith("cap_")


def test_their_own_limit_and_the_night_hold_back_these_too() -> None:
    limited = decide_delivery(unasked(says="appointment/tomorrow", sent=LATELY, per_year=3))
    assert (limited.allowed, limited.reason) == (False, "cap_permission")
    night = replace(unasked(says="appointment/today"), at=AT + timedelta(hours=10), expires_at=AT + timedelta(days=1))
    assert decide_delivery(night).reason == "quiet_hours"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "cancelled"}, "cancelled"),
        ({"permitted": False}, "no_permission"),
        ({"stage": "withdrawn"}, "stage"),
    ],
)
def test_the_rest_is_asked_of_all(change: dict[str, object], reason: str) -> None:
    assert UNASKED.outreach is not None
    assert decide_delivery(unasked(says="appointment/tomorrow", **change)).reason == reason
