"""What an alarm says in place of a turn's words, and when the turn goes on."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from conversation.alarm import say_safety
from conversation.messages import ChannelName
from conversation.triage import TriageKind
from conversation.turn import Turn
from engagement.consent.taking import PENDING as CONSENT
from engagement.interviews import PENDING as QUESTION


def turn(pending: str | None) -> Turn:
    return Turn(
        message_id=uuid4(),
        channel=ChannelName.SMS,
        sender="+12025550123",
        our_address="+15005550006",
        text="x",
        full_text="",
        received_at=datetime(2026, 1, 5, tzinfo=UTC),
        pending=pending,
    ).saying("thank")


@pytest.mark.parametrize(
    ("kind", "pending", "outcome"),
    [
        (TriageKind.CRISIS, None, "safety_crisis"),
        (TriageKind.CRISIS, QUESTION, "safety_crisis"),
        (TriageKind.ADVERSE_EVENT, None, "safety_adverse_event"),
        (TriageKind.ADVERSE_EVENT, "opt_out", "safety_adverse_event"),
        # It may be the answer to what we asked, and no person takes the conversation over.
        (TriageKind.ADVERSE_EVENT, QUESTION, None),
        (TriageKind.ADVERSE_EVENT, CONSENT, None),
        (TriageKind.CRISIS, CONSENT, "safety_crisis"),
    ],
)
def test_the_safety_text_takes_the_place_of_the_rest(
    kind: TriageKind, pending: str | None, outcome: str | None
) -> None:
    alarmed = say_safety(turn(pending), kind)
    assert [(say.key, say.purpose) for say in alarmed.says] == [(f"safety/{kind}", "safety")]
    assert alarmed.outcome == outcome
