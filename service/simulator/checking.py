"""The independent checker: what the providers received against what is true of the people and what the plan says. Pure.

It shares no code with planner, gate or outbox, so that a fault of theirs shows here.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.simulator.life import Life, Received
from service.simulator.reading import Rules, Window, is_quiet, windows
from service.simulator.wordings import Wordings

KINDS = ("duplicate", "quiet_hours", "opted_out", "no_permission", "expired", "after_event", "cap", "lost")
REPLY_WITHIN = timedelta(minutes=15)
"""What comes so soon after somebody wrote is an answer to them."""
AMPLE = timedelta(hours=3)
"""So long a stretch in which nothing stood in the way is enough to send: who sent nothing has lost it."""
_STEP = timedelta(minutes=30)
TAKEN = ("taken", "undelivered", "nothing")
"""What a provider has got."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What went wrong, for whom (their place among the people), when; `item`: the content key."""

    kind: str
    person: int
    at: datetime
    item: str


def check(
    lives: Sequence[Life],
    received: Sequence[Received],
    rules: Rules,
    wordings: Wordings,
    *,
    ends: datetime,
    outages: Sequence[tuple[str, datetime, datetime]] = (),
    shown: Sequence[Received] = (),
) -> list[Violation]:
    """Everything that should not have been sent, and everything that should have been and was not.

    `ends`: when the simulation ended; `outages`: channel, from, to: when a provider took nothing; `shown`: what a visit to the web
    chat has shown, when it did.
    """
    owners = {address: number for number, life in enumerate(lives) for address in life.addresses}
    by_person: dict[int, list[Received]] = defaultdict(list)
    read_by: dict[int, list[Received]] = defaultdict(list)
    for ones, whose in ((received, by_person), (shown, read_by)):
        for one in ones:
            whose[owners[one.address]].append(one)
    found: list[Violation] = []
    for number, life in enumerate(lives):
        found += _Person(number, life, by_person[number], read_by[number], rules, wordings, ends, outages).judge()
    return found


def count(violations: Sequence[Violation]) -> dict[str, int]:
    """How many of each kind, those of which there were none included."""
    counted = Counter(violation.kind for violation in violations)
    return {kind: counted[kind] for kind in KINDS}


