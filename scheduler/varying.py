"""Experiments in the plan: the plan as it is for one person, in the arms that chance has put them in.

An arm is drawn when the touchpoint is first planned for somebody, and written down before anything is queued.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.experiments import Arm, Design, assign_arm, read_arms
from engagement.journeys.facts import Enrolled
from engagement.plans import Experiment, Plan, plan_touchpoints
from storage.tables import conversations, participants


def design_of(study: str, name: str, experiment: Experiment) -> Design:
    """The experiment's design, under a name that is its own over all studies."""
    return Design(
        name=f"{study}/{name}",
        seed=experiment.seed,
        arms=tuple(Arm(name=arm, weight=variant.weight) for arm, variant in experiment.arms.items()),
        strata=experiment.strata,
        outcome=experiment.outcome,
        within_days=experiment.within_days,
        study=study,
        touchpoint=experiment.touchpoint,
    )


def plan_for(plan: Plan, study: str, arms: Mapping[str, str]) -> Plan:
    """The plan for somebody in these arms. `arms`: as `read_arms` gives them."""
    return plan.with_arms({name: arms[key] for name in plan.experiments if (key := f"{study}/{name}") in arms})


async def vary(connection: AsyncConnection, plan: Plan, enrolled: Enrolled, *, at: datetime, until: datetime) -> Plan:
    """The plan for this participant; whoever now gets a touchpoint that is tried is put into an arm by chance."""
    if not plan.experiments:
        return plan
    who, study = enrolled.participant_id, enrolled.study
    arms = dict((await read_arms(connection, [who])).get(who, {}))
    coming = [one for one in plan_touchpoints(plan, enrolled.facts, until=until).occurrences if one.expires_at > at]
    for name, experiment in plan.experiments.items():
        design = design_of(study, name, experiment)
        first = next((one for one in coming if one.item == experiment.touchpoint), None)
        if design.name in arms or first is None:
            continue
        traits = await _traits(connection, who, enrolled.stage)
        arm = await assign_arm(connection, design, who, traits, at=at, counts_from=first.due_at)
        arms[design.name] = arm.name
    return plan_for(plan, study, arms)


async def _traits(connection: AsyncConnection, who: UUID, stage: str) -> Mapping[str, str]:
    row = (
        await connection.execute(
            select(participants.c.language, conversations.c.channel)
            .join(conversations, conversations.c.participant_id == participants.c.id)
            .where(participants.c.id == who)
        )
    ).one()
    return {"language": row.language, "channel": row.channel or "none", "stage": stage}
