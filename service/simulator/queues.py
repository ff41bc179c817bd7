"""The service's queues as a simulated world sees them: when there is something to do, what was in a dead process's hands."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from conversation.deliver import ABANDONED_AFTER
from conversation.unseen import UNSEEN
from storage.database import Database
from storage.tables import contact_points, enrolments, messages, touchpoints

_DUES = select(
    select(func.min(enrolments.c.replan_at)).scalar_subquery().label("plan"),
    select(func.min(touchpoints.c.due_at)).where(touchpoints.c.status == "planned").scalar_subquery().label("queue"),
    select(func.min(messages.c.available_at)).where(messages.c.status == "queued").scalar_subquery().label("deliver"),
    select(func.min(messages.c.handled_at)).where(messages.c.status == "sending").scalar_subquery().label("settle"),
    select(func.min(messages.c.expires_at)).where(UNSEEN).scalar_subquery().label("unseen"),
)


async def read_dues(database: Database) -> Mapping[str, datetime | None]:
    """When there is something for each part of the service to do; None: nothing waits."""
    async with database.autocommit() as connection:
        row = (await connection.execute(_DUES)).one()
    settle = None if row.settle is None else row.settle + ABANDONED_AFTER + timedelta(seconds=1)
    return {"settle": settle, "plan": row.plan, "queue": row.queue, "deliver": row.deliver, "unseen": row.unseen}


async def read_sending(database: Database) -> Sequence[tuple[UUID, str, str, str]]:
    """Id, channel, address and text of what stands as being sent."""
    keyring = database.keyring
    async with database.autocommit() as connection:
        rows = await connection.execute(
            select(
                messages.c.id,
                messages.c.channel,
                messages.c.body,
                contact_points.c.id.label("to"),
                contact_points.c.value,
            )
            .join(contact_points, contact_points.c.id == messages.c.contact_point_id)
            .where(messages.c.status == "sending")
        )
        return [
            (
                row.id,
                row.channel,
                keyring.open(row.value, place="contact_points.value", row=row.to),
                keyring.open(row.body, place="messages.body", row=row.id),
            )
            for row in rows
        ]
