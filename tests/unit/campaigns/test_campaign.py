"""A campaign's pace, its steps, and who gets it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.campaigns.campaign import STEPS, Campaign, CampaignRefused, Draft, Pace, check_pace, check_step
from engagement.campaigns.deciding import Reach, why_not
from engagement.cohorts import Match, Person
from engagement.permissions import Entry, standing_at

AT = datetime(2026, 11, 25, tzinfo=UTC)
SPONSORS = {"larkspur": "Institute", "lupin": "Institute", "snowdrop": "Other"}


def permitted(scope: str = "sponsor", *channels: str) -> Entry:
    return Entry(
        id=UUID(int=1),
        seq=1,
        at=AT - timedelta(days=1),
        kind="granted",
        purpose="recontact",
        study="larkspur",
        scopes=frozenset({scope}),
        channels=frozenset(channels) or None,
    )


def somebody(*entries: Entry, **stages: str) -> Person:
    return Person(
        id=UUID(int=7),
        language="en",
        time_zone=None,
        standing=standing_at(entries, AT),
        stages=stages or {"larkspur": "completed"},
    )


def reason(
    person: Person, *, matched: bool = True, usable: str = "sms email", silenced: str = "", study: str = "lupin"
) -> str | None:
    reach = Reach(usable=frozenset(usable.split()), silenced=frozenset(silenced.split()))
    match = Match(belongs=matched, failed=() if matched else ("all.0.language",))
    return why_not(person, match, reach, study=study, sponsors=SPONSORS, channels=("sms", "email"))


def test_who_permits_it_and_can_be_reached_gets_it() -> None:
    assert reason(somebody(permitted())) is None
    assert reason(somebody(permitted("sponsor", "email")), silenced="sms") is None


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (reason(somebody(permitted()), matched=False), "not in the cohort: all.0.language"),
        (reason(somebody(permitted(), lupin="first_contact")), "in the study already"),
        (reason(somebody(permitted(), larkspur="withdrawn")), "withdrawn"),
        (reason(somebody()), "no permission"),
        (reason(somebody(permitted("programme"))), "no permission"),
        (reason(somebody(permitted()), study="snowdrop"), "no permission"),
        (reason(somebody(permitted("sponsor", "webchat"))), "no permission"),
        (reason(somebody(permitted("sponsor", "email")), usable="sms"), "no contact point"),
        (reason(somebody(permitted()), usable=""), "no contact point"),
        (reason(somebody(permitted()), silenced="sms email webchat"), "opted out"),
        (reason(somebody(permitted("sponsor", "email")), silenced="email"), "opted out"),
    ],
)
def test_everybody_else_has_a_reason(found: str | None, wanted: str) -> None:
    assert found == wanted


def test_waves_and_their_pace() -> None:
    pace = Pace(wave_size=3, wave_every=timedelta(hours=24), per_hour=2)
    hours = [pace.due_after(number) / timedelta(hours=1) for number in range(7)]
    assert hours == [0, 0.5, 1, 24, 24.5, 25, 48]


@given(st.integers(1, 48), st.integers(1, 400), st.data(), st.integers(0, 6000))
def test_who_is_due_by_now_is_who_was_due_before(hours: int, per_hour: int, data: st.DataObject, minutes: int) -> None:
    pace = Pace(
        wave_size=data.draw(st.integers(1, hours * per_hour)), wave_every=timedelta(hours=hours), per_hour=per_hour
    )
    check_pace(pace)
    since = timedelta(minutes=minutes)
    due = pace.due_by(since)
    assert pace.due_after(due - 1) <= since + timedelta(microseconds=1)
    assert pace.due_after(due) > since - timedelta(microseconds=1)
    assert pace.due_by(timedelta(microseconds=-1)) == 0


@pytest.mark.parametrize(
    ("pace", "fault"),
    [
        (Pace(wave_size=0, wave_every=timedelta(hours=1), per_hour=1), "one person or more"),
        (Pace(wave_size=1, wave_every=timedelta(0), per_hour=1), "an hour or more"),
        (Pace(wave_size=1, wave_every=timedelta(hours=1), per_hour=0), "one an hour"),
        (Pace(wave_size=121, wave_every=timedelta(hours=2), per_hour=60), "not out before"),
    ],
)
def test_what_is_no_pace(pace: Pace, fault: str) -> None:
    with pytest.raises(CampaignRefused, match=fault):
        check_pace(pace)


def campaign(status: str) -> Campaign:
    draft = Draft(
        name="lupin-1",
        study="lupin",
        cohort="language: [en]",
        says="outreach/invitation",
        channels=("sms",),
        pace=Pace(wave_size=10, wave_every=timedelta(hours=24), per_hour=60),
        starts_at=AT,
        ends_at=AT + timedelta(days=30),
        expires=timedelta(days=3),
    )
    return Campaign(
        id=UUID(int=1),
        draft=draft,
        status=status,
        created_by="maya",
        approved_by=None,
        dry_run=None,
        running_since=None,
        running_from=0,
    )


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", ["draft", "checked", "approved", "running", "paused", "stopped", "done"])
def test_a_step_is_taken_from_where_it_may_be(step: str, status: str) -> None:
    before, after = STEPS[step]
    if status in before:
        assert check_step(campaign(status), step) == after
    else:
        with pytest.raises(CampaignRefused, match=f"this is {status}"):
            check_step(campaign(status), step)


def test_nothing_is_started_that_nobody_has_approved() -> None:
    for status in ("draft", "checked", "done"):
        with pytest.raises(CampaignRefused):
            check_step(replace(campaign(status), approved_by="noor"), "start")
