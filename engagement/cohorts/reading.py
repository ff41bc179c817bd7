"""Participants as a cohort asks about them, read from the database in batches: memory stays flat however many there are."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.cohorts.person import Answered, Person
from engagement.genotypes import last_findings
from engagement.interviews.interview import answers_in
from engagement.permissions import ledger_of, read_entries, standing_at
from engagement.questionnaires import read_json
from engagement.questionnaires.values import Coding, Quantity, read_value
from engagement.stages import Event
from storage.crypto import Keyring
from storage.database import Database
from storage.tables import (
    enrolments,
    genotypes,
    journey_events,
    messages,
    participants,
    questionnaire_responses,
    verdicts,
)

BATCH = 500


async def read_people(database: Database, *, at: datetime, batch: int = BATCH) -> AsyncIterator[Sequence[Person]]:
    """Everybody, in the order of their ids, a batch at a time; whoever turned out to be another is left out."""
    after = UUID(int=0)
    while True:
        async with database.begin() as connection:
            rows = await connection.execute(
                select(
                    participants.c.id,
                    participants.c.language,
                    participants.c.time_zone,
                    ledger_of(participants.c.id).label("permissions"),
                )
                .where(participants.c.id > after, participants.c.merged_into.is_(None))
                .order_by(participants.c.id)
                .limit(batch)
            )
            people = rows.all()
            if not people:
                return
            found = await _with_all(connection, database.keyring, people, at)
        yield found
        after = people[-1].id


async def read_person(connection: AsyncConnection, keyring: Keyring, participant: UUID, *, at: datetime) -> Person:
    """One participant. `sqlalchemy.exc.NoResultFound` where there is none."""
    row = (
        await connection.execute(
            select(
                participants.c.id,
                participants.c.language,
                participants.c.time_zone,
                ledger_of(participants.c.id).label("permissions"),
            ).where(participants.c.id == participant)
        )
    ).one()
    return (await _with_all(connection, keyring, [row], at))[0]


async def _with_all(connection: AsyncConnection, keyring: Keyring, people: Sequence[Any], at: datetime) -> list[Person]:
    ids = [row.id for row in people]
    stages = await _of(connection, ids, enrolments, "study_slug", "stage")
    events = await _of(connection, ids, journey_events, "study_slug", "kind", "at", order="at")
    found = await _of(connection, ids, genotypes, "id", "study_slug", "finding", order="at")
    judged = await _of(connection, ids, verdicts, "study_slug", "verdict", order="at")
    written = await _of(
        connection,
        ids,
        questionnaire_responses,
        *("id", "study_slug", "name", "state"),
        order="finished_at",
        status="completed",
    )
    contact = {
        row.participant_id: row.at
        for row in await connection.execute(
            select(messages.c.participant_id, func.max(messages.c.created_at).label("at"))
            .where(
                messages.c.participant_id.in_(ids),
                (messages.c.direction == "in") | messages.c.status.in_(["sent", "delivered", "unknown"]),
            )
            .group_by(messages.c.participant_id)
        )
    }
    return [
        Person(
            id=row.id,
            language=row.language,
            time_zone=row.time_zone,
            standing=standing_at(read_entries(row.permissions), at),
            stages={each.study_slug: each.stage for each in stages[row.id]},
            events=_events(events[row.id]),
            genotypes=last_findings(keyring, found[row.id]),
            answers=_answers(keyring, written[row.id]),
            verdicts={each.study_slug: each.verdict for each in judged[row.id]},
            last_contact=contact.get(row.id),
        )
        for row in people
    ]


async def _of(
    connection: AsyncConnection, ids: Sequence[UUID], table: Any, *columns: str, order: str = "", **where: str
) -> Mapping[UUID, list[Row[Any]]]:
    """Rows of these people in `table`, by person, in order."""
    asked = select(table.c.participant_id, *(table.c[name] for name in columns)).where(
        table.c.participant_id.in_(ids), *(table.c[name] == value for name, value in where.items())
    )
    grouped: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in await connection.execute(asked.order_by(table.c[order], table.c.id) if order else asked):
        grouped[row.participant_id].append(row)
    return grouped


def _events(rows: Iterable[Row[Any]]) -> Mapping[str, tuple[Event, ...]]:
    by_study: dict[str, tuple[Event, ...]] = {}
    for row in rows:
        by_study[row.study_slug] = (*by_study.get(row.study_slug, ()), Event(kind=row.kind, at=row.at))
    return by_study


def _answers(keyring: Keyring, rows: Iterable[Row[Any]]) -> Mapping[tuple[str, str, str], tuple[Answered, ...]]:
    """The last finished response of each questionnaire decides."""
    found: dict[tuple[str, str, str], tuple[Answered, ...]] = {}
    for row in rows:
        kept = read_json(keyring.open(row.state, place="questionnaire_responses.state", row=row.id).encode())
        for gone in [name for name in found if name[:2] == (row.study_slug, row.name)]:
            del found[gone]
        for link, answers in answers_in(kept["response"].get("item")):
            values = tuple(value for answer in answers if (value := _plain(answer)) is not None)
            found[row.study_slug, row.name, link] = values
    return found


def _plain(answer: Mapping[str, Any]) -> Answered | None:
    """An option by its code (its words where it has none), an amount as it stands, a date as ISO 8601 writes it."""
    value = read_value(answer)
    if value is None:
        return None
    plain = value.value
    if isinstance(plain, Coding):
        return plain.code or plain.display
    if isinstance(plain, Quantity):
        return Decimal(plain.value)
    if isinstance(plain, bool):
        return plain
    return Decimal(plain) if isinstance(plain, int | Decimal) else str(plain)