class _Person:
    """The judgement of one person's messages."""

    def __init__(
        self,
        number: int,
        life: Life,
        received: Sequence[Received],
        shown: Sequence[Received],
        rules: Rules,
        wordings: Wordings,
        ends: datetime,
        outages: Sequence[tuple[str, datetime, datetime]],
    ) -> None:
        self.number, self.life, self.rules, self.ends, self.outages = number, life, rules, ends, outages
        # A refused request is no send; whether a lost one arrived, nobody could know: it counts as sent.
        taken = [(one, wordings.key_of(one.text)) for one in received if one.answered != "refused"]
        self.handed = [(one, key) for one, key in taken if key is not None]
        self.sent = [(one, key) for one, key in self.handed if one.answered != "died"]
        self.other = [one for one, key in taken if key is None and one.answered != "died"]
        self.shown = [(one, key) for one in shown if (key := wordings.key_of(one.text)) is not None]
        self.found: list[Violation] = []

    def judge(self) -> list[Violation]:
        for one in self.other:
            if not self._answers(one.at):
                self._wrong("no_permission", one.at, "what is in no plan")
        for one, key in self.sent:
            self._judge_one(one, key)
        for one, key in self.shown:
            self._judge_leave(one, key)
        self._judge_caps()
        self._judge_windows()
        return self.found

    def _wrong(self, kind: str, at: datetime, item: str) -> None:
        self.found.append(Violation(kind=kind, person=self.number, at=at, item=item))

    def _answers(self, at: datetime) -> bool:
        return any(wrote <= at <= wrote + REPLY_WITHIN for wrote, _ in self.life.wrote)

    def _zones(self, at: datetime) -> list[str]:
        own = self.life.zone(at)
        # The numbers of people of unknown whereabouts are Washington's.
        return [own] if own is not None else [*self.rules.zones, "America/New_York"]

    def _judge_one(self, one: Received, key: str) -> None:
        self._judge_leave(one, key)
        if is_quiet(self.rules, self._zones(one.at), one.at):
            self._wrong("quiet_hours", one.at, key)

    def _judge_leave(self, one: Received, key: str) -> None:
        """Whether they allowed it then."""
        if self.life.stopped.holds(one.at):
            self._wrong("opted_out", one.at, key)
        if not self.life.permitted.holds(one.at) or self._withdrawn(one.at):
            self._wrong("no_permission", one.at, key)

    def _withdrawn(self, at: datetime) -> bool:
        return any(event.kind == "withdrawn" and event.known_at < at for event in self.life.events)

    def _judge_caps(self) -> None:
        purposes = {rule.says: rule.purpose for rule in self.rules.items}
        reached = [(one.at, key) for one, key in self.sent if one.arrived or one.answered != "undelivered"]
        for days, most, purpose in self.rules.caps:
            times = sorted(at for at, key in reached if not purpose or purposes[key] == purpose)
            for last in range(most, len(times)):
                if times[last] - times[last - most] < timedelta(days=days):
                    self._wrong("cap", times[last], f"{most} in {days} days")

    def _judge_windows(self) -> None:
        """Each send belongs to a window of its item, each window has one send that arrived, or a reason."""
        handed: dict[str, list[datetime]] = defaultdict(list)
        sends: dict[str, list[Received]] = defaultdict(list)
        for one, key in self.handed:
            sends[key].append(one)
        for rule in self.rules.items:
            for one in sends[rule.says]:
                handed[rule.name].append(one.at)
        zones = {zone or self.rules.zones[0] for _, zone in self.life.zones}
        every: dict[str, list[Window]] = defaultdict(list)
        for rule in self.rules.items:
            for zone in sorted(zones):
                every[rule.says] += windows(rule, self.life, handed, zone, self.ends)
        for key in {key for _, key in self.shown}:
            self._judge_sends(key, [one for one, said in self.shown if said == key], every[key])
        for key, ones in sends.items():
            self._judge_sends(key, [one for one in ones if one.answered != "died"], every[key])
        if len(zones) == 1:
            for key, expected in every.items():
                for window in expected:
                    self._judge_window(window, sends[key])

    def _judge_sends(self, key: str, ones: Sequence[Received], expected: Sequence[Window]) -> None:
        used: set[tuple[str, datetime]] = set()
        for one in sorted(ones, key=lambda each: each.at):
            fitting = [window for window in expected if window.due <= one.at < window.expires]
            if not fitting:
                self._wrong("expired", one.at, key)
                continue
            wanted = [window for window in fitting if not self._over(window, one.at)]
            if not wanted:
                self._wrong("after_event", one.at, key)
                continue
            free = [window for window in wanted if (window.rule.name, window.due) not in used]
            if not free:
                self._wrong("duplicate", one.at, key)
            elif one.answered != "undelivered":
                # The windows of one occurrence in several zones are one: all within a day.
                first = free[0]
                used |= {
                    (window.rule.name, window.due)
                    for window in wanted
                    if window.rule is first.rule and abs(window.due - first.due) < timedelta(hours=26)
                }

    def _over(self, window: Window, at: datetime) -> bool:
        """Whether what it waits for had happened, and could be known, before `at`."""
        return any(
            event.kind in window.rule.unless and event.at >= window.since and event.known_at < at
            for event in self.life.events
        )

    def _judge_window(self, window: Window, sends: Sequence[Received]) -> None:
        if window.expires > self.ends or any(window.due <= one.at < window.expires for one in sends):
            return
        free = timedelta()
        step = max(window.due, window.known)
        # A no at its hour is for good: who starts again is not sent what was due while they wanted nothing.
        if self.life.stopped.holds(step) or not self.life.permitted.holds(step):
            return
        while step < window.expires:
            free = free + _STEP if self._could_go(window, step) else timedelta()
            if free >= AMPLE:
                self._wrong("lost", step, window.rule.says)
                return
            step += _STEP

    def _could_go(self, window: Window, at: datetime) -> bool:
        life = self.life
        open_channels = [
            channel
            for channel in life.channels
            if (channel in window.rule.channels or ("preferred" in window.rule.channels and channel != "webchat"))
            and not (channel in life.broken and life.broken[channel] <= at)
            and not any(name == channel and start <= at < end for name, start, end in self.outages)
        ]
        return (
            bool(open_channels)
            and not life.stopped.holds(at)
            and life.permitted.holds(at)
            and not self._withdrawn(at)
            and not self._over(window, at)
            and not any(
                event.kind in window.rule.unless and event.at <= at for event in life.events if event.at >= window.since
            )
            and not is_quiet(self.rules, self._zones(at), at)
            and not self._full(window.rule.purpose, at)
        )

    def _full(self, purpose: str, at: datetime) -> bool:
        purposes = {rule.says: rule.purpose for rule in self.rules.items}
        for days, most, capped in self.rules.caps:
            if capped in ("", purpose):
                near = [
                    one.at
                    for one, key in self.handed
                    if at - timedelta(days=days, minutes=2) < one.at <= at + _STEP
                    and (not capped or purposes[key] == capped)
                ]
                if len(near) >= most:
                    return True
        return False


def weeks_of(received: Sequence[Received], *, begins: datetime) -> Mapping[int, int]:
    """Week of the simulation (from 0) → how many requests providers took."""
    return Counter((one.at - begins).days // 7 for one in received if one.answered in TAKEN)


def local_hours(lives: Sequence[Life], received: Sequence[Received]) -> Mapping[int, int]:
    """Hour of the day where they live → how many messages; of those whose zone is known."""
    owners = {address: life for life in lives for address in life.addresses}
    hours: Counter[int] = Counter()
    for one in received:
        zone = owners[one.address].zone(one.at)
        if zone is not None and one.answered in TAKEN:
            hours[one.at.astimezone(ZoneInfo(zone)).hour] += 1
    return hours
