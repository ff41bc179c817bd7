"""What a coordinator sees and does: who waits, one conversation, an answer, the end of an escalation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.people import Person, label_of, read_person
from conversation.outbox import Addressee, Outbox, wake_web_chats
from engagement.audit import record_audit
from engagement.escalations import close_escalation
from storage.crypto import Keyring
from storage.tables import escalations, messages, participants


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
    person: Person


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


async def open_case(
    connection: AsyncConnection, keyring: Keyring, case_id: UUID, *, by: UUID, at: datetime
) -> CaseFile | None:
    """The conversation of an escalation; that it was read is on the audit trail."""
    row = (
        await connection.execute(
            select(escalations, participants.c.name)
            .join(participants, participants.c.id == escalations.c.participant_id)
            .where(escalations.c.id == case_id)
        )
    ).first()
    if row is None:
        return None
    person = await read_person(connection, keyring, row.participant_id, by=by, at=at, cause_id=row.cause_id)
    if person is None:
        return None
    return CaseFile(case=_case(row, keyring, at), closed=row.closed_at is not None, person=person)


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
    return Case(
        id=row.id,
        participant_id=row.participant_id,
        label=label_of(keyring, row.participant_id, row.name),
        reason=row.reason,
        severity=row.severity,
        opened_at=row.opened_at,
        due_at=row.due_at,
        overdue=row.due_at < at,
        triggers=tuple(row.triggers),
        holds=row.holds,
    )
