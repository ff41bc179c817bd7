"""Outreach on a real server: planned, queued and sent once, at a permitted hour, until what it awaits has happened."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from conversation.providers import OutreachRules
from engagement.journeys import look_again, set_time_zone
from engagement.journeys.snoozing import Snoozed, snooze
from engagement.optouts import record_opt_out
from engagement.participants import merge_participants
from engagement.permissions import Cause, grant_by_taking_part
from engagement.plans import Caps
from scheduler.planning import Plans, look_at_changed_plans
from scheduler.sending import queue_due
from storage.ids import new_id
from storage.tables import questionnaire_responses
from tests.integration.scheduler.stage import PLANS, STUDY, Stage

NEW_YORK = ZoneInfo("America/New_York")


async def test_kit_reminders_until_the_sample_is_back(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "kit_delivered")
    await stage.pass_time(days=8)
    assert [f"{got.at.astimezone(NEW_YORK):%m-%d %H:%M} {got.channel}" for got in stage.got] == [
        "03-05 10:00 sms",
        "03-09 10:00 sms",  # the clocks were put forward in between
    ]
    assert "kit" in stage.got[0].text
    await stage.event(who, "sample_returned")
    await stage.pass_time(days=30)
    assert len(stage.got) == 2
    assert ("kit_reminder 0.2", "cancelled", "awaited_event") in await stage.touchpoints(who)
    assert ("kit_last 0.0", "cancelled", "awaited_event") in await stage.touchpoints(who)


async def test_two_tickers_at_once_send_one_message(stage: Stage) -> None:
    people = [await stage.person() for _ in range(5)]
    for who in people:
        await stage.event(who, "kit_delivered")
    stage.now = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    await asyncio.gather(*(stage.work() for _ in range(3)))
    await stage.work()
    assert sorted(got.to for got in stage.got) == sorted({got.to for got in stage.got})
    assert len(stage.got) == len(people)


async def test_a_missed_check_in_is_reminded_of_and_falls_back_to_mail(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "enrolled")
    await stage.pass_time(days=36)
    assert [(got.channel, f"{got.at.astimezone(NEW_YORK):%m-%d %H:%M}") for got in stage.got] == [
        ("sms", "03-30 10:00"),
        ("sms", "04-02 17:00"),
        ("email", "04-05 09:00"),
    ]
    await stage.event(who, "check_in_completed")
    await stage.pass_time(days=21, hours=1)
    assert len(stage.got) == 4
    await stage.event(who, "check_in_completed")
    await stage.pass_time(days=8)
    assert len(stage.got) == 4


async def test_what_comes_due_between_queue_and_sending_is_asked_again(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "kit_delivered")
    stage.now = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    await stage.plan()
    assert await queue_due(stage.desk, at=stage.now) == 1
    await stage.event(who, "sample_returned")
    await stage.deliver()
    assert stage.got == []
    assert ("kit_reminder 0.0", "cancelled", "awaited_event") in await stage.touchpoints(who)
    rows = await stage.rows("select reason from message_events where status = 'held_back'")
    assert [row["reason"] for row in rows] == ["awaited_event"]


async def test_nothing_after_an_opt_out_and_another_channel_where_only_one_was_silenced(stage: Stage) -> None:
    silent, mailed = await stage.person(), await stage.person()
    for who, channels in ((silent, None), (mailed, ["sms"])):
        await stage.event(who, "kit_delivered")
        async with stage.database.begin() as connection:
            await record_opt_out(connection, who, at=stage.now, actor="participant", channels=channels)
    await stage.pass_time(days=4)
    assert [got.channel for got in stage.got] == ["email"]
    assert ("kit_reminder 0.0", "refused", "opted_out") in await stage.touchpoints(silent)


async def test_nothing_without_permission_and_nothing_after_leaving(stage: Stage) -> None:
    stranger, left = await stage.person(), await stage.person()
    await stage.event(left, "kit_delivered")
    await stage.event(left, "withdrawn")
    await stage.execute(
        "insert into journey_events (id, participant_id, study_slug, kind, at, recorded_at, source, key)"
        " values (gen_random_uuid(), %s, %s, 'kit_delivered', %s, %s, 'site', 'x')",
        stranger,
        STUDY,
        stage.now,
        stage.now,
    )
    await stage.execute("update enrolments set stage = 'kit_delivered' where participant_id = %s", stranger)
    await stage.pass_time(days=4)
    assert stage.got == []
    assert ("kit_reminder 0.0", "refused", "no_permission") in await stage.touchpoints(stranger)
    assert await stage.touchpoints(left) == []


async def test_quiet_hours_of_all_places_where_they_may_live(stage: Stage) -> None:
    who = await stage.person(zone=None)
    await stage.event(who, "kit_delivered")
    await stage.pass_time(days=4)
    # Ten in New York is seven in Los Angeles: it waits an hour.
    assert [f"{got.at:%m-%d %H:%M}" for got in stage.got] == ["03-05 16:00"]
    rows = await stage.rows("select distinct reason from touchpoint_events where status = 'planned'")
    assert [row["reason"] for row in rows] == ["quiet_hours"]


async def test_who_moves_house_is_reminded_at_their_new_hour(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "kit_delivered")
    await stage.work()
    async with stage.database.begin() as connection:
        await set_time_zone(connection, who, "Pacific/Honolulu", now=stage.now)
    await stage.pass_time(days=4)
    assert [f"{got.at.astimezone(ZoneInfo('Pacific/Honolulu')):%m-%d %H:%M}" for got in stage.got] == ["03-05 10:00"]


async def test_a_changed_plan_plans_the_future_anew_and_leaves_the_past(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "kit_delivered")
    await stage.pass_time(days=4)
    assert len(stage.got) == 1
    plan = stage.desk.plans.of(STUDY)
    changed = plan.touchpoints["kit_reminder"].model_copy(update={"at": time(15)})
    items = {**plan.touchpoints, "kit_reminder": changed, "hello": changed}
    plans = Plans(by_study={STUDY: plan.model_copy(update={"touchpoints": items})}, zones=stage.desk.plans.zones)
    stage.desk = replace(stage.desk, plans=plans)
    await look_at_changed_plans(stage.database, plans, at=stage.now)
    await stage.plan()
    # The first of "hello" would have been this morning; the second kit reminder moves to the afternoon.
    rows = await stage.rows("select item, occurrence, due_at from touchpoints where status = 'planned' order by 1, 2")
    assert {(row["item"], row["occurrence"]) for row in rows} >= {("kit_reminder", "0.1"), ("hello", "0.1")}
    assert ("hello", "0.0") not in {(row["item"], row["occurrence"]) for row in rows}
    await stage.pass_time(days=4)
    assert [f"{got.at.astimezone(NEW_YORK):%m-%d %H:%M}" for got in stage.got[:2]] == ["03-05 10:00", "03-09 15:00"]


async def test_what_could_not_go_in_time_expires(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "kit_delivered")
    await stage.plan()
    stage.now = datetime(2026, 3, 8, 15, 0, tzinfo=UTC)  # nobody was at work for days
    await stage.work()
    assert stage.got == []
    assert ("kit_reminder 0.0", "expired", "expired") in await stage.touchpoints(who)


async def test_put_off_it_comes_again_then_and_nothing_of_its_kind_before(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "kit_delivered")
    await stage.pass_time(days=3)
    async with stage.database.begin() as connection:
        found = await snooze(connection, who, until=stage.now + timedelta(days=6, hours=1), at=stage.now)
    assert found == Snoozed(study=STUDY, item="kit_reminder")
    await stage.plan()
    await stage.pass_time(days=10)
    local = [f"{got.at.astimezone(NEW_YORK):%m-%d %H:%M}" for got in stage.got]
    assert local == ["03-05 10:00", "03-11 14:00"]


async def test_put_off_it_comes_when_they_asked_and_counts_for_others(stage: Stage) -> None:
    tight = PLANS.of(STUDY).limits.model_copy(update={"caps": Caps(week=2)})
    stage.desk = replace(stage.desk, rules=OutreachRules(limits={STUDY: tight}))
    who = await stage.person(channels="sms")
    await stage.event(who, "kit_delivered")
    await stage.pass_time(days=8)
    asked_for = stage.now + timedelta(days=1)
    assert len(stage.got) == 2
    async with stage.database.begin() as connection:
        await snooze(connection, who, until=asked_for, at=stage.now)
    await stage.pass_time(days=2)
    assert asked_for <= stage.got[2].at < asked_for + timedelta(hours=1)
    await stage.pass_time(days=20)
    assert len(stage.got) > 3
    assert all(got.at > stage.got[1].at + timedelta(days=7) for got in stage.got[3:])


async def test_what_was_put_off_is_dropped_when_it_has_happened(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "kit_delivered")
    await stage.pass_time(days=3)
    async with stage.database.begin() as connection:
        await snooze(connection, who, until=stage.now + timedelta(days=2), at=stage.now)
    await stage.event(who, "sample_returned")
    await stage.pass_time(days=10)
    assert len(stage.got) == 1
    async with stage.database.begin() as connection:
        stranger = await stage.person()
        assert await snooze(connection, stranger, until=stage.now + timedelta(days=2), at=stage.now) is None


async def test_two_who_turn_out_to_be_one_are_reminded_once(stage: Stage) -> None:
    one, other = await stage.person(channels="sms"), await stage.person(channels="email")
    for who in (one, other):
        await stage.event(who, "kit_delivered")
    await stage.pass_time(days=3, hours=1)
    assert len(stage.got) == 2
    async with stage.database.begin() as connection:
        await merge_participants(connection, source=other, target=one, at=stage.now, cause="code")
    await stage.pass_time(days=5)
    assert len(stage.got) == 3


async def test_questions_left_open_are_followed_up_from_the_last_answer_on_and_once(stage: Stage) -> None:
    who = await stage.person()
    async with stage.database.begin() as connection:
        cause = Cause(actor="participant", said_on="sms")
        await grant_by_taking_part(connection, who, STUDY, at=stage.now, cause=cause)
        await connection.execute(
            insert(questionnaire_responses).values(
                id=new_id(),
                participant_id=who,
                study_slug=STUDY,
                kind="prescreen",
                name="prescreen",
                form_sha256="",
                status="in-progress",
                channel="sms",
                started_at=stage.now,
                updated_at=stage.now,
                state=b"",
            )
        )
        await look_again(connection, who, STUDY, now=stage.now)
    await stage.pass_time(days=1)
    await stage.execute("update questionnaire_responses set updated_at = %s", stage.now)  # an answer
    await stage.pass_time(days=7)
    assert [f"{got.at.astimezone(NEW_YORK):%m-%d %H:%M}" for got in stage.got] == ["03-05 17:00"]
    assert "answers so far are saved" in stage.got[0].text


async def test_questions_that_were_answered_meanwhile_are_not_followed_up(stage: Stage) -> None:
    who = await stage.person()
    await stage.event(who, "enrolled")
    async with stage.database.begin() as connection:
        await connection.execute(
            insert(questionnaire_responses).values(
                id=new_id(),
                participant_id=who,
                study_slug=STUDY,
                kind="check_in",
                name="monthly",
                form_sha256="",
                status="in-progress",
                channel="sms",
                started_at=stage.now,
                updated_at=stage.now,
                state=b"",
            )
        )
        await look_again(connection, who, STUDY, now=stage.now)
    await stage.plan()
    await stage.execute("update questionnaire_responses set status = 'completed', finished_at = %s", stage.now)
    await stage.pass_time(days=4)
    assert stage.got == []
    assert [status for name, status, _ in await stage.touchpoints(who) if name.startswith("check_in_left")] == [
        "cancelled"
    ]


async def test_words_that_are_missing_hold_up_nobody_else(stage: Stage) -> None:
    mute, heard = await stage.person(), await stage.person()
    for who in (mute, heard):
        await stage.event(who, "kit_delivered")
    await stage.plan()
    await stage.execute("update touchpoints set fills = '{}', says = 'outreach/none' where participant_id = %s", mute)
    stage.now = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    await stage.work()
    assert len(stage.got) == 1
    assert ("kit_reminder 0.0", "failed", "ContentMissing") in await stage.touchpoints(mute)
