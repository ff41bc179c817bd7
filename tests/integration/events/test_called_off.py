"""Appointments over weeks on a clock set by hand: every reminder at its hour, and none of what was called off, wherever it waits."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from engagement.appointments import Change, record_change, tell_change
from scheduler.sending import queue_due
from service.plans import APPOINTMENT, fill_appointment
from tests.harness.postgres import KEYRING
from tests.integration.scheduler.stage import STUDY, Stage, clock_of, set_stage

HOME = ZoneInfo("America/New_York")
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
VISIT = datetime(2026, 3, 17, 14, 30, tzinfo=HOME)
"""After the clocks are put forward."""


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    made = await set_stage(database_url, NOON)
    made.desk = replace(made.desk, fills={APPOINTMENT: partial(fill_appointment, KEYRING)})
    with clock_of(made):
        yield made
    await made.close()


async def change(stage: Stage, who: UUID, kind: str, starts_at: datetime | None = None) -> None:
    async with stage.database.begin() as connection:
        booked, told = await record_change(
            connection, KEYRING, who, STUDY, Change(kind=f"appointment_{kind}", at=stage.now, starts_at=starts_at),
            name="visit", source="site", key=f"{kind} {stage.now}", zone=HOME.key, now=stage.now,
        )  # fmt: skip
        if told:
            await tell_change(connection, booked, zone=HOME.key, at=stage.now)


def got(stage: Stage) -> list[str]:
    return [f"{one.at.astimezone(HOME):%m-%d %H:%M}" for one in stage.got if one.channel == "sms"]


async def someone(stage: Stage) -> UUID:
    who = await stage.person(channels="sms")
    await stage.event(who, "referred")
    return who


async def test_each_reminder_at_its_hour_across_the_change_of_clocks(stage: Stage) -> None:
    who = await someone(stage)
    await change(stage, who, "booked", VISIT)
    await stage.pass_time(days=20)
    assert got(stage) == ["03-02 12:00", "03-10 10:00", "03-16 10:00", "03-17 12:30"]
    assert all("2:30 PM" in one.text for one in stage.got)


async def test_a_move_moves_the_reminders(stage: Stage) -> None:
    who = await someone(stage)
    await change(stage, who, "booked", VISIT)
    await stage.pass_time(days=10)
    await change(stage, who, "moved", VISIT + timedelta(days=7))
    await stage.pass_time(days=30)
    assert got(stage)[2:] == ["03-12 13:00", "03-17 10:00", "03-23 10:00", "03-24 12:30"]


async def test_what_was_called_off_waits_nowhere(stage: Stage) -> None:
    """Planned, or in the outbox already between the tick and the send: the gate holds it back."""
    who = await someone(stage)
    await change(stage, who, "booked", VISIT)
    await stage.pass_time(days=13)
    before = len(stage.got)
    stage.now = (VISIT - timedelta(days=1)).replace(hour=10).astimezone(UTC)
    await stage.plan()
    assert await queue_due(stage.desk, at=stage.now) == 1
    await change(stage, who, "cancelled")
    await stage.work()
    (told,) = stage.got[before:]
    assert "will not take place" in told.text
    rows = await stage.rows(
        "select e.reason from message_events e join messages m on m.id = e.message_id where m.status = 'held_back'"
    )
    assert "cancelled" in {row["reason"] for row in rows}
    await stage.pass_time(days=5)
    assert len(stage.got) == before + 1


async def test_news_at_night_waits_for_the_morning_and_gives_way_to_newer_news(stage: Stage) -> None:
    who = await someone(stage)
    stage.now = NOON.astimezone(HOME).replace(hour=23).astimezone(UTC)
    await change(stage, who, "booked", VISIT)
    await stage.work()
    assert got(stage) == []
    stage.now += timedelta(hours=2)
    await change(stage, who, "moved", VISIT + timedelta(hours=1))
    await stage.pass_time(hours=12)
    assert got(stage) == ["03-03 08:00"]
    assert "3:30 PM" in stage.got[0].text


async def test_who_has_left_is_told_nothing(stage: Stage) -> None:
    who = await someone(stage)
    await stage.event(who, "withdrawn")
    await change(stage, who, "booked", VISIT)
    await stage.pass_time(days=20)
    assert got(stage) == []
