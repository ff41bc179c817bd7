"""Safety triage: before Rasa, without Rasa, erring towards a person."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.triage import TriageKind, triage
from conversation.turn import House, Turn
from engagement.escalations import open_escalation

_CLOCK = {
    "crisis": timedelta(minutes=15),
    "emergency": timedelta(minutes=15),
    "overdose": timedelta(minutes=15),
}
AWARENESS = timedelta(hours=24)
"""From the receipt of an adverse event's report to the sponsor's awareness (ICH E2A)."""


async def triage_safety(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """Where someone may be in trouble: the approved text at once, an escalation, and no dialogue over it."""
    found = triage(turn.full_text or turn.text, languages=house.languages)
    if found.kind in (TriageKind.NONE, TriageKind.ADVICE):
        return turn
    assert turn.participant_id is not None  # noqa: S101 - identify ran
    kind = found.kind.value
    await open_escalation(
        connection,
        turn.participant_id,
        reason=kind,
        at=turn.received_at,
        due_at=_due(kind, turn.received_at),
        study_slug=turn.study,
        cause_id=turn.message_id,
        triggers=[trigger.rule for trigger in found.triggers]
        + (["sender not proven"] if turn.identity != "verified" else []),
    )
    return replace(turn, says=()).saying(f"safety/{kind}", purpose="safety").ended(f"safety_{kind}")


def _due(kind: str, at: datetime) -> datetime:
    return at + _CLOCK.get(kind, AWARENESS)
