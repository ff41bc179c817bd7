"""Outreach when something goes wrong: numbers that fail, providers that are down or silent, processes that die."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from conversation.messages import ChannelName, DeliveryStatus, SendProblem, StatusUpdate
from conversation.providers import OutreachRules, Pace
from conversation.status import record_status
from tests.integration.scheduler.stage import Got, Stage

NEW_YORK = ZoneInfo("America/New_York")


def came_back(got: Got, problem: SendProblem) -> StatusUpdate:
    """What a provider says later of a message that it had taken."""
    return StatusUpdate(
        channel=ChannelName(got.channel),
        status=DeliveryStatus.FAILED,
        provider_id=f"P{got.id}",
        outbox_id=got.id,
        problem=problem,
    )


async def test_a_number_that_fails_leads_on_to_mail(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "kit_delivered")
    stage.providers[ChannelName.SMS].trouble = "bad"
    await stage.pass_time(days=4)
    assert [got.channel for got in stage.got] == ["email"]
    assert ("kit_reminder 0.0", "sent", None) in [
        (name, status, None) for name, status, _ in await stage.touchpoints(who)
    ]


async def test_what_turns_out_undelivered_leads_on_to_mail_within_its_time(stage: Stage) -> None:
    await stage.event(await stage.person(), "kit_delivered")
    await stage.pass_time(days=3, hours=1)
    (sms,) = stage.got
    failed = came_back(sms, SendProblem.BLOCKED)
    assert await record_status(stage.database, failed, at=stage.now)
    await stage.work()
    assert [got.channel for got in stage.got] == ["sms", "email"]
    assert not await record_status(stage.database, failed, at=stage.now)
    await stage.work()
    assert len(stage.got) == 2


async def test_what_came_back_on_every_way_is_still_followed_by_its_reminder(stage: Stage) -> None:
    who = await stage.person()
    stage.providers[ChannelName.SMS].trouble = "bad"
    await stage.event(who, "kit_delivered")
    await stage.pass_time(days=4)
    await stage.event(who, "enrolled")
    await stage.pass_time(days=28, hours=2)
    *_, mail = stage.got
    before = len(stage.got)
    undelivered = came_back(mail, SendProblem.REJECTED)
    assert await record_status(stage.database, undelivered, at=stage.now)
    await stage.work()
    assert ("check_in 0.0", "refused", "contact_point_unusable") in await stage.touchpoints(who)
    await stage.pass_time(days=4)
    assert len(stage.got) == before + 1


async def test_a_provider_that_is_down_is_left_alone_and_nothing_is_lost(stage: Stage) -> None:
    for _ in range(8):
        await stage.event(await stage.person(channels="sms"), "kit_delivered")
    stage.providers[ChannelName.SMS].trouble = "down"
    stage.now = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    await stage.work()
    rows = await stage.rows("select failures, closed_until from providers where channel = 'sms'")
    assert rows[0]["failures"] == 5
    assert rows[0]["closed_until"] > stage.now
    assert stage.got == []
    stage.providers[ChannelName.SMS].trouble = ""
    await stage.pass_time(hours=2)
    assert len({got.to for got in stage.got}) == len(stage.got) == 8
    assert (await stage.rows("select failures from providers"))[0]["failures"] == 0


async def test_a_provider_that_is_down_for_hours_loses_nothing_either(stage: Stage) -> None:
    who = await stage.person(channels="sms")
    await stage.event(who, "kit_delivered")
    stage.providers[ChannelName.SMS].trouble = "down"
    stage.now = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    await stage.work()
    await stage.pass_time(hours=6)
    assert stage.got == []
    stage.providers[ChannelName.SMS].trouble = ""
    await stage.pass_time(hours=2)
    assert len(stage.got) == 1
    # Down for as long as it would have been of use: it has expired, and is not sent any more.
    stage.providers[ChannelName.SMS].trouble = "down"
    await stage.pass_time(days=7)
    stage.providers[ChannelName.SMS].trouble = ""
    await stage.pass_time(hours=2)
    assert len(stage.got) == 1
    assert ("kit_reminder 0.1", "expired", "expired") in await stage.touchpoints(who)


async def test_what_may_have_arrived_is_not_sent_again(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "kit_delivered")
    stage.providers[ChannelName.SMS].trouble = "lost"
    await stage.pass_time(days=4)
    assert len(stage.got) == 1
    assert next(status for name, status, _ in await stage.touchpoints(who) if name == "kit_reminder 0.0") == "sent"


async def test_a_process_killed_in_the_middle_of_sending_sends_nothing_twice(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "kit_delivered")
    stage.now = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    stage.providers[ChannelName.SMS].trouble = "crash"
    try:
        await stage.work()
    except KeyboardInterrupt:
        stage.providers[ChannelName.SMS].trouble = ""
    await stage.pass_time(hours=30)
    assert len(stage.got) == 1


async def test_the_pace_of_a_provider_and_its_daily_limit(stage: Stage) -> None:
    stage.desk = replace(
        stage.desk,
        rules=OutreachRules(limits=stage.desk.rules.limits, paces={"sms": Pace(per_second=2, per_day=5)}),
    )
    for _ in range(7):
        await stage.event(await stage.person(channels="sms"), "kit_delivered")
    stage.now = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    await stage.work()
    assert len(stage.got) == 2
    stage.now += timedelta(seconds=1)
    await stage.work()
    assert len(stage.got) == 4
    stage.now += timedelta(seconds=10)
    await stage.work()
    assert len(stage.got) == 5
    await stage.pass_time(days=1)
    assert len(stage.got) == 7
