"""What a participant is told of an appointment that was booked, moved or called off: a touchpoint, due at once.

It goes through the same gate as everything that nobody has just asked for; what it replaces is called off with it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.appointments.booking import Booked
from engagement.appointments.told import time_values
from storage.ids import new_id
from storage.tables import contact_points, conversations, participants, touchpoint_events, touchpoints

ITEM, CALENDAR = "appointment_told", "appointment_calendar"
"""Touchpoints of no plan: the words where they like to be written, and the calendar file by mail where that is elsewhere."""
_BOOKED, _MOVED, _CANCELLED, _FILE = (
    *("appointment/booked", "appointment/moved", "appointment/cancelled"),
    "appointment/file",
)
_CHANNELS = ("preferred", "sms", "email")
_LATE = timedelta(days=2)
"""News that could not be brought by then is none any more; the reminders tell the time too."""


async def tell_change(connection: AsyncConnection, booked: Booked, *, zone: str, at: datetime) -> None:
    """Plan what is said of the appointment as it stands now, and call off all that was to be said of how it stood.

    `zone`: the study's, for whoever has none of their own. Nothing is said of what is over.
    """
    await _call_off(connection, booked, at=at)
    start = booked.appointment.starts_at
    if start is None or start <= at:
        return
    own = await connection.scalar(select(participants.c.time_zone).where(participants.c.id == booked.participant_id))
    fills = dict(time_values(booked.appointment, zone=own or zone))
    says = (_BOOKED if booked.sequence == 1 else _MOVED) if booked.appointment.booked else _CANCELLED
    expires = min(start, at + _LATE)
    await _plan(connection, booked, ITEM, says, _CHANNELS, fills=fills, at=at, expires=expires)
    if await _has_mail_elsewhere(connection, booked.participant_id):
        await _plan(connection, booked, CALENDAR, _FILE, ("email",), fills=fills, at=at, expires=expires)


async def _plan(
    connection: AsyncConnection,
    booked: Booked,
    item: str,
    says: str,
    channels: tuple[str, ...],
    *,
    fills: dict[str, object],
    at: datetime,
    expires: datetime,
) -> None:
    await connection.execute(
        insert_or(touchpoints)
        .values(
            id=new_id(),
            participant_id=booked.participant_id,
            study_slug=booked.study,
            item=item,
            occurrence=f"{booked.id}@{booked.sequence}",
            purpose="study_contact",
            says=says,
            fills=fills,
            channels=list(channels),
            awaits=[],
            since=at,
            due_at=at,
            expires_at=expires,
            status="planned",
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["participant_id", "study_slug", "item", "occurrence"])
    )


async def _call_off(connection: AsyncConnection, booked: Booked, *, at: datetime) -> None:
    """Reminders and news of the appointment as it was: none of them leaves after this transaction."""
    reason = "appointment_changed"
    called_off = await connection.execute(
        update(touchpoints)
        .where(
            touchpoints.c.participant_id == booked.participant_id,
            touchpoints.c.study_slug == booked.study,
            touchpoints.c.occurrence.startswith(f"{booked.id}@"),
            touchpoints.c.status.in_(["planned", "queued"]),
        )
        .values(status="cancelled", reason=reason)
        .returning(touchpoints.c.id)
    )
    for (touchpoint,) in called_off:
        await connection.execute(
            insert(touchpoint_events).values(
                id=new_id(), touchpoint_id=touchpoint, status="cancelled", at=at, reason=reason
            )
        )


async def _has_mail_elsewhere(connection: AsyncConnection, participant: UUID) -> bool:
    """Whether mail reaches them, but is not where they last wrote."""
    mail = select(contact_points.c.id).where(
        contact_points.c.participant_id == participant,
        contact_points.c.channel == "email",
        contact_points.c.verified_at.is_not(None),
        contact_points.c.problem.is_(None),
    )
    elsewhere = select(conversations.c.channel.is_distinct_from("email")).where(
        conversations.c.participant_id == participant
    )
    return bool(await connection.scalar(select(mail.exists() & elsewhere.scalar_subquery())))
