"""A turn that keeps failing goes to a person, and the participant is told so: whatever broke, nobody is left waiting."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.say import when_expected
from conversation.turn import House, Turn
from engagement.escalations import open_escalation
from engagement.studies import decide_expected


async def give_to_person(turn: Turn, connection: AsyncConnection, house: House, *, at: datetime, trigger: str) -> Turn:
    """Open an escalation for the turn and end it with the words for that. `trigger` tells the coordinator what failed."""
    assert turn.participant_id is not None  # noqa: S101 - identify ran
    expected = decide_expected(house.pack(turn.study), at)
    await open_escalation(
        connection,
        turn.participant_id,
        reason="problem",
        at=at,
        due_at=expected.due,
        study_slug=turn.study,
        cause_id=turn.message_id,
        triggers=[trigger],
    )
    turn = replace(turn, says=()).saying("problem/person")
    return turn.saying("person/coming", **when_expected(expected.kind, expected.hours or 0)).ended("failed")
