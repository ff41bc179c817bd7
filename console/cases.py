"""What a coordinator sees and does: who waits, one conversation, an answer, the end of an escalation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.outbox import Addressee, Outbox, wake_web_chats
from conversation.transcript import Entry, read_transcript
from engagement.audit import record_audit
from engagement.escalations import close_escalation
from engagement.optouts import silenced_channels
from storage.crypto import Keyring
from storage.tables import conversations, escalations, messages, participants


@dataclass(frozen=True, kw_only=True)
class Case:
    """One open escalation in the list."""

    id: UUID
    participant_id: UUID
    label: str
    reason: str
    severity: int
    opened_at: datetime
    due_at: datetime
    overdue: bool
    triggers: tuple[str, ...]
    holds: bool


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """One conversation with the escalation that waits."""

    case: Case
    closed: bool
    language: str
    study: str
    channel: str
    silenced: frozenset[str]
    entries: Sequence[Entry]


async def list_cases(connection: AsyncConnection, keyring: Keyring, *, at: datetime) -> list[Case]:
    """Open escalations, the most severe and the soonest due first."""
    rows = await connection.execute(
        select(escalations, participants.c.name)
        .join(participants, participants.c.id == escalations.c.participant_id)
        .where(escalations.c.closed_at.is_(None))
        .order_by(escalations.c.severity, escalations.c.due_at)
        .limit(200)
    )
    return [_case(row, keyring, at) for row in rows]


async def unsettled_sends(connection: AsyncConnection) -> int:
    """Messages whose fate only their provider knows."""
    rows = await connection.execute(select(messages.c.id).where(messages.c.status == "unknown").limit(1000))
    return len(rows.all())


async def open_case(
    connection: AsyncConnection, keyring: Keyring, case_id: UUID, *, by: UUID, at: datetime
) -> CaseFile | None:
    """The conversation of an escalation; that it was read is on the audit trail."""
    row = (
        await connection.execute(
            select(
                escalations,
                participants.c.name,
                participants.c.language,
                conversations.c.study_slug.label("study"),
                conversations.c.channel,
            )
            .join(participants, participants.c.id == escalations.c.participant_id)
            .join(conversations, conversations.c.participant_id == participants.c.id)
            .where(escalations.c.id == case_id)
        )
    ).first()
    if row is None:
        return None
    await record_audit(connection, actor=str(by), action="transcript_read", subject=str(row.participant_id), at=at)
    return CaseFile(
        case=_case(row, keyring, at),
        closed=row.closed_at is not None,
        language=row.language,
        study=row.study or "",
        channel=row.channel or "",
        silenced=await silenced_channels(connection, row.participant_id),
        entries=await read_transcript(connection, keyring, row.participant_id, everything=True, cause_id=row.cause_id),
    )


async def answer(
    connection: AsyncConnection, outbox: Outbox, case_id: UUID, text: str, *, by: UUID, key: str, at: datetime
) -> bool:
    """Queue the coordinator's words on the channel last written on. `key` makes a double click one send."""
    row = (
        await connection.execute(
            select(
                messages.c.contact_point_id,
                messages.c.channel,
                messages.c.our_address,
                escalations.c.participant_id,
                messages.c.study_slug,
                participants.c.language,
            )
            .join(
                escalations,
                or_(
                    escalations.c.participant_id == messages.c.participant_id,
                    # Mail from a sender not proven is nobody's message, yet it may be a cry for help.
                    escalations.c.cause_id == messages.c.id,
                ),
            )
            .join(participants, participants.c.id == escalations.c.participant_id)
            .where(
                escalations.c.id == case_id,
                messages.c.direction == "in",
                messages.c.contact_point_id.is_not(None),
            )
            .order_by(messages.c.created_at.desc())
            .limit(1)
        )
    ).first()
    if row is None:
        return False
    await outbox.queue_words(
        connection,
        text,
        to=Addressee(
            participant_id=row.participant_id,
            contact_point_id=row.contact_point_id,
            channel=row.channel,
            language=row.language,
            study=row.study_slug or "",
            our_address=row.our_address or "",
        ),
        key=f"coordinator:{case_id}:{key}",
        author=str(by),
        at=at,
    )
    await record_audit(
        connection,
        actor=str(by),
        action="answered",
        subject=str(row.participant_id),
        at=at,
        details={"escalation": str(case_id)},
    )
    return True


async def close_case(
    connection: AsyncConnection, keyring: Keyring, case_id: UUID, *, by: UUID, note: str, at: datetime
) -> bool:
    """Close the escalation: the bot speaks again."""
    closed = await close_escalation(connection, case_id, by=by, note=note, at=at, keyring=keyring)
    if closed:
        participant = await connection.scalar(select(escalations.c.participant_id).where(escalations.c.id == case_id))
        await wake_web_chats(connection, participant)
    return closed


def _case(row: Row[Any], keyring: Keyring, at: datetime) -> Case:
    name = keyring.open(row.name, place="participants.name", row=row.participant_id) if row.name else ""
    return Case(
        id=row.id,
        participant_id=row.participant_id,
        label=name or f"Participant {str(row.participant_id)[-6:]}",
        reason=row.reason,
        severity=row.severity,
        opened_at=row.opened_at,
        due_at=row.due_at,
        overdue=row.due_at < at,
        triggers=tuple(row.triggers),
        holds=row.holds,
    )
