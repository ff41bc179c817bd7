"""What the planner must know of many participants at once: a handful of statements, however many they are."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Text, Uuid, and_, any_, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.plans import Anchor, Facts
from engagement.stages import Event
from storage.tables import (
    enrolments,
    journey_dates,
    journey_events,
    participants,
    questionnaire_responses,
    touchpoints,
)

# Built once: see docs/performance.md.
AMONG: ColumnElement[bool] = enrolments.c.id == any_(bindparam("which", type_=ARRAY(Uuid)))
"""The enrolments whose ids are the parameter `which`."""
_ENROLLED = (
    select(enrolments, participants.c.time_zone)
    .join(participants, participants.c.id == enrolments.c.participant_id)
    .where(AMONG)
)


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """A participant in a study, and what the planner knows of them there."""

    id: UUID
    participant_id: UUID
    study: str
    stage: str
    planned_with: str | None
    facts: Facts


async def read_enrolled(
    connection: AsyncConnection, which: Collection[UUID], *, zones: Mapping[str, str]
) -> dict[UUID, Enrolled]:
    """By enrolment. `zones`: each study's own time zone, for those whose zone is not known."""
    rows = (await connection.execute(_ENROLLED, {"which": list(which)})).all()
    events, dates, left, sent = [await _gather(connection, source, which) for source in _SOURCES]
    return {
        row.id: Enrolled(
            id=row.id,
            participant_id=row.participant_id,
            study=row.study_slug,
            stage=row.stage,
            planned_with=row.planned_with,
            facts=Facts(
                stage=row.stage,
                since=row.created_at,
                zone=ZoneInfo(row.time_zone or zones.get(row.study_slug, "UTC")),
                events=tuple(Event(kind=one.kind, at=one.at) for one in events[row.id]),
                dates=_by_kind(dates[row.id]),
                left=_by_kind(left[row.id]),
                sent=_by_kind(sent[row.id]),
            ),
        )
        for row in rows
    }


def _source(kind: ColumnElement[str], name: ColumnElement[str], at: ColumnElement[Any], table: Any) -> Select[Any]:
    return (
        select(enrolments.c.id.label("enrolment"), kind.label("kind"), name.label("name"), at.label("at"))
        .join(
            table,
            and_(table.c.participant_id == enrolments.c.participant_id, table.c.study_slug == enrolments.c.study_slug),
        )
        .where(AMONG)
    )


_SOURCES = (
    _source(journey_events.c.kind, journey_events.c.key, journey_events.c.at, journey_events),
    _source(journey_dates.c.kind, journey_dates.c.name, journey_dates.c.at, journey_dates),
    _source(
        func.concat(questionnaire_responses.c.kind, literal_column("'_left'")),
        cast(questionnaire_responses.c.id, Text),
        questionnaire_responses.c.updated_at,
        questionnaire_responses,
    ).where(questionnaire_responses.c.status == "in-progress"),
    _source(touchpoints.c.item, touchpoints.c.occurrence, touchpoints.c.sent_at, touchpoints).where(
        # What was sent and came back was sent, whatever has become of it since: what follows may be the way that works.
        touchpoints.c.sent_at.is_not(None),
        touchpoints.c.followed,
    ),
)
"""Events, dates, questionnaires begun and left, touchpoints that something follows."""


async def _gather(connection: AsyncConnection, source: Select[Any], which: Collection[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in await connection.execute(source, {"which": list(which)}):
        found[row.enrolment].append(row)
    return found


def _by_kind(rows: Collection[Any]) -> Mapping[str, tuple[Anchor, ...]]:
    kinds: dict[str, list[Anchor]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.at, row.name)):
        kinds[row.kind].append(Anchor(name=row.name, at=row.at))
    return {kind: tuple(anchors) for kind, anchors in kinds.items()}
