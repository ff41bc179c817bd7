"""Whatever happens, in whatever order: people, events, clocks, providers and processes that fail. What must hold is counted by
an independent checker from what the providers received and from what this test itself did, not from the outbox's own word."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from conversation.messages import ChannelName, DeliveryStatus, SendProblem, StatusUpdate
from conversation.providers import OutreachRules
from conversation.status import record_status
from engagement.journeys import set_time_zone
from engagement.journeys.snoozing import snooze
from engagement.optouts import record_opt_in, record_opt_out
from engagement.plans import Caps
from engagement.stages import Event, stage_after
from tests.harness.postgres import Postgres
from tests.integration.scheduler.stage import PLANS, STUDY, Got, Stage, clock_of, set_stage

# The clocks are put forward two days later.
FRIDAY = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
AFTER = ("kit_delivered", "sample_returned", "in_laboratory", "result", "enrolled", "check_in_completed", "completed")
ZONES = ("America/New_York", "Pacific/Honolulu", "America/Phoenix", "Europe/Madrid")
PLAN = PLANS.of(STUDY)
LIMITS = PLAN.limits.model_copy(update={"caps": Caps(day=1, week=2)})
"""Tight, so that they are met."""
CAPS = ((timedelta(days=1), 1), (timedelta(days=7), 2))


@dataclass
class Known:
    """What this test did to a person."""

    id: UUID
    zone: str | None
    events: list[Event] = field(default_factory=list)
    silenced: set[str] = field(default_factory=set)
    got: list[Got] = field(default_factory=list)
    touchpoints: dict[UUID, UUID] = field(default_factory=dict)
    """Of each message that they got."""
    put_off: Counter[UUID] = field(default_factory=Counter)
    """How often they asked to get a touchpoint later."""


class Outreach(RuleBasedStateMachine):
    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stage: Stage = self.run(set_stage(self.url, FRIDAY))
        self.stage.desk = replace(self.stage.desk, rules=OutreachRules(limits={STUDY: LIMITS}))
        self.clock = clock_of(self.stage)
        self.clock.__enter__()
        self.people: list[Known] = []
        self.checked = 0
        self.trouble = False

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        """What an earlier run left in the database is over."""
        self.run(
            self.stage.execute(
                "update touchpoints set status = 'cancelled' where status in ('planned', 'queued', 'expired', 'failed')"
            )
        )
        self.run(self.stage.execute("update messages set status = 'failed' where status in ('queued', 'sending')"))
        self.run(self.stage.execute("update enrolments set replan_at = null"))
        self.run(self.stage.execute("delete from providers"))
        for zone, channels in (("America/New_York", "sms email"), (None, "sms"), ("Pacific/Honolulu", "email")):
            self.meet(zone, channels)

    @rule(zone=st.sampled_from([*ZONES, None]), channels=st.sampled_from(["sms", "email", "sms email"]))
    @precondition(lambda self: len(self.people) < 5)
    def meets_somebody(self, zone: str | None, channels: str) -> None:
        self.meet(zone, channels)

    def meet(self, zone: str | None, channels: str) -> None:
        who = Known(id=self.run(self.stage.person(zone=zone, channels=channels)), zone=zone)
        self.people.append(who)
        self.tell(who, "kit_delivered", 0)

    @rule(who=st.integers(0, 3), kind=st.sampled_from(AFTER), hours_ago=st.sampled_from([0, 0, 5, 100]))
    def hears_of(self, who: int, kind: str, hours_ago: int) -> None:
        self.tell(self.person(who), kind, hours_ago)

    @rule(who=st.integers(0, 3), kind=st.sampled_from(["withdrawn", "consented"]))
    def leaves_or_comes_back(self, who: int, kind: str) -> None:
        self.tell(self.person(who), kind, 0)

    @rule(who=st.integers(0, 3), channels=st.sampled_from([None, ["sms"], ["email"]]))
    def says_stop(self, who: int, channels: list[str] | None) -> None:
        self.says_stop_or_start(who, channels, out=True)

    @rule(who=st.integers(0, 3), channels=st.sampled_from([None, ["sms"], ["email"]]))
    def says_start(self, who: int, channels: list[str] | None) -> None:
        self.says_stop_or_start(who, channels, out=False)

    def says_stop_or_start(self, who: int, channels: list[str] | None, *, out: bool) -> None:
        person = self.person(who)

        async def say() -> None:
            async with self.stage.database.begin() as connection:
                record = record_opt_out if out else record_opt_in
                await record(connection, person.id, at=self.stage.now, actor="participant", channels=channels)

        self.run(say())
        meant = set(channels or ("sms", "email"))
        person.silenced = person.silenced | meant if out else person.silenced - meant

    @rule(who=st.integers(0, 3), zone=st.sampled_from(ZONES))
    def travels(self, who: int, zone: str) -> None:
        person = self.person(who)

        async def move() -> None:
            async with self.stage.database.begin() as connection:
                await set_time_zone(connection, person.id, zone, now=self.stage.now)

        self.run(move())
        person.zone = zone

    @rule(who=st.integers(0, 3), hours=st.integers(1, 200))
    def puts_off(self, who: int, hours: int) -> None:
        person = self.person(who)

        async def put_off() -> None:
            async with self.stage.database.begin() as connection:
                until = self.stage.now + timedelta(hours=hours)
                await snooze(connection, person.id, until=until, at=self.stage.now)

        self.run(put_off())
        again = "select id from touchpoints where participant_id = %s and snoozed_at = %s"
        person.put_off.update(row["id"] for row in self.run(self.stage.rows(again, person.id, self.stage.now)))

    @rule(
        channel=st.sampled_from([ChannelName.SMS, ChannelName.EMAIL]),
        trouble=st.sampled_from(["", "down", "lost", "bad"]),
    )
    def provider_changes(self, channel: ChannelName, trouble: str) -> None:
        self.stage.providers[channel].trouble = trouble
        self.trouble = self.trouble or bool(trouble)

    @rule()
    @precondition(lambda self: self.checked)
    def turns_out_undelivered(self) -> None:
        got = self.stage.got[-1]
        failed = StatusUpdate(
            channel=ChannelName(got.channel),
            status=DeliveryStatus.FAILED,
            provider_id=f"P{got.id}",
            outbox_id=got.id,
            problem=SendProblem.BLOCKED,
        )
        self.run(record_status(self.stage.database, failed, at=self.stage.now))
        self.trouble = True

    @rule(hours=st.sampled_from([1, 23, 49]))
    def a_little_time_passes(self, hours: int) -> None:
        self.time_passes(hours)

    @rule(hours=st.sampled_from([90, 200, 700]))
    def time_passes(self, hours: int) -> None:
        self.run(self.stage.pass_time(hours=hours))
        self.check()

    @rule(hours=st.sampled_from([20, 70]))
    def time_passes_and_a_process_is_killed_while_it_sends(self, hours: int) -> None:
        for provider in self.stage.providers.values():
            provider.trouble = "crash"
        try:
            self.run(self.stage.pass_time(hours=hours))
        except KeyboardInterrupt:
            self.trouble = True
        for provider in self.stage.providers.values():
            provider.trouble = ""
        self.run(self.stage.work())
        self.check()

    @rule()
    def two_lead_at_once(self) -> None:
        async def both() -> None:
            await asyncio.gather(self.stage.work(), self.stage.work())

        self.run(both())
        self.check()

    def person(self, number: int) -> Known:
        return self.people[number % len(self.people)]

    def tell(self, who: Known, kind: str, hours_ago: int) -> None:
        ago = timedelta(hours=hours_ago)
        self.run(self.stage.event(who.id, kind, ago=ago))
        who.events.append(Event(kind=kind, at=self.stage.now - ago))

    def check(self) -> None:
        """Each message that a provider got since the last look, against what this test did up to then."""
        fresh = self.stage.got[self.checked :]
        assert len({got.id for got in self.stage.got}) == len(self.stage.got), "duplicate"
        for got in fresh:
            self.check_one(got)
        self.checked = len(self.stage.got)

    def check_one(self, got: Got) -> None:
        (row,) = self.run(
            self.stage.rows(
                "select m.participant_id, m.expires_at, t.awaits, t.since, t.item, t.id from messages m"
                " join touchpoints t on t.id = m.touchpoint_id where m.id = %s",
                got.id,
            )
        )
        who = next(person for person in self.people if person.id == row["participant_id"])
        for zone in [who.zone] if who.zone else PLAN.limits.zones:
            assert time(8) <= got.at.astimezone(ZoneInfo(zone)).time() < time(21), ("quiet hours", zone, got)
        assert got.channel not in who.silenced, "after an opt-out"
        assert got.at < row["expires_at"], "after its expiry"
        assert stage_after(who.events) != "withdrawn", "after leaving"
        assert not [
            event for event in who.events if event.kind in row["awaits"] and row["since"] <= event.at <= got.at
        ], ("after what it awaited", row["item"])
        # What they asked to get again is no burden on itself, and comes again only as often as they asked.
        before = [one for one in who.got if who.touchpoints[one.id] == row["id"] and self.counted(one)]
        assert len(before) <= who.put_off[row["id"]], ("sent again unasked", row["item"])
        for length, most in CAPS:
            lately = [one for one in who.got if one.at > got.at - length and self.counted(one) and one not in before]
            assert len(lately) < most, ("cap", length)
        who.got.append(got)
        who.touchpoints[got.id] = row["id"]

    def counted(self, got: Got) -> bool:
        """What did not arrive after all was no burden."""
        (row,) = self.run(self.stage.rows("select status from messages where id = %s", got.id))
        return bool(row["status"] != "failed")

    def teardown(self) -> None:
        try:
            for provider in self.stage.providers.values():
                provider.trouble = ""
            self.run(self.stage.pass_time(hours=200))
            self.check()
            self.check_nothing_is_lost()
        finally:
            self.clock.__exit__(None, None, None)
            self.run(self.stage.close())
            self.runner.close()

    def check_nothing_is_lost(self) -> None:
        late = "select count(*) n from touchpoints where status = 'planned' and due_at < %s"
        assert self.run(self.stage.rows(late, self.stage.now))[0]["n"] == 0
        stranded = (
            "select t.item, t.occurrence from touchpoints t where t.status = 'queued' and not exists"
            " (select from messages m where m.touchpoint_id = t.id and m.status in ('queued', 'sending'))"
        )
        assert self.run(self.stage.rows(stranded)) == []
        unsent = (
            "select t.item from touchpoints t where t.status = 'sent' and not exists"
            " (select from messages m where m.touchpoint_id = t.id and m.status in ('sent', 'delivered', 'unknown'))"
        )
        assert self.run(self.stage.rows(unsent)) == []
        if not self.trouble:
            # Nobody was away and nothing failed: what expired had to wait, and the reason is on record.
            unexplained = "select item from touchpoints where status in ('expired', 'failed') and reason = 'expired'"
            assert self.run(self.stage.rows(unexplained)) == []


def test_whatever_happens(postgres: Postgres) -> None:
    with postgres.fresh() as url:
        Outreach.url = url
        run_state_machine_as_test(
            Outreach,
            settings=settings(
                max_examples=15,
                stateful_step_count=24,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
            ),
        )
