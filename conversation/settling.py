"""A send of unknown fate that no callback settles: a coordinator finds out and says so, with a reason. Nothing is sent."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.messages import DeliveryStatus
from conversation.outbox import wake_web_chats
from conversation.status import move_status
from engagement.audit import record_audit
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import messages, settlements

BY_COORDINATOR = "settled_by_coordinator"
"""The reason on record with the status (`message_events`)."""


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What was found out about one send. `actor` is the coordinator's id."""

    arrived: bool
    at: datetime
    actor: str
    reason: str


async def settle_unknown(
    connection: AsyncConnection,
    keyring: Keyring,
    message_id: UUID,
    *,
    arrived: bool,
    by: UUID,
    reason: str,
    at: datetime,
) -> bool:
    """Mark a send of unknown fate as delivered or failed. False where it is not (or no longer) of unknown fate.

    Whoever was to be told and was not is told by a new message of the coordinator's own. Raises ValueError without
    a reason.
    """
    if not reason.strip():
        raise ValueError("A send is settled only with a written reason.")
    row = (
        await connection.execute(
            select(messages.c.status, messages.c.participant_id)
            .where(messages.c.id == message_id, messages.c.direction == "out")
            .with_for_update()
        )
    ).first()
    if row is None or row.status != DeliveryStatus.UNKNOWN:
        return False
    status = DeliveryStatus.DELIVERED if arrived else DeliveryStatus.FAILED
    await move_status(connection, message_id, status, at=at, reason=BY_COORDINATOR)
    line = new_id()
    await connection.execute(
        insert(settlements).values(
            id=line,
            message_id=message_id,
            arrived=arrived,
            at=at,
            actor=str(by),
            reason=keyring.seal(reason, place="settlements.reason", row=line),
        )
    )
    await record_audit(
        connection,
        actor=str(by),
        action="send_settled",
        subject=str(row.participant_id),
        at=at,
        details={"message": str(message_id), "arrived": arrived},
    )
    await wake_web_chats(connection, row.participant_id)
    return True


async def read_settlements(
    connection: AsyncConnection, keyring: Keyring, participant_id: UUID
) -> dict[UUID, Settlement]:
    """What was found out about a participant's sends, by message."""
    rows = await connection.execute(
        select(settlements)
        .join(messages, messages.c.id == settlements.c.message_id)
        .where(messages.c.participant_id == participant_id)
    )
    return {
        row.message_id: Settlement(
            arrived=row.arrived,
            at=row.at,
            actor=row.actor,
            reason=keyring.open(row.reason, place="settlements.reason", row=row.id),
        )
        for row in rows
    }
