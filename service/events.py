"""Reported events on the real service: recorded in one transaction with their answer and with what participants are told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.events.model import EventIn
from channels.events.parse import Request
from channels.events.problems import PROBLEMS, Problem, Refused
from channels.events.table import Row, RowFault
from engagement.api_keys import ApiKey, find_key
from engagement.appointments import AppointmentTaken, Change
from engagement.genotypes import Genotype
from engagement.reports import IdReused, Report, Taken, UnknownParticipant, take_report
from engagement.studies import StudyPack
from service.built import Built
from storage.database import Database, lock_key
from storage.tables import api_answers

KEPT = timedelta(days=30)
"""So long a request is known by its Idempotency-Key. An event is known by its id for good."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one event: taken, or why not."""

    event: EventIn
    taken: Taken | None = None
    problem: Problem | None = None

    def to_json(self) -> dict[str, Any]:
        if self.problem is not None:
            return {"id": self.event.id, "outcome": "refused", "problem": self.problem.to_json()}
        return {"id": self.event.id, "outcome": "recorded" if self.taken and self.taken.new else "repeated"}


class EventDesk:
    """A `channels.events.routes.Desk`, and the same for tables. `queued`: called when something may be to be sent."""

    def __init__(self, database: Database, zones: Mapping[str, str], *, queued: Callable[[], None]) -> None:
        self._database = database
        self._zones = zones
        self._queued = queued

    async def find_key(self, presented: str) -> ApiKey | None:
        async with self._database.autocommit() as connection:
            return await find_key(connection, presented)

    async def take(self, key: ApiKey, request: Request, *, now: datetime) -> tuple[int, dict[str, Any]]:
        """Record the events; a single one that is refused refuses the request."""
        async with self._database.begin() as connection:
            if request.key:
                known = await _known(connection, key.source, request)
                if known is not None:
                    return known
            outcomes = await record_all(
                connection, self._database, request.events, source=key.source, now=now, zones=self._zones
            )
            refused = [outcome.problem for outcome in outcomes if outcome.problem is not None]
            if refused and not request.batch:
                raise Refused(refused[0])
            lines = [outcome.to_json() for outcome in outcomes]
            answer = {"events": lines} if request.batch else lines[0]
            if request.key and not refused:
                await _keep(connection, key.source, request, answer, now=now)
        self._queued()
        return 207 if refused else 200, answer


def event_desk(built: Built) -> EventDesk:
    """The desk of a process of the service."""
    return EventDesk(built.database, zones_of(built.house.packs), queued=built.workers.ring_outreach)


def zones_of(packs: Mapping[str, StudyPack]) -> Mapping[str, str]:
    """Study → IANA zone."""
    return {slug: pack.time_zone for slug, pack in packs.items()}


async def record_all(
    connection: AsyncConnection,
    database: Database,
    events: Sequence[EventIn],
    *,
    source: str,
    now: datetime,
    zones: Mapping[str, str],
) -> list[Outcome]:
    """Record events one by one, each wholly or not at all; outcomes in the order given.

    They are taken in the order of their participants, so that two sources at once never wait for each other in a ring.
    """
    outcomes: dict[int, Outcome] = {}
    for number in sorted(range(len(events)), key=lambda n: (events[n].study, events[n].participant, n)):
        event = events[number]
        try:
            async with connection.begin_nested():
                taken = await take_report(
                    connection, database.keyring, report_of(event), source=source, zone=zones[event.study], now=now
                )
            outcomes[number] = Outcome(event=event, taken=taken)
        except UnknownParticipant:
            outcomes[number] = Outcome(event=event, problem=Problem(name="unknown-participant"))
        except (IdReused, AppointmentTaken):
            outcomes[number] = Outcome(event=event, problem=Problem(name="id-reused"))
    return [outcomes[number] for number in range(len(events))]


def report_of(event: EventIn) -> Report:
    """The event as the programme knows it. It has its id by now."""
    appointment = event.appointment
    return Report(
        key=event.id or "",
        study=event.study,
        participant=event.participant,
        kind=event.kind,
        at=event.at,
        genotypes=tuple(Genotype(gene=each.gene, finding=each.finding) for each in event.genotypes),
        appointment=appointment.id if appointment else "",
        change=Change(
            kind=event.kind,
            at=event.at,
            starts_at=appointment.starts_at,
            minutes=appointment.minutes,
            zone=appointment.time_zone,
            place=appointment.place,
        )
        if appointment
        else None,
    )


async def _known(connection: AsyncConnection, source: str, request: Request) -> tuple[int, dict[str, Any]] | None:
    """The answer that this request got before. Raises `Refused` where its key stands for another, or it is under way."""
    taken = func.pg_try_advisory_xact_lock(lock_key("api_request", func.concat(source, " ", request.key)))
    if not await connection.scalar(select(taken)):
        raise Refused(Problem(name="in-progress", retry_after=1))
    row = (
        await connection.execute(
            select(api_answers).where(api_answers.c.source == source, api_answers.c.key == request.key)
        )
    ).first()
    if row is None:
        return None
    if row.fingerprint != request.fingerprint:
        raise Refused(Problem(name="key-reused"))
    return row.status, dict(row.answer)


async def _keep(
    connection: AsyncConnection, source: str, request: Request, answer: dict[str, Any], *, now: datetime
) -> None:
    await connection.execute(delete(api_answers).where(api_answers.c.at < now - KEPT))
    await connection.execute(
        insert(api_answers).values(
            source=source, key=request.key, fingerprint=request.fingerprint, status=200, answer=answer, at=now
        )
    )


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What a table came to. With a fault nothing was written."""

    new: int
    known: int
    faults: tuple[RowFault, ...] = ()


async def import_rows(
    database: Database, rows: Sequence[Row], *, source: str, now: datetime, zones: Mapping[str, str], write: bool
) -> Imported:
    """Record a table's events, all or none of them; without `write`, find out what would come of it and leave it."""
    async with database.engine.connect() as connection:
        outcomes = await record_all(
            connection, database, [row.event for row in rows], source=source, now=now, zones=zones
        )
        faults = tuple(
            RowFault(line=row.line, message=PROBLEMS[outcome.problem.name][1])
            for row, outcome in zip(rows, outcomes, strict=True)
            if outcome.problem is not None
        )
        new = sum(outcome.taken is not None and outcome.taken.new for outcome in outcomes)
        if write and not faults:
            await connection.commit()
    return Imported(new=new, known=len(rows) - new - len(faults), faults=faults)
