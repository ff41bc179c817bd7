"""What a coordinator sees and does: who waits, one conversation, an answer, the end of an escalation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.people import Person, label_of, read_person
from console.writing import write_to
from conversation.outbox import Outbox, wake_web_chats
from engagement.escalations import close_escalation
from engagement.instruments import Instruments
from storage.crypto import Keyring
from storage.tables import escalations, participants


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
        .order_by(escalations.c.severity, escalations.c.due_at, escalations.c.opened_at, escalations.c.id)
        .limit(200)
    )
    return [_case(row, keyring, at) for row in rows]


async def open_case(
    connection: AsyncConnection,
    keyring: Keyring,
    case_id: UUID,
    *,
    instruments: Mapping[str, Instruments],
    by: UUID,
    at: datetime,
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
    person = await read_person(
        connection, keyring, row.participant_id, instruments=instruments, by=by, at=at, cause_id=row.cause_id
    )
    if person is None:
        return None
    return CaseFile(case=_case(row, keyring, at), closed=row.closed_at is not None, person=person)


async def answer_case(
    connection: AsyncConnection, outbox: Outbox, case_id: UUID, text: str, *, by: UUID, key: str, at: datetime
) -> bool:
    """Queue the coordinator's words for whoever the escalation is about; see `console.writing`."""
    row = (
        await connection.execute(
            select(escalations.c.participant_id, escalations.c.cause_id).where(escalations.c.id == case_id)
        )
    ).first()
    if row is None:
        return False
    return await write_to(
        connection,
        outbox,
        row.participant_id,
        text,
        cause_id=row.cause_id,
        by=by,
        key=f"{case_id}:{key}",
        at=at,
        details={"escalation": str(case_id)},
    )


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
