"""Journeys in the database: an event is recorded once, the stage follows, and the plan is looked at again."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.errors import EngagementError
from engagement.journeys.facts import Enrolled
from engagement.participants import enrol
from engagement.permissions import Cause, grant_by_taking_part, withdraw_study
from engagement.stages import KINDS, STAGES, WITHDRAWN, Event, stage_after
from storage.ids import new_id
from storage.tables import enrolments, journey_dates, journey_events, participants, stage_history


class UnknownKind(EngagementError):
    """There is no such kind of event."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What an event came to. `new` is False for a repeat, which changes nothing."""

    new: bool
    stage_before: str
    stage: str


async def record_event(
    connection: AsyncConnection,
    participant: UUID,
    study: str,
    kind: str,
    *,
    at: datetime,
    now: datetime,
    source: str,
    key: str,
) -> Recorded:
    """Record that `kind` happened `at` an instant, as `source` says under its own `key`; the stage follows.

    A second event of the same source and key changes nothing, whatever else it says. One that happened before others moves
    nobody back. Raises `UnknownKind`. Enrols a participant who is not in the study yet.
    """
    if kind not in KINDS:
        raise UnknownKind(f"'{kind}' is no kind of event; known are {', '.join(KINDS)}")
    await enrol(connection, participant, study, at=min(at, now), cause=f"event {kind}")
    # The enrolment's lock puts the events of one participant in a row: each sees those before it.
    enrolment = (
        await connection.execute(
            select(enrolments.c.id, enrolments.c.stage)
            .where(enrolments.c.participant_id == participant, enrolments.c.study_slug == study)
            .with_for_update()
        )
    ).one()
    made = await connection.scalar(
        insert_or(journey_events)
        .values(
            id=new_id(),
            participant_id=participant,
            study_slug=study,
            kind=kind,
            at=at,
            recorded_at=now,
            source=source,
            key=key,
        )
        .on_conflict_do_nothing()
        .returning(journey_events.c.id)
    )
    if made is None:
        return Recorded(new=False, stage_before=enrolment.stage, stage=enrolment.stage)
    stage = stage_after(await read_events(connection, participant, study))
    await connection.execute(
        update(enrolments).where(enrolments.c.id == enrolment.id).values(stage=stage, replan_at=now)
    )
    if stage != enrolment.stage:
        await _note_move(
            connection, enrolment.id, before=enrolment.stage, after=stage, at=now, cause=f"{kind} ({source})"
        )
    cause = Cause(actor="service", said_on=source)
    if stage == WITHDRAWN:
        await withdraw_study(connection, participant, study, at=now, cause=cause)
    elif kind in STAGES:
        back = enrolment.stage == WITHDRAWN
        await grant_by_taking_part(connection, participant, study, at=now, cause=cause, anew=back)
    return Recorded(new=True, stage_before=enrolment.stage, stage=stage)


async def restage(connection: AsyncConnection, enrolled: Enrolled, *, now: datetime) -> Enrolled:
    """Put an enrolment (locked by the caller) to where its events lead: those of two people may have become one's."""
    stage = stage_after(enrolled.facts.events) if enrolled.facts.events else enrolled.stage
    if stage == enrolled.stage:
        return enrolled
    await connection.execute(update(enrolments).where(enrolments.c.id == enrolled.id).values(stage=stage))
    await _note_move(connection, enrolled.id, before=enrolled.stage, after=stage, at=now, cause="events joined")
    return replace(enrolled, stage=stage, facts=replace(enrolled.facts, stage=stage))


async def _note_move(
    connection: AsyncConnection, enrolment: UUID, *, before: str, after: str, at: datetime, cause: str
) -> None:
    await connection.execute(
        insert(stage_history).values(
            id=new_id(), enrolment_id=enrolment, from_stage=before, to_stage=after, at=at, cause=cause
        )
    )


async def read_events(connection: AsyncConnection, participant: UUID, study: str) -> list[Event]:
    """All that has happened to a participant in a study."""
    rows = await connection.execute(
        select(journey_events.c.kind, journey_events.c.at).where(
            journey_events.c.participant_id == participant, journey_events.c.study_slug == study
        )
    )
    return [Event(kind=row.kind, at=row.at) for row in rows]


async def set_date(
    connection: AsyncConnection, participant: UUID, study: str, kind: str, name: str, *, at: datetime, now: datetime
) -> None:
    """Something is to happen at an instant, or is moved there. `name` tells it from others of its kind."""
    await connection.execute(
        insert_or(journey_dates)
        .values(id=new_id(), participant_id=participant, study_slug=study, kind=kind, name=name, at=at)
        .on_conflict_do_update(index_elements=["participant_id", "study_slug", "kind", "name"], set_={"at": at})
    )
    await look_again(connection, participant, study, now=now)


async def clear_date(
    connection: AsyncConnection, participant: UUID, study: str, kind: str, name: str, *, now: datetime
) -> None:
    """It will not happen after all, or is over."""
    await connection.execute(
        delete(journey_dates).where(
            journey_dates.c.participant_id == participant,
            journey_dates.c.study_slug == study,
            journey_dates.c.kind == kind,
            journey_dates.c.name == name,
        )
    )
    await look_again(connection, participant, study, now=now)


async def set_time_zone(connection: AsyncConnection, participant: UUID, zone: str, *, now: datetime) -> None:
    """They live in another time zone (an IANA name): what is planned moves with them."""
    await connection.execute(update(participants).where(participants.c.id == participant).values(time_zone=zone))
    await look_again(connection, participant, None, now=now)


async def look_again(connection: AsyncConnection, participant: UUID, study: str | None, *, now: datetime) -> None:
    """Something that plans hang on has changed, in this study or (None) in all: the plan is worked out anew."""
    await connection.execute(
        update(enrolments)
        .where(
            enrolments.c.participant_id == participant,
            *([enrolments.c.study_slug == study] if study is not None else []),
        )
        .values(replan_at=now)
    )
