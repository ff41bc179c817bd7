"""Safety triage: before Rasa, without Rasa, erring towards a person."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.triage import TriageKind, triage
from conversation.turn import House, Turn
from engagement.escalations import REASONS, open_escalation
from engagement.interviews import PENDING as QUESTION
from storage.tables import messages

_QUOTED_MESSAGES = 20
"""As many of our last messages as a mail may quote."""

_CLOCK = {
    "crisis": timedelta(minutes=15),
    "emergency": timedelta(minutes=15),
    "overdose": timedelta(minutes=15),
}
AWARENESS = timedelta(hours=24)
"""From the receipt of an adverse event's report to the sponsor's awareness (ICH E2A)."""


async def triage_safety(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """Where someone may be in trouble: the approved text at once, an escalation, and no dialogue over it."""
    found = triage(await _their_words(turn, connection, house), languages=house.languages)
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
    turn = replace(turn, says=()).saying(f"safety/{kind}", purpose="safety")
    if turn.pending == QUESTION and not REASONS[kind].holds:
        return turn  # it may well be the answer to what we asked: the questionnaire hears it too
    return turn.ended(f"safety_{kind}")


async def _their_words(turn: Turn, connection: AsyncConnection, house: House) -> str:
    """All that they wrote, less what they quote of ours: our own "in an emergency, call …" is no emergency."""
    if not turn.full_text or turn.full_text == turn.text:
        return turn.text
    rows = await connection.execute(
        select(messages.c.id, messages.c.body)
        .where(messages.c.participant_id == turn.participant_id, messages.c.direction == "out")
        .order_by(messages.c.created_at.desc())
        .limit(_QUOTED_MESSAGES)
    )
    ours = [_letters(house.keyring.open(row.body, place="messages.body", row=row.id)) for row in rows]
    lines = [line for line in turn.full_text.splitlines() if not any(_letters(line) in said for said in ours)]
    return "\n".join([turn.text, *lines])


def _letters(text: str) -> str:
    """Letters and digits only: mail programs wrap lines anew and change marks."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _due(kind: str, at: datetime) -> datetime:
    return at + _CLOCK.get(kind, AWARENESS)
