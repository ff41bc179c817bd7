"""An experiment in a plan: an arm for everybody who gets the touchpoint, its wording and its hour, written down before it is sent."""

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from engagement.experiments import read_report
from engagement.plans import Experiment, Variant
from scheduler.planning import Plans
from scheduler.varying import design_of
from tests.integration.scheduler.stage import PLANS, STUDY, Stage

NEW_YORK = ZoneInfo("America/New_York")
EVENING = Experiment(
    touchpoint="kit_reminder",
    seed=3,
    arms={"morning": Variant(), "evening": Variant(at="18:00", says="outreach/kit_last")},  # type: ignore[arg-type]
    strata=("language", "channel"),
    outcome="sample_returned",
    within_days=10,
)


async def test_arms_differ_in_hour_and_words_and_are_written_down(stage: Stage) -> None:
    plan = PLANS.of(STUDY).model_copy(update={"experiments": {"hour": EVENING}})
    stage.desk = replace(stage.desk, plans=Plans(by_study={STUDY: plan}, zones=PLANS.zones))
    people = [await stage.person() for _ in range(8)]
    for who in people:
        await stage.event(who, "kit_delivered")
    await stage.plan()
    rows = await stage.rows("select participant_id, arm from experiment_assignments order by position")
    assert Counter(row["arm"] for row in rows) == {"morning": 4, "evening": 4}
    await stage.pass_time(days=3, hours=12)
    hours = {got.to: got.at.astimezone(NEW_YORK).time().replace(second=0, microsecond=0) for got in stage.got}
    assert Counter(hours.values()) == {time(10): 4, time(18): 4}
    assert {("last reminder" in got.text, hours[got.to]) for got in stage.got} == {(False, time(10)), (True, time(18))}
    await stage.plan()
    assert len(await stage.rows("select 1 from experiment_assignments")) == 8
    evening = [row["participant_id"] for row in rows if row["arm"] == "evening"]
    for who in evening[:2]:
        await stage.event(who, "sample_returned")
    await stage.pass_time(days=12)
    async with stage.database.begin() as connection:
        first, second = await read_report(connection, design_of(STUDY, "hour", EVENING), at=stage.now)
    assert (first.arm, first.followed, first.reached_outcome) == ("morning", 4, 0)
    assert (second.arm, second.followed, second.reached_outcome) == ("evening", 4, 2)


async def test_who_gets_no_such_touchpoint_is_in_no_arm(stage: Stage) -> None:
    plan = PLANS.of(STUDY).model_copy(update={"experiments": {"hour": EVENING}})
    stage.desk = replace(stage.desk, plans=Plans(by_study={STUDY: plan}, zones=PLANS.zones))
    who = await stage.person()
    await stage.event(who, "consented", ago=timedelta(days=1))
    await stage.plan()
    assert await stage.rows("select 1 from experiment_assignments") == []
