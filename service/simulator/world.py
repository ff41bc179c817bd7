"""The world of a simulation: a clock that jumps to whatever is next, people who live by it, and the service's own ticks.

Between two jumps everything that is due is done, as the ticks and workers of a process would; now and then the process dies in
the middle of it and starts again.
"""

import heapq
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy import update

from conversation.deliver import deliver, deliver_outreach, settle_abandoned
from conversation.intake import accept
from conversation.messages import ChannelName, DeliveryStatus, InboundMessage, SendProblem, StatusUpdate
from conversation.screening import screen
from conversation.status import record_status
from conversation.unseen import expire_unseen
from engagement.journeys import record_event, set_time_zone
from engagement.participants import add_contact, add_participant
from engagement.permissions import Cause, record_permission
from scheduler.planning import plan_due
from scheduler.sending import Desk, queue_due
from service.simulator.chats import CHANNEL, Chats
from service.simulator.faults import LATE, FakeProvider, Faults, Killed, MortalDatabase
from service.simulator.life import Happened, Life
from service.simulator.people import ZONES, Manner
from service.simulator.queues import read_dues, read_sending
from service.simulator.wordings import Wordings
from storage.tables import conversations

log = logging.getLogger(__name__)

MONTH = timedelta(days=30)
_DEATHS_AT_ONCE = 50


@dataclass
class Tally:
    """What the people asked of coordinators: the instants of questions that need a person."""

    questions: list[datetime] = field(default_factory=list)
    deaths: int = 0
    steps: int = 0


