"""The plan tick: whoever's journey has moved gets their touchpoints worked out anew. The future follows, the past stays.

Run twice, or in two processes, it comes to the same: a touchpoint is one row for its participant, item and occurrence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, insert, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.journeys.facts import AMONG, Enrolled, read_enrolled
from engagement.journeys.recording import restage
from engagement.journeys.snoozing import SNOOZED
from engagement.plans import Occurrence, Plan, plan_touchpoints, why_needless
from scheduler.varying import vary
from storage.database import Database
from storage.ids import new_id
from storage.tables import enrolments, touchpoint_events, touchpoints

HORIZON = timedelta(days=45)
"""How far ahead touchpoints are written down; the rest follows when its time comes nearer."""
_AHEAD = timedelta(days=7)
BATCH = 100
DUE = (
    select(enrolments.c.id)
    .where(enrolments.c.replan_at <= bindparam("at"))
    .order_by(enrolments.c.replan_at)
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, kw_only=True)
class Plans:
    """The studies' plans, and each study's own time zone for those whose zone is not known."""

    by_study: Mapping[str, Plan]
    zones: Mapping[str, str]

    def of(self, study: str) -> Plan:
        return self.by_study.get(study) or Plan()


async def look_at_changed_plans(database: Database, plans: Plans, *, at: datetime) -> None:
    """Whoever was planned for by another version of their study's plan is to be planned for again."""
    async with database.begin() as connection:
        for study, plan in plans.by_study.items():
            await connection.execute(
                update(enrolments)
                .where(
                    enrolments.c.study_slug == study,
                    enrolments.c.planned_with != plan.version,
                    or_(enrolments.c.replan_at.is_(None), enrolments.c.replan_at > at),
                )
                .values(replan_at=at)
            )


async def plan_due(database: Database, plans: Plans, *, at: datetime, limit: int = BATCH) -> int:
    """Plan for up to `limit` enrolments whose time it is; returns how many there were."""
    async with database.begin(redoable=True) as connection:
        due = (await connection.scalars(DUE.limit(limit), {"at": at})).all()
        if not due:
            return 0
        known = await read_enrolled(connection, due, zones=plans.zones)
        standing = await _planned(connection, due)
        for enrolled in known.values():
            enrolled = await restage(connection, enrolled, now=at)
            plan = plans.of(enrolled.study)
            varied = await vary(connection, plan, enrolled, at=at, until=at + HORIZON)
            await _plan(connection, varied, enrolled, standing.get(enrolled.id, {}), version=plan.version, at=at)
    return len(due)


_PLANNED = (
    select(enrolments.c.id.label("enrolment"), touchpoints)
    .join(
        touchpoints,
        and_(
            touchpoints.c.participant_id == enrolments.c.participant_id,
            touchpoints.c.study_slug == enrolments.c.study_slug,
        ),
    )
    .where(AMONG, touchpoints.c.status == literal_column("'planned'"), touchpoints.c.version.is_not(None))
)

type _Standing = Mapping[tuple[str, str], Any]


async def _planned(connection: AsyncConnection, due: Sequence[UUID]) -> dict[UUID, dict[tuple[str, str], Any]]:
    """What is planned for these and waits, by enrolment, item and occurrence; what comes from no plan is not among it."""
    rows = await connection.execute(_PLANNED, {"which": list(due)})
    found: dict[UUID, dict[tuple[str, str], Any]] = {}
    for row in rows:
        found.setdefault(row.enrolment, {})[row.item, row.occurrence] = row
    return found


async def _plan(
    connection: AsyncConnection, plan: Plan, enrolled: Enrolled, standing: _Standing, *, version: str, at: datetime
) -> None:
    """`version`: of the study's plan, of which `plan` is the one for this participant."""
    planned = plan_touchpoints(plan, enrolled.facts, until=at + HORIZON)
    wanted = {(one.item, one.name): one for one in planned.occurrences}
    changed = enrolled.planned_with not in (None, version)
    for key, row in standing.items():
        if key not in wanted:
            await _cancel(connection, row, why_needless(plan, row.item, enrolled.facts, since=row.since), at=at)
        elif row.snoozed_at is None and _differs(row, wanted[key], plan):
            await _move(connection, row, wanted[key], plan)
    # A changed plan leaves the past: what it would have said by now is not said after all.
    earliest = at if changed else None
    fresh = [
        one
        for key, one in wanted.items()
        if key not in standing and one.expires_at > at and (earliest is None or one.due_at > earliest)
    ]
    await _add(connection, plan, enrolled, fresh, at=at)
    following = None if planned.beyond is None else max(planned.beyond - HORIZON + _AHEAD, at + timedelta(days=1))
    await connection.execute(
        update(enrolments).where(enrolments.c.id == enrolled.id).values(replan_at=following, planned_with=version)
    )


def _differs(row: Any, one: Occurrence, plan: Plan) -> bool:
    return bool(row.version != plan.touchpoints[one.item].version or row.due_at != one.due_at)


def _row_of(plan: Plan, one: Occurrence) -> dict[str, Any]:
    item = plan.touchpoints[one.item]
    return {
        "version": item.version,
        "purpose": item.purpose,
        "says": item.says,
        "channels": list(item.channels),
        "awaits": list(plan.awaited(item)),
        "since": one.since,
        "followed": any(other.follows == one.item for other in plan.touchpoints.values()),
        "due_at": one.due_at,
        "expires_at": one.expires_at,
    }


async def _move(connection: AsyncConnection, row: Any, one: Occurrence, plan: Plan) -> None:
    values = _row_of(plan, one)
    if row.tried:
        del values["due_at"]  # on its way to the next channel
    await connection.execute(
        update(touchpoints).where(touchpoints.c.id == row.id, touchpoints.c.status == "planned").values(values)
    )


async def _cancel(connection: AsyncConnection, row: Any, reason: str, *, at: datetime) -> None:
    await connection.execute(
        update(touchpoints)
        .where(touchpoints.c.id == row.id, touchpoints.c.status == "planned")
        .values(status="cancelled", reason=reason)
    )
    await connection.execute(
        insert(touchpoint_events).values(id=new_id(), touchpoint_id=row.id, status="cancelled", at=at, reason=reason)
    )


async def _add(
    connection: AsyncConnection, plan: Plan, enrolled: Enrolled, fresh: Sequence[Occurrence], *, at: datetime
) -> None:
    if not fresh:
        return
    adding = insert_or(touchpoints).values(
        [
            {
                "id": new_id(),
                "participant_id": enrolled.participant_id,
                "study_slug": enrolled.study,
                "item": one.item,
                "occurrence": one.name,
                "status": "planned",
                "created_at": at,
                **_row_of(plan, one),
            }
            for one in fresh
        ]
    )
    # What was cancelled before it was ever queued may be wanted again; what was sent stays as it is.
    revived = {
        name: adding.excluded[name]
        for name in ("version", "purpose", "says", "channels", "awaits", "since", "followed", "due_at", "expires_at")
    }
    await connection.execute(
        adding.on_conflict_do_update(
            index_elements=["participant_id", "study_slug", "item", "occurrence"],
            set_={**revived, "status": "planned", "reason": None},
            where=and_(touchpoints.c.status == "cancelled", touchpoints.c.round == 0, touchpoints.c.reason != SNOOZED),
        )
    )
