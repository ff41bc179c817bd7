"""The planner: what is wanted, when, and what makes it needless."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.plans import Anchor, Facts, Plan, plan_touchpoints, why_needless
from engagement.stages import KINDS, Event

NEW_YORK = ZoneInfo("America/New_York")
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
FAR = START + timedelta(days=400)
COMMON: dict[str, Any] = {"channels": ["sms"], "says": "outreach/hello", "expires": "2 days"}


def plan(awaits: dict[str, str] | None = None, **items: dict[str, Any]) -> Plan:
    return Plan.model_validate(
        {"awaits": awaits or {}, "touchpoints": {name: {**COMMON, **item} for name, item in items.items()}}
    )


def facts(*events: tuple[str, float], stage: str = "kit_delivered", **more: Any) -> Facts:
    """These events, by days after the start."""
    told = tuple(Event(kind=kind, at=START + timedelta(days=days)) for kind, days in events)
    given: dict[str, Any] = {"stage": stage, "since": START, "zone": NEW_YORK, "events": told, **more}
    return Facts(**given)


def due(plan: Plan, facts: Facts, until: datetime = FAR) -> list[str]:
    return [
        f"{one.item} {one.name} {one.due_at.astimezone(NEW_YORK):%m-%d %H:%M}"
        for one in plan_touchpoints(plan, facts, until=until).occurrences
    ]


KIT = {"after": "kit_delivered", "in": "3 days", "every": "4 days", "times": 3, "at": "10:00"}


def test_reminders_until_the_sample_is_back() -> None:
    made = plan(kit={**KIT, "unless": ["sample_returned"]})
    assert due(made, facts(("kit_delivered", 0))) == [
        "kit 0.0 03-05 10:00",
        "kit 0.1 03-09 10:00",
        "kit 0.2 03-13 10:00",
    ]
    assert due(made, facts(("kit_delivered", 0), ("sample_returned", 5), stage="sample_returned")) == []
    assert due(made, facts()) == []


def test_what_the_stage_awaits_counts_unless_something_else_is_said() -> None:
    events = facts(("kit_delivered", 0), ("sample_returned", 5))
    assert due(plan({"kit_delivered": "sample_returned"}, kit=KIT), events) == []
    assert len(due(plan({"kit_delivered": "sample_returned"}, kit={**KIT, "unless": []}), events)) == 3


def test_a_second_kit_is_reminded_of_anew() -> None:
    told = facts(("kit_delivered", 0), ("sample_returned", 5), ("sample_rejected", 20), ("kit_delivered", 30))
    made = plan({"kit_delivered": "sample_returned"}, kit=KIT)
    assert [line.split()[1] for line in due(made, told)] == ["1.0", "1.1", "1.2"]


def test_who_reports_it_a_second_time_changes_nothing() -> None:
    made = plan(kit=KIT)
    assert due(made, facts(("kit_delivered", 0), ("kit_delivered", 0.2))) == due(made, facts(("kit_delivered", 0)))


def test_an_earlier_report_moves_the_same_occurrence() -> None:
    made = plan(kit={**KIT, "times": 1})
    assert due(made, facts(("kit_delivered", 2))) == ["kit 0.0 03-07 10:00"]
    assert due(made, facts(("kit_delivered", 2), ("kit_delivered", 1))) == ["kit 0.0 03-06 10:00"]


def test_every_28_days_at_the_same_hour_within_the_window() -> None:
    made = plan(check_in={"after": "enrolled", "in": "28 days", "every": "28 days", "at": "10:00", "window": "1 year"})
    lines = due(made, facts(("enrolled", 0), stage="enrolled"), until=FAR + timedelta(days=400))
    assert len(lines) == 13
    assert {line.split()[-1] for line in lines} == {"10:00"}


def test_a_yearly_hello() -> None:
    made = plan(hello={"after": "first_contact", "in": "1 year", "every": "1 year", "at": "11:00"})
    planned = plan_touchpoints(made, facts(), until=START + timedelta(days=800))
    assert [f"{one.due_at:%Y-%m-%d}" for one in planned.occurrences] == ["2027-03-02", "2028-03-02"]
    assert planned.beyond == datetime(2029, 3, 2, 16, 0, tzinfo=UTC)


def test_what_follows_follows_what_was_sent() -> None:
    made = plan(
        check_in={"after": "enrolled", "in": "28 days", "every": "28 days", "at": "10:00"},
        reminder={"follows": "check_in", "in": "3 days", "at": "10:00", "unless": ["check_in_completed"]},
    )
    sent = {
        "check_in": (
            Anchor(name="0.0", at=START + timedelta(days=28)),
            Anchor(name="0.1", at=START + timedelta(days=56)),
        )
    }
    told = facts(("enrolled", 0), ("check_in_completed", 30), stage="enrolled", sent=sent)
    assert [line for line in due(made, told) if line.startswith("reminder")] == ["reminder 0.1.0 04-30 10:00"]


def test_before_a_date_and_not_after_it() -> None:
    made = plan(
        week={"before": "appointment", "in": "7 days", "at": "10:00"},
        hours={"before": "appointment", "in": "2 hours"},
    )
    at = START + timedelta(days=20)
    dates = {"appointment": (Anchor(name="a1", at=at),)}
    planned = plan_touchpoints(made, facts(dates=dates), until=FAR).occurrences
    assert [(one.item, one.due_at) for one in planned] == [
        ("week", datetime(2026, 3, 15, 14, 0, tzinfo=UTC)),
        ("hours", at - timedelta(hours=2)),
    ]
    assert planned[1].expires_at == at
    moved = {"appointment": (Anchor(name="a1", at=at + timedelta(days=1)),)}
    names = {one.name for one in plan_touchpoints(made, facts(dates=moved), until=FAR).occurrences}
    assert names.isdisjoint({one.name for one in planned})


def test_a_questionnaire_that_was_left() -> None:
    made = plan(left={"after": "prescreen_left", "in": "1 day", "at": "17:00"})
    left = {"prescreen_left": (Anchor(name="r1", at=START),)}
    assert due(made, facts(left=left)) == ["left r1.0 03-03 17:00"]
    assert due(made, facts(left={"prescreen_left": ()})) == []


@pytest.mark.parametrize(
    ("stages", "stage", "count"),
    [([], "withdrawn", 0), ([], "completed", 1), (["enrolled"], "completed", 0), (["withdrawn"], "withdrawn", 1)],
)
def test_stages(stages: list[str], stage: str, count: int) -> None:
    made = plan(hello={"after": "first_contact", "in": "1 day", "stages": stages})
    assert len(due(made, facts(stage=stage))) == count


def test_why_it_is_wanted_no_more() -> None:
    made = plan({"kit_delivered": "sample_returned"}, kit=KIT)
    told = facts(("kit_delivered", 0), ("sample_returned", 5))
    assert why_needless(made, "kit", told, since=START) == "awaited_event"
    assert why_needless(made, "kit", facts(stage="withdrawn"), since=START) == "stage"
    assert why_needless(made, "gone", facts(), since=START) == "not_planned"


@given(
    events=st.lists(st.tuples(st.sampled_from(KINDS), st.floats(0, 300)), max_size=8),
    zone=st.sampled_from(["America/New_York", "Pacific/Honolulu", "Europe/Madrid", "Asia/Kathmandu"]),
)
def test_each_occurrence_once_and_at_its_hour(events: list[tuple[str, float]], zone: str) -> None:
    made = plan(
        kit=KIT,
        check_in={"after": "enrolled", "in": "28 days", "every": "28 days", "at": "02:30", "unless": ["completed"]},
        hello={"after": "first_contact", "in": "6 months", "every": "1 year", "at": "01:30"},
    )
    told = facts(*events, zone=ZoneInfo(zone))
    planned = plan_touchpoints(made, told, until=FAR).occurrences
    keys = [(one.item, one.name) for one in planned]
    assert len(set(keys)) == len(keys)
    for one in planned:
        shown = one.due_at.astimezone(told.zone)
        meant = made.touchpoints[one.item].at
        assert meant is not None
        assert shown.time() == meant or (shown - timedelta(minutes=30)).time() <= meant < shown.time()
        assert one.since <= one.due_at < one.expires_at
    later = facts(*events, ("completed", 300), zone=ZoneInfo(zone))
    assert not [one for one in plan_touchpoints(made, later, until=FAR).occurrences if one.item == "check_in"]
