"""What sources outside report: one event of one participant, recorded once; the same whether it came by HTTP or in a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.appointments import Change, record_change, tell_change
from engagement.codes import find_by_code
from engagement.errors import EngagementError
from engagement.genotypes import Genotype, record_genotype
from engagement.journeys import record_event
from storage.crypto import Keyring
from storage.tables import appointment_changes, journey_events


class UnknownParticipant(EngagementError):
    """The study knows no participant by this code."""


class IdReused(EngagementError):
    """The source has used this id for another event."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """An event as reported. `key`: the source's own name for it. `participant`: their code in the study.

    `change` and `appointment` (the source's name for it) are set where an appointment is what changed. `genotypes`: what a
    result says, gene by gene.
    """

    key: str
    study: str
    participant: str
    kind: str
    at: datetime
    change: Change | None = None
    appointment: str = ""
    genotypes: tuple[Genotype, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of a report. `new`: it was not known before. `told`: the participant is to be told of an appointment."""

    participant_id: UUID
    new: bool
    told: bool = False


async def take_report(
    connection: AsyncConnection, keyring: Keyring, report: Report, *, source: str, zone: str, now: datetime
) -> Taken:
    """Record it, and plan what the participant is told, in the caller's transaction. The same report again changes nothing.

    `zone`: the study's, where its places are, and whoever has no zone of their own.
    Raises `UnknownParticipant`, `IdReused` and `engagement.appointments.AppointmentTaken`; what was begun then has to be
    rolled back.
    """
    participant = await find_by_code(connection, keyring, report.study, report.participant)
    if participant is None:
        raise UnknownParticipant
    if report.change is None:
        if await _is_change(connection, source, report.key):
            raise IdReused
        recorded = await record_event(
            connection,
            participant,
            report.study,
            report.kind,
            at=report.at,
            now=now,
            source=source,
            key=report.key,
        )
        if not recorded.new:
            await _check_repeat(connection, participant, report, source)
        for genotype in report.genotypes if recorded.new else ():
            await record_genotype(
                connection,
                keyring,
                participant,
                report.study,
                genotype,
                at=report.at,
                now=now,
                source=source,
                key=f"{report.key}:{genotype.gene}",
            )
        return Taken(participant_id=participant, new=recorded.new)
    if await _happened(connection, source, report.key) is not None:
        raise IdReused
    known = await _is_change(connection, source, report.key)
    booked, told = await record_change(
        connection,
        keyring,
        participant,
        report.study,
        report.change,
        name=report.appointment,
        source=source,
        key=report.key,
        zone=zone,
        now=now,
    )
    if told:
        await tell_change(connection, booked, zone=zone, at=now)
    return Taken(participant_id=participant, new=not known, told=told)


async def _check_repeat(connection: AsyncConnection, participant: UUID, report: Report, source: str) -> None:
    known = await _happened(connection, source, report.key)
    if known != {"participant_id": participant, "study_slug": report.study, "kind": report.kind, "at": report.at}:
        raise IdReused


async def _happened(connection: AsyncConnection, source: str, key: str) -> Mapping[str, object] | None:
    row = (
        await connection.execute(
            select(
                journey_events.c.participant_id, journey_events.c.study_slug, journey_events.c.kind, journey_events.c.at
            ).where(journey_events.c.source == source, journey_events.c.key == key)
        )
    ).first()
    return None if row is None else dict(row._mapping)


async def _is_change(connection: AsyncConnection, source: str, key: str) -> bool:
    found = await connection.scalar(
        select(appointment_changes.c.id).where(appointment_changes.c.source == source, appointment_changes.c.key == key)
    )
    return found is not None
