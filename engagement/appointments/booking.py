"""Appointments in the database: a change is recorded once, the appointment follows, and so do its reminders."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.appointments.change import Appointment, Change, appointment_after
from engagement.errors import EngagementError
from engagement.journeys import clear_date, set_date
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import appointment_changes, appointments

DATE = "appointment"
"""The kind of date in the journey that plans count from (`before: appointment`)."""
_DETAILS, _SAID = "appointments.details", "appointment_changes.said"


class AppointmentTaken(EngagementError):
    """The source has used this name for another participant's appointment, or this key for another change."""


@dataclass(frozen=True, kw_only=True)
class Booked:
    """An appointment of a participant. `sequence` counts how often it changed in a way that they are told of."""

    id: UUID
    participant_id: UUID
    study: str
    source: str
    name: str
    appointment: Appointment
    sequence: int
    confirmed_at: datetime | None
    move_asked_at: datetime | None
    created_at: datetime


async def record_change(
    connection: AsyncConnection,
    keyring: Keyring,
    participant: UUID,
    study: str,
    change: Change,
    *,
    name: str,
    source: str,
    key: str,
    zone: str,
    now: datetime,
) -> tuple[Booked, bool]:
    """Record a change of the appointment that `source` calls `name`. Returns it, and whether there is something to tell.

    The same source and key again change nothing; a change made before the newest one changes only what that one leaves open.
    A new start asks for a new confirmation. `zone`: the study's, where its places are unless somebody says otherwise. Raises
    `AppointmentTaken`.
    """
    await connection.execute(
        insert_or(appointments)
        .values(_first(keyring, participant, study, source=source, name=name, now=now))
        .on_conflict_do_nothing(index_elements=["study_slug", "source", "name"])
    )
    row = (
        await connection.execute(
            select(appointments)
            .where(appointments.c.study_slug == study, appointments.c.source == source, appointments.c.name == name)
            .with_for_update()
        )
    ).one()
    if row.participant_id != participant:
        raise AppointmentTaken
    line = new_id()
    added = await connection.scalar(
        insert_or(appointment_changes)
        .values(
            id=line,
            appointment_id=row.id,
            kind=change.kind,
            at=change.at,
            recorded_at=now,
            source=source,
            key=key,
            said=keyring.seal(json.dumps(change.to_json()), place=_SAID, row=line),
        )
        .on_conflict_do_nothing(index_elements=["source", "key"])
        .returning(appointment_changes.c.id)
    )
    before = _read(keyring, row)
    if added is None:
        await _check_repeat(connection, keyring, row.id, change, source=source, key=key)
        return before, False
    after = appointment_after(await _changes(connection, keyring, row.id))
    after = replace(after, zone=after.zone or zone)
    if after == before.appointment:
        return before, False
    moved = after.starts_at != row.starts_at
    told = after.booked or before.appointment.booked
    changed = (
        await connection.execute(
            update(appointments)
            .where(appointments.c.id == row.id)
            .values(
                status="booked" if after.booked else "cancelled",
                starts_at=after.starts_at,
                minutes=after.minutes,
                time_zone=after.zone,
                details=_seal(keyring, row.id, after),
                sequence=row.sequence + told,
                updated_at=now,
                **({"confirmed_at": None, "move_asked_at": None} if moved or not after.booked else {}),
            )
            .returning(appointments)
        )
    ).one()
    if after.booked and after.starts_at is not None:
        await set_date(connection, participant, study, DATE, str(row.id), at=after.starts_at, now=now)
    else:
        await clear_date(connection, participant, study, DATE, str(row.id), now=now)
    return _read(keyring, changed), told


async def read_appointment(connection: AsyncConnection, keyring: Keyring, appointment_id: UUID) -> Booked | None:
    """One appointment, by its id (the name of its date in the journey)."""
    row = (await connection.execute(select(appointments).where(appointments.c.id == appointment_id))).first()
    return None if row is None else _read(keyring, row)


async def upcoming(
    connection: AsyncConnection, keyring: Keyring, participant: UUID, *, at: datetime
) -> Sequence[Booked]:
    """What a participant is still to come to, soonest first, in whatever study."""
    rows = await connection.execute(
        select(appointments)
        .where(
            appointments.c.participant_id == participant,
            appointments.c.status == "booked",
            appointments.c.starts_at > at,
        )
        .order_by(appointments.c.starts_at, appointments.c.id)
    )
    return [_read(keyring, row) for row in rows]


async def confirm_appointment(connection: AsyncConnection, appointment_id: UUID, *, at: datetime) -> None:
    """The participant will come."""
    await connection.execute(
        update(appointments).where(appointments.c.id == appointment_id).values(confirmed_at=at, move_asked_at=None)
    )


async def ask_to_move(connection: AsyncConnection, appointment_id: UUID, *, at: datetime) -> None:
    """The participant can't come then; a person finds another time."""
    await connection.execute(
        update(appointments).where(appointments.c.id == appointment_id).values(confirmed_at=None, move_asked_at=at)
    )


async def _check_repeat(
    connection: AsyncConnection, keyring: Keyring, appointment_id: UUID, change: Change, *, source: str, key: str
) -> None:
    row = (
        await connection.execute(
            select(appointment_changes).where(appointment_changes.c.source == source, appointment_changes.c.key == key)
        )
    ).one()
    if row.appointment_id != appointment_id or _read_change(keyring, row) != change:
        raise AppointmentTaken


async def _changes(connection: AsyncConnection, keyring: Keyring, appointment_id: UUID) -> list[Change]:
    rows = await connection.execute(
        select(appointment_changes).where(appointment_changes.c.appointment_id == appointment_id)
    )
    return [_read_change(keyring, row) for row in rows]


def _read_change(keyring: Keyring, row: Row[Any]) -> Change:
    return Change.from_json(row.kind, row.at, json.loads(keyring.open(row.said, place=_SAID, row=row.id)))


def _first(
    keyring: Keyring, participant: UUID, study: str, *, source: str, name: str, now: datetime
) -> dict[str, object]:
    """The row that changes are counted on; it stands for nothing until its first change."""
    row = new_id()
    nothing = Appointment(booked=False, starts_at=None)
    return {
        "id": row,
        "participant_id": participant,
        "study_slug": study,
        "source": source,
        "name": name,
        "status": "cancelled",
        "minutes": nothing.minutes,
        "details": _seal(keyring, row, nothing),
        "created_at": now,
        "updated_at": now,
    }


def _seal(keyring: Keyring, row: UUID, appointment: Appointment) -> bytes:
    return keyring.seal(json.dumps({"place": appointment.place}), place=_DETAILS, row=row)


def _read(keyring: Keyring, row: Row[Any]) -> Booked:
    details = json.loads(keyring.open(row.details, place=_DETAILS, row=row.id))
    return Booked(
        id=row.id,
        participant_id=row.participant_id,
        study=row.study_slug,
        source=row.source,
        name=row.name,
        appointment=Appointment(
            booked=row.status == "booked",
            starts_at=row.starts_at,
            minutes=row.minutes,
            zone=row.time_zone,
            place=details["place"],
        ),
        sequence=row.sequence,
        confirmed_at=row.confirmed_at,
        move_asked_at=row.move_asked_at,
        created_at=row.created_at,
    )
