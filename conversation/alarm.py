"""An alarm: somebody may be in trouble. The approved text instead of a dialogue, and an escalation with a clock.

Raised before the bot where words are plain (conversation/stages/safety.py), behind it where it confirms a suspicion or sees
what words don't show, and without it where it stays away (conversation/dialogue.py).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.triage import Triage, TriageKind
from conversation.turn import Turn
from engagement.consent.taking import PENDING as CONSENT
from engagement.escalations import REASONS, open_escalation
from engagement.interviews import PENDING as QUESTION

_CLOCK = {
    TriageKind.CRISIS: timedelta(minutes=15),
    TriageKind.EMERGENCY: timedelta(minutes=15),
    TriageKind.OVERDOSE: timedelta(minutes=15),
}
ASKED = frozenset({QUESTION, CONSENT})
"""`pending` while a question of ours is open."""
AWARENESS = timedelta(hours=24)
"""From the receipt of an adverse event's report to the sponsor's awareness (ICH E2A)."""


def say_safety(turn: Turn, kind: TriageKind) -> Turn:
    """The turn with the safety text in place of whatever was to be said, ended.

    It is not ended where it may well be the answer to what we asked and no person takes over: the questionnaire, or the
    walk-through of a consent document, hears it too.
    """
    turn = replace(turn, says=()).saying(f"safety/{kind}", purpose="safety")
    if turn.pending in ASKED and not REASONS[kind].holds:
        return turn
    return turn.ended(f"safety_{kind}")


async def open_alarm(turn: Turn, connection: AsyncConnection, found: Triage) -> None:
    """The escalation; the clock runs from the receipt of the message. Twice for one message opens one."""
    assert turn.participant_id is not None  # noqa: S101 - identify ran
    await open_escalation(
        connection,
        turn.participant_id,
        reason=found.kind.value,
        at=turn.received_at,
        due_at=_due(found.kind, turn.received_at),
        study_slug=turn.study,
        cause_id=turn.message_id,
        triggers=list(dict.fromkeys(trigger.rule for trigger in found.triggers))
        + (["sender not proven"] if turn.identity != "verified" else []),
    )


def _due(kind: TriageKind, at: datetime) -> datetime:
    return at + _CLOCK.get(kind, AWARENESS)