class World:
    """One simulation. `run` plays it from `begins` to `ends`."""

    def __init__(
        self,
        desk: Desk,
        database: MortalDatabase,
        people: list[tuple[Life, Manner]],
        *,
        study: str,
        begins: datetime,
        ends: datetime,
        faults: Faults,
        wordings: Wordings,
        seed: int,
    ) -> None:
        self.now, self.begins, self.ends = begins, begins, ends
        self.lives = [life for life, _ in people]
        self.tally = Tally()
        by_address = {address: life for life in self.lives for address in life.addresses}
        self._dice = random.Random(f"world {seed}")
        self.providers = {
            name: FakeProvider(name, by_address, database, faults, random.Random(f"{name} {seed}"))
            for name in (ChannelName.SMS, ChannelName.EMAIL)
        }
        self.chats = Chats(database, desk.rules)
        self._desk, self._database, self._study, self._wordings = desk, database, study, wordings
        self._manners = {life.number: manner for life, manner in people}
        self._whose = by_address
        self._ids: dict[str, UUID] = {}
        self._names = count()
        self._dues: tuple[int, Mapping[str, datetime | None]] | None = None
        self._agenda: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = []
        for life, manner in people:
            self._later(life.since, self._joins(life, manner))
        self._plan_outages()

    async def run(self, progress: Callable[[datetime], None]) -> None:
        month = 0
        while (following := await self._next_instant()) is not None and following <= self.ends:
            self.now = max(self.now, following)
            self.tally.steps += 1
            if self._agenda and self._agenda[0][0] <= self.now:
                while self._agenda and self._agenda[0][0] <= self.now:
                    await heapq.heappop(self._agenda)[2]()
            else:
                await self._work_through_deaths()
                await self.chats.look(at=self.now)
                self._hear_providers()
            if (self.now - self.begins) // MONTH > month:
                month = (self.now - self.begins) // MONTH
                progress(self.now)

    def _later(self, at: datetime, what: Callable[[], Awaitable[None]]) -> None:
        heapq.heappush(self._agenda, (at, next(self._names), what))

    def _plan_outages(self) -> None:
        """Now and then a provider takes nothing for some hours."""
        for provider in self.providers.values():
            at = self.begins
            while (at := at + timedelta(days=self._dice.uniform(20, 90))) < self.ends:
                provider.outages.append((at, at + timedelta(hours=self._dice.uniform(0.2, 6))))

    # The service's side

    async def _next_instant(self) -> datetime | None:
        dues = [*(await self._due()).values(), *([self._agenda[0][0]] if self._agenda else [])]
        return min((due for due in dues if due is not None), default=None)

    async def _due(self) -> Mapping[str, datetime | None]:
        """What is due and when, read again where the database was used since: most steps of the people ask nothing of it."""
        if self._dues is None or self._dues[0] != self._database.uses:
            dues = await read_dues(self._database)
            self._dues = self._database.uses, dues
        return self._dues[1]

    async def _work_through_deaths(self) -> None:
        """All that is due, in however many lives of the process it takes."""
        for _ in range(_DEATHS_AT_ONCE):
            try:
                self._database.mortal = True
                await self._work()
                return
            except Killed:
                self.tally.deaths += 1
                self._database.mortal = False
                await self._look_at_the_dead()
            finally:
                self._database.mortal = False
        raise RuntimeError("a process that dies every time gets nothing done")

    async def _look_at_the_dead(self) -> None:
        """What it was about to hand to a provider: nobody else can know that no request was made."""
        self.chats.died()
        for message, channel, to, text in await read_sending(self._database):
            self.providers[ChannelName(channel)].died_with(message, to, text)

    async def _work(self) -> None:
        """One round of all that is due; what it leaves is due still, and has the next step."""
        due = {name for name, at in (await self._due()).items() if at is not None and at <= self.now}
        if "settle" in due:
            await settle_abandoned(self._database, at=self.now)
        if "unseen" in due:
            await expire_unseen(self._database, at=self.now)
        if "plan" in due:
            await plan_due(self._database, self._desk.plans, at=self.now)
        if "queue" in due:
            await queue_due(self._desk, at=self.now)
        if "deliver" in due:
            await deliver(self._database, self.providers, {})  # replies
        if due & {"queue", "deliver"}:
            await deliver_outreach(self._database, self.providers, {}, self._desk.rules)

    def _hear_providers(self) -> None:
        """What was taken is called back, sooner or later, perhaps twice; who got something may do something."""
        for provider in self.providers.values():
            fresh, provider.fresh = provider.fresh, []
            for message, one, name in fresh:
                status = DeliveryStatus.DELIVERED if one.arrived else DeliveryStatus.FAILED
                if one.answered != "nothing" or one.arrived:
                    for _ in range(self._dice.choice([1, 1, 2])):
                        late = self._dice.choice(LATE)
                        self._later(
                            self.now + late,
                            self._called_back(provider.channel, message.id, name, status),
                        )
                if one.arrived and self._wordings.key_of(one.text) is not None:
                    self._react(self._whose[one.address], one.channel)

    def _called_back(
        self, channel: ChannelName, message: UUID, name: str, status: DeliveryStatus
    ) -> Callable[[], Awaitable[None]]:
        async def call() -> None:
            change = StatusUpdate(
                channel=channel,
                status=status,
                provider_id=name,
                outbox_id=message,
                code="30003" if status is DeliveryStatus.FAILED else "",
                problem=SendProblem.REJECTED if status is DeliveryStatus.FAILED else None,
            )
            await record_status(self._database, change, at=self.now)

        return call

    # The people's side

    def _joins(self, life: Life, manner: Manner) -> Callable[[], Awaitable[None]]:
        async def join() -> None:
            async with self._database.begin() as connection:
                who = await add_participant(connection, language=life.language, study_slug=self._study, at=self.now)
                for channel in life.channels:
                    address = life.address(channel)
                    await add_contact(connection, self._database.keyring, who, channel, address, verified_at=self.now)
                first = update(conversations).where(conversations.c.participant_id == who)
                await connection.execute(first.values(channel=life.channels[0]))
            self._ids[life.number] = who
            if life.web:
                self.chats.whose[who] = life
                self._later(self._next_visit(manner), self._visits(life, manner))
            if (zone := life.zone(self.now)) is not None:
                async with self._database.begin() as connection:
                    await set_time_zone(connection, who, zone, now=self.now)
            self._course(life, manner)
            self._later(self.now + MONTH, self._a_month(life, manner))

        return join

    def _course(self, life: Life, manner: Manner) -> None:
        """The way through the study, as couriers, laboratories and sites report it: mostly at once, sometimes days late."""
        at = life.since
        for kind, low, high, chance in (
            ("prescreened", 0, 3, 0.9),
            ("consented", 1, 10, 0.9),
            ("kit_ordered", 0, 2, 1.0),
            ("kit_delivered", 3, 8, 0.98),
            ("sample_returned", 2, 30, manner.answers + 0.15),
            ("in_laboratory", 1, 4, 1.0),
            ("result", 28, 70, 0.97),
            ("confirmed_eligible", 2, 14, 0.6),
            ("referred", 1, 7, 0.95),
            ("enrolled", 3, 30, 0.8),
            ("completed", 300, 500, 0.7),
        ):
            if self._dice.random() > chance:
                return
            at += timedelta(minutes=int(1440 * self._dice.uniform(low, high)))
            late = (
                timedelta(minutes=int(1440 * self._dice.uniform(0, 6))) if self._dice.random() < 0.15 else timedelta()
            )
            self._later(at + late, self._happens(life, kind, at))

    def _happens(self, life: Life, kind: str, at: datetime) -> Callable[[], Awaitable[None]]:
        async def report() -> None:
            key = f"{life.number} {kind} {at.isoformat()}"
            for _ in range(self._dice.choice([1, 1, 1, 2])):  # some report twice
                async with self._database.begin() as connection:
                    recorded = await record_event(
                        connection,
                        self._ids[life.number],
                        self._study,
                        kind,
                        at=at,
                        now=self.now,
                        source="simulation",
                        key=key,
                    )
                if recorded.new:
                    life.events.append(Happened(kind=kind, at=at, known_at=self.now))
                    await self._taking_part(life, kind)

        return report

    async def _taking_part(self, life: Life, kind: str) -> None:
        """Whoever takes a step in the study allows what taking part needs; whoever leaves allows nothing."""
        if kind == "withdrawn":
            life.permitted.end(self.now)
        elif not life.permitted.parts and kind != "check_in_completed":
            life.permitted.begin(self.now)

    def _a_month(self, life: Life, manner: Manner) -> Callable[[], Awaitable[None]]:
        """What may happen to anybody in a month."""

        async def month() -> None:
            dice, who = self._dice, self._ids[life.number]
            self._later(self.now + MONTH, self._a_month(life, manner))
            if life.zone(self.now) is not None and dice.random() < manner.moves:
                zone = dice.choice(ZONES)
                async with self._database.begin() as connection:
                    await set_time_zone(connection, who, zone, now=self.now)
                life.zones.append((self.now, zone))
            if dice.random() < manner.breaks:
                life.broken.setdefault("sms", self.now)
            if dice.random() < manner.withdraws and not any(one.kind == "withdrawn" for one in life.events):
                await self._happens(life, "withdrawn", self.now)()
            if dice.random() < manner.revokes and life.permitted.holds(self.now):
                async with self._database.begin() as connection:
                    await record_permission(
                        connection,
                        who,
                        kind="withdrawn",
                        purpose="study_contact",
                        study=self._study,
                        at=self.now,
                        cause=Cause(actor="participant", said_on="webchat"),
                    )
                life.permitted.end(self.now)

        return month

    def _next_visit(self, manner: Manner) -> datetime:
        return self.now + timedelta(minutes=1 + int(1440 * self._dice.expovariate(1 / manner.days_between_visits)))

    def _visits(self, life: Life, manner: Manner) -> Callable[[], Awaitable[None]]:
        """They look into the web chat, at any hour, and may do something about what is new there."""

        async def visit() -> None:
            self._later(self._next_visit(manner), self._visits(life, manner))
            for text in await self.chats.visit(self._ids[life.number], life, at=self.now):
                if self._wordings.key_of(text) is not None:
                    self._react(life, CHANNEL)

        return visit

    def _react(self, life: Life, channel: str) -> None:
        """What somebody does about a message, after as long as they take."""
        dice, manner = self._dice, self._manners[life.number]
        after = self.now + timedelta(minutes=1 + int(1440 * dice.expovariate(1 / manner.days_to_answer)))
        if dice.random() < manner.stops and not life.stopped.holds(self.now):
            self._later(after, self._writes(life, channel, "STOP"))
            if dice.random() < manner.starts_again:
                self._later(after + timedelta(days=dice.uniform(1, 60)), self._writes(life, channel, "START"))
            return
        if dice.random() < manner.asks:
            self.tally.questions.append(after)
        if dice.random() < manner.writes_by_mail and not life.web:
            self._later(after, self._prefers(life, "email" if channel == "sms" else "sms"))
        if dice.random() < manner.answers and any(one.kind == "enrolled" for one in life.events):
            self._later(after, self._answers_check_in(life))

    def _answers_check_in(self, life: Life) -> Callable[[], Awaitable[None]]:
        async def answer() -> None:
            await self._happens(life, "check_in_completed", self.now)()

        return answer

    def _writes(self, life: Life, channel: str, text: str) -> Callable[[], Awaitable[None]]:
        """By way of the real intake and screening: STOP and START are the service's own to understand."""

        async def write() -> None:
            who = self._ids[life.number]
            pack = self._desk.house.pack(self._study)
            ours = {
                "sms": pack.sms.numbers[0],
                "email": f"{pack.email.local_parts[0]}@{self._desk.mail_domain}",
                "webchat": pack.sites[0].token,
            }
            await accept(
                self._database,
                InboundMessage(
                    channel=ChannelName(channel),
                    provider_id=f"in{next(self._names)}",
                    sender=life.address(channel),
                    recipient=ours[channel],
                    text=text,
                    received_at=self.now,
                    participant_id=who if channel == "email" else None,
                ),
            )
            while await screen(self._database, self._desk.house, self._desk.outbox, at=self.now):
                pass
            life.wrote.append((self.now, channel))
            self.chats.wrote(who)
            if text == "STOP":
                life.stopped.begin(self.now)
            else:
                life.stopped.end(self.now)

        return write

    def _prefers(self, life: Life, channel: str) -> Callable[[], Awaitable[None]]:
        """Where they write is where they are written to (the dialogue, which is not simulated, keeps that)."""

        async def prefer() -> None:
            life.wrote.append((self.now, channel))
            async with self._database.begin() as connection:
                await connection.execute(
                    update(conversations)
                    .where(conversations.c.participant_id == self._ids[life.number])
                    .values(channel=channel)
                )

        return prefer

    @property
    def outages(self) -> list[tuple[str, datetime, datetime]]:
        """Channel, from, to."""
        return [(name.value, *each) for name, provider in self.providers.items() for each in provider.outages]

    def addresses(self) -> Mapping[str, Life]:
        return self._whose
