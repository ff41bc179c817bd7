"""What came of an experiment, by intention to treat: everybody counts in the arm that chance gave them, reached or not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.experiments.design import Design
from engagement.experiments.intervals import Interval, difference, wilson
from engagement.measuring import by_a_person
from engagement.plans.model import OPENED
from storage.tables import experiment_assignments as assignments
from storage.tables import journey_events, mail_looks, measured_mails, messages, participants, touchpoints

REPLIED = "replied"
"""The outcome "wrote to us"."""
# `OPENED` is "opened the mail": by a person as far as can be told, alike in all arms.
# Any other outcome is a kind of event (engagement.stages.KINDS).


@dataclass(frozen=True, kw_only=True)
class ArmResult:
    """Of `assigned`, `followed` have had the whole time for the outcome; the shares are of these.

    `against_first`: how much larger the share is than the first arm's; None for the first.
    """

    arm: str
    assigned: int
    followed: int
    reached_outcome: int
    share: Interval
    against_first: Interval | None


async def read_report(connection: AsyncConnection, design: Design, *, at: datetime) -> tuple[ArmResult, ...]:
    """The arms in the design's order, as of `at`."""
    counts = {row.arm: row for row in await connection.execute(_counted(design, at=at))}
    results: list[ArmResult] = []
    for arm in design.arms:
        row = counts.get(arm.name)
        assigned, followed, hits = (row.assigned, row.followed, row.hits) if row is not None else (0, 0, 0)
        first = results[0] if results else None
        results.append(
            ArmResult(
                arm=arm.name,
                assigned=assigned,
                followed=followed,
                reached_outcome=hits,
                share=wilson(hits, followed),
                against_first=None
                if first is None
                else difference(hits, followed, first.reached_outcome, first.followed),
            )
        )
    return tuple(results)


def _counted(design: Design, *, at: datetime) -> Select[tuple[str, int, int, int]]:
    window = timedelta(days=design.within_days)
    # What people do is kept under whom they turned out to be; assignments stay as they were written.
    who = func.coalesce(participants.c.merged_into, participants.c.id)
    until = assignments.c.counts_from + window
    if design.outcome == OPENED:
        what: Select[Any] = (
            select(mail_looks.c.id)
            .join(measured_mails, measured_mails.c.id == mail_looks.c.mail_id)
            .join(messages, messages.c.id == measured_mails.c.message_id)
            .join(touchpoints, touchpoints.c.id == messages.c.touchpoint_id)
            .where(
                touchpoints.c.participant_id.in_([assignments.c.participant_id, who]),
                touchpoints.c.study_slug == design.study,
                touchpoints.c.item == design.touchpoint,
                by_a_person(mail_looks),
                mail_looks.c.at >= assignments.c.counts_from,
                mail_looks.c.at < until,
            )
            .correlate(assignments, participants)
        )
    elif design.outcome == REPLIED:
        what = select(messages.c.id).where(
            messages.c.direction == "in",
            messages.c.participant_id == who,
            messages.c.created_at >= assignments.c.counts_from,
            messages.c.created_at < until,
        )
    else:
        what = select(journey_events.c.id).where(
            journey_events.c.kind == design.outcome,
            journey_events.c.participant_id == who,
            journey_events.c.at >= assignments.c.counts_from,
            journey_events.c.at < until,
        )
    over = until <= at
    return (
        select(
            assignments.c.arm,
            func.count().label("assigned"),
            func.count().filter(over).label("followed"),
            func.count().filter(over, what.exists()).label("hits"),
        )
        .join(participants, participants.c.id == assignments.c.participant_id)
        .where(assignments.c.experiment == design.name)
        .group_by(assignments.c.arm)
    )
