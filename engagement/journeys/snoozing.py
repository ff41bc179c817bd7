"""Not now, tomorrow evening: the touchpoint that somebody has just got comes again then, and nothing of its kind before."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.ids import new_id
from storage.tables import touchpoint_events, touchpoints

SNOOZED = "snoozed"
_LATELY = timedelta(days=14)
_LONGER = timedelta(days=1)
"""What was put off lives at least so long after its new hour."""


@dataclass(frozen=True, kw_only=True)
class Snoozed:
    """What was put off: the plan's item of a study."""

    study: str
    item: str


async def snooze(
    connection: AsyncConnection, participant: UUID, *, until: datetime, at: datetime, which: UUID | None = None
) -> Snoozed | None:
    """Put off the touchpoint that they got last, or else the next one planned; None where there is neither lately.

    `which`: of all touchpoints this one.
    """
    row = (
        await connection.execute(
            select(touchpoints)
            .where(
                touchpoints.c.participant_id == participant,
                touchpoints.c.id == (which or touchpoints.c.id),
                or_(
                    (touchpoints.c.status == "sent") & (touchpoints.c.sent_at > at - _LATELY),
                    (touchpoints.c.status == "planned") & (touchpoints.c.due_at < at + _LATELY),
                ),
            )
            .order_by(touchpoints.c.sent_at.desc().nulls_last(), touchpoints.c.due_at)
            .limit(1)
            .with_for_update()
        )
    ).first()
    if row is None:
        return None
    lives = max(row.expires_at - row.due_at, _LONGER)
    await connection.execute(
        update(touchpoints)
        .where(touchpoints.c.id == row.id)
        .values(status="planned", reason=SNOOZED, due_at=until, expires_at=until + lives, snoozed_at=at, tried=[])
    )
    await _note(connection, row.id, "planned", at=at)
    # What would come of the same kind before, or hard upon it, is dropped.
    dropped = await connection.scalars(
        update(touchpoints)
        .where(
            touchpoints.c.participant_id == participant,
            touchpoints.c.study_slug == row.study_slug,
            touchpoints.c.item == row.item,
            touchpoints.c.id != row.id,
            touchpoints.c.status == "planned",
            touchpoints.c.due_at < until + lives,
        )
        .values(status="cancelled", reason=SNOOZED)
        .returning(touchpoints.c.id)
    )
    for touchpoint in dropped.all():
        await _note(connection, touchpoint, "cancelled", at=at)
    return Snoozed(study=row.study_slug, item=row.item)


async def _note(connection: AsyncConnection, touchpoint: UUID, status: str, *, at: datetime) -> None:
    await connection.execute(
        insert(touchpoint_events).values(id=new_id(), touchpoint_id=touchpoint, status=status, at=at, reason=SNOOZED)
    )
