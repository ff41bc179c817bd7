"""Escalations: a conversation that waits for a person, with a reason, a severity and a clock."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from engagement.reasons import REASONS, Reason
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import escalations

__all__ = ["REASONS", "Reason", "close_escalation", "held", "holding_escalation", "open_escalation"]


async def open_escalation(
    connection: AsyncConnection,
    participant_id: UUID,
    *,
    reason: str,
    at: datetime,
    due_at: datetime,
    study_slug: str | None,
    cause_id: UUID | None,
    triggers: Sequence[str] = (),
) -> UUID:
    """Open an escalation and return its id; the same message never opens two for one reason."""
    kind = REASONS[reason]
    row = new_id()
    inserted = await connection.scalar(
        insert(escalations)
        .values(
            id=row,
            participant_id=participant_id,
            study_slug=study_slug,
            reason=kind.name,
            severity=kind.severity,
            holds=kind.holds,
            triggers=list(triggers),
            cause_id=cause_id,
            opened_at=at,
            due_at=due_at,
        )
        .on_conflict_do_nothing(index_elements=["cause_id", "reason"])
        .returning(escalations.c.id)
    )
    if inserted is None:
        found = await connection.scalar(
            select(escalations.c.id).where(escalations.c.cause_id == cause_id, escalations.c.reason == kind.name)
        )
        assert found is not None  # noqa: S101 - the conflict names the row
        return UUID(str(found))
    await record_audit(
        connection,
        actor="bot",
        action="escalation_opened",
        subject=str(participant_id),
        at=at,
        details={"escalation": str(row), "reason": kind.name, "severity": kind.severity},
    )
    return row


def held(participant_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Does an open escalation keep the bot silent? For a statement that needs more of the participant than this."""
    return (
        select(escalations.c.id)
        .where(escalations.c.participant_id == participant_id, escalations.c.closed_at.is_(None), escalations.c.holds)
        .correlate_except(escalations)
        .exists()
    )


async def holding_escalation(connection: AsyncConnection, participant_id: UUID) -> UUID | None:
    """The open escalation that keeps the bot silent, if there is one."""
    found = await connection.scalar(
        select(escalations.c.id)
        .where(escalations.c.participant_id == participant_id, escalations.c.closed_at.is_(None), escalations.c.holds)
        .limit(1)
    )
    return None if found is None else UUID(str(found))


async def close_escalation(
    connection: AsyncConnection, escalation_id: UUID, *, by: UUID, note: str, at: datetime, keyring: Keyring
) -> bool:
    """Close it, with the coordinator's note. False where it was closed already (nothing is changed then)."""
    closed = await connection.execute(
        update(escalations)
        .where(escalations.c.id == escalation_id, escalations.c.closed_at.is_(None))
        .values(
            closed_at=at,
            closed_by=by,
            note=keyring.seal(note, place="escalations.note", row=escalation_id) if note else None,
        )
        .returning(escalations.c.participant_id)
    )
    participant = closed.scalar()
    if participant is None:
        return False
    await record_audit(
        connection,
        actor=str(by),
        action="escalation_closed",
        subject=str(participant),
        at=at,
        details={"escalation": str(escalation_id)},
    )
    return True
