"""A small world for outreach: people, a clock that is set by hand, providers that take or refuse what they are told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from conversation.content import Registry
from conversation.deliver import deliver, deliver_outreach, settle_abandoned
from conversation.errors import FateUnknown, SendFailed
from conversation.messages import Accepted, ChannelName, OutboundMessage, SendProblem
from conversation.outbox import Outbox
from conversation.turn import House
from engagement import clock
from engagement.journeys import record_event
from engagement.participants import add_contact, add_participant
from engagement.studies import load_packs, placeholders
from scheduler.planning import plan_due
from scheduler.sending import Desk, queue_due
from service.house import fit_sms
from service.plans import outreach_rules, read_plans
from service.settings import ROOT, Settings
from storage.database import Database
from tests.harness.postgres import KEYRING

STUDY = "parkinson-lrrk2-gba1"
PACKS = load_packs(ROOT / "studies")
PLANS = read_plans(PACKS)
RULES = outreach_rules(Settings(), PLANS, PACKS)
_NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Got:
    """One message as a provider got it."""

    at: datetime
    channel: str
    to: str
    id: UUID
    text: str


@dataclass
class Provider:
    """Takes every message, or does what `trouble` says: "down", "lost" (taken, no answer), "bad", "crash"."""

    channel: str
    stage: "Stage"
    trouble: str = ""

    async def send(self, message: OutboundMessage) -> Accepted:
        if self.trouble == "down":
            raise SendFailed(problem=SendProblem.RETRY, code="503")
        if self.trouble == "bad":
            raise SendFailed(problem=SendProblem.BAD_CONTACT, code="21211")
        self.stage.got.append(
            Got(at=self.stage.now, channel=self.channel, to=message.to, id=message.id, text=message.text)
        )
        if self.trouble == "lost":
            raise FateUnknown
        if self.trouble == "crash":
            raise KeyboardInterrupt
        return Accepted(provider_id=f"P{message.id}")


@dataclass
class Stage:
    """Everything outreach runs on, its clock set to `now`."""

    database: Database
    desk: Desk
    now: datetime
    got: list[Got] = field(default_factory=list)
    providers: dict[ChannelName, Provider] = field(default_factory=dict)
    _open: psycopg.AsyncConnection[Any] | None = None

    async def person(self, *, zone: str | None = "America/New_York", channels: str = "sms email", **more: Any) -> UUID:
        async with self.database.begin() as connection:
            who = await add_participant(connection, language="en", study_slug=STUDY, at=self.now, **more)
            for channel in channels.split():
                value = f"+1202555{next(_NUMBERS):04d}" if channel == "sms" else f"p{next(_NUMBERS)}@example.org"
                await add_contact(connection, KEYRING, who, channel, value, verified_at=self.now)
        await self.execute("update participants set time_zone = %s where id = %s", zone, who)
        return who

    async def event(self, who: UUID, kind: str, *, ago: timedelta = timedelta(), key: str = "") -> None:
        async with self.database.begin() as connection:
            await record_event(
                connection, who, STUDY, kind, at=self.now - ago, now=self.now, source="test", key=key or str(uuid4())
            )

    async def plan(self) -> None:
        while await plan_due(self.database, self.desk.plans, at=self.now):
            pass

    async def work(self) -> None:
        """All that is to be done at this moment, as a leading process does it."""
        await settle_abandoned(self.database, at=self.now)
        await self.plan()
        while await queue_due(self.desk, at=self.now):
            pass
        await self.deliver()

    async def deliver(self) -> None:
        while await deliver(self.database, self.providers, {}):
            pass
        before = -1
        while before != (before := await self.waiting()):
            while await deliver_outreach(self.database, self.providers, {}, self.desk.rules):
                pass

    async def waiting(self) -> int:
        rows = await self.rows(
            "select count(*) n from messages where status = 'queued' and available_at <= %s", self.now
        )
        return int(rows[0]["n"])

    async def pass_time(self, **span: float) -> None:
        """Time goes by, from one moment at which something is due to the next."""
        end = self.now + timedelta(**span)
        while True:
            due = await self._next_due()
            if due is None or due > end:
                break
            # What is due now and was not dealt with (a provider is down) is due again a little later.
            self.now = min(due if due > self.now else self.now + timedelta(seconds=30), end)
            await self.work()
            if self.now == end:
                break
        self.now = end

    async def _next_due(self) -> datetime | None:
        rows = await self.rows(
            "select min(at) as at from ("
            "select min(due_at) from touchpoints where status = 'planned'"
            " union all select min(replan_at) from enrolments"
            " union all select min(available_at) from messages where status = 'queued'"
            " union all select min(handled_at) + interval '61 seconds' from messages where status = 'sending') as s (at)"
        )
        found: datetime | None = rows[0]["at"]
        return found

    async def rows(self, query: str, *values: Any, **named: Any) -> list[dict[str, Any]]:
        async with (await self._connection()).cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query.encode(), named or values)
            return await cursor.fetchall()

    async def execute(self, query: str, *values: Any) -> None:
        await (await self._connection()).execute(query.encode(), values)

    async def _connection(self) -> psycopg.AsyncConnection[Any]:
        if self._open is None:
            self._open = await psycopg.AsyncConnection.connect(self.database.dsn, autocommit=True)
        return self._open

    async def close(self) -> None:
        if self._open is not None:
            await self._open.close()
        await self.database.close()

    async def touchpoints(self, who: UUID | None = None) -> list[tuple[str, str, str | None]]:
        """(item and occurrence, status, reason), in order of time."""
        rows = await self.rows(
            "select item || ' ' || occurrence as name, status, reason from touchpoints"
            " where %(who)s::uuid is null or participant_id = %(who)s order by due_at, id",
            who=who,
        )
        return [(row["name"], row["status"], row["reason"]) for row in rows]


async def set_stage(url: str, now: datetime) -> Stage:
    """A stage on a fresh database; close its database in the end."""
    database = Database(url, KEYRING, pool_size=8)
    registry = Registry(
        approved_only=False,
        facts={(slug, spoken): placeholders(pack, spoken) for slug, pack in PACKS.items() for spoken in pack.languages},
    )
    async with database.begin() as connection:
        await registry.load(connection, at=clock.now())
    house = House(
        packs=PACKS,
        instruments={},
        consents={},
        default_study=STUDY,
        registry=registry,
        keyring=KEYRING,
        languages=("en", "es"),
        document_link=lambda *_: "",
    )
    outbox = Outbox(registry, KEYRING, fits={"sms": fit_sms}, link=lambda _: "https://example.org")
    desk = Desk(
        database=database, house=house, outbox=outbox, plans=PLANS, rules=RULES, fills={}, mail_domain="example.org"
    )
    stage = Stage(database=database, desk=desk, now=now)
    stage.providers = {name: Provider(channel=name.value, stage=stage) for name in (ChannelName.SMS, ChannelName.EMAIL)}
    return stage


@contextmanager
def clock_of(stage: Stage) -> Iterator[None]:
    """`clock.now` tells the stage's time."""
    real = clock.now
    clock.now = lambda: stage.now
    try:
        yield
    finally:
        clock.now = real
