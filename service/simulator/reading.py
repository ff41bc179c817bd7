"""The checker's own reading of plans.yml: when each item is due for somebody. Written apart from the planner, on purpose.

It walks the clock minute by minute where the planner computes, and knows nothing of touchpoints, rows or the outbox.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from service.simulator.life import Life

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One item of a plan, as it is written."""

    name: str
    says: str
    after: str
    follows: str
    delay: str
    at: time | None
    every: str
    times: int | None
    window: str
    expires: str
    unless: tuple[str, ...]
    channels: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A plan. Hours as minutes since midnight; `caps`: (days, most, purpose or "")."""

    items: tuple[Rule, ...]
    quiet_from: int
    quiet_to: int
    zones: tuple[str, ...]
    caps: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, kw_only=True)
class Window:
    """When an item should reach somebody: from `due` until before `expires`; from `known` on we could know that it is due."""

    rule: Rule
    due: datetime
    expires: datetime
    known: datetime
    since: datetime


def read_rules(file: Path) -> Rules:
    """The plan in `file`, but for what hangs on dates that were set (appointments), which the simulation has none of."""
    plan = yaml.safe_load(file.read_text(encoding="utf-8"))
    limits, awaits = plan["limits"], plan.get("awaits", {})
    caps = [(days, limits["caps"][name], "") for name, days in _DAYS.items() if name in limits["caps"]]
    for purpose, mosts in limits["caps"].get("purposes", {}).items():
        caps += [(_DAYS[name], most, purpose) for name, most in mosts.items()]
    return Rules(
        items=tuple(_rule(name, said, awaits) for name, said in plan["touchpoints"].items() if "before" not in said),
        quiet_from=_minutes(limits["quiet"]["from"]),
        quiet_to=_minutes(limits["quiet"]["to"]),
        zones=tuple(limits["zones"]),
        caps=tuple(caps),
    )


_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def _rule(name: str, said: Mapping[str, Any], awaits: Mapping[str, str]) -> Rule:
    awaited = awaits.get(said.get("after", ""))
    unless = said.get("unless", [awaited] if awaited else [])
    return Rule(
        name=name,
        says=said["says"],
        after=said.get("after", ""),
        follows=said.get("follows", ""),
        delay=said["in"],
        at=time.fromisoformat(said["at"]) if "at" in said else None,
        every=said.get("every", ""),
        times=said.get("times"),
        window=said.get("window", ""),
        expires=said["expires"],
        unless=tuple(unless),
        channels=tuple(said["channels"]),
        purpose=said.get("purpose", "study_contact"),
    )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def is_quiet(rules: Rules, zones: Sequence[str], at: datetime) -> bool:
    """Whether a clock of one of these zones shows quiet hours."""
    return any(_quiet_there(rules, at.astimezone(ZoneInfo(zone))) for zone in zones)


def _quiet_there(rules: Rules, there: datetime) -> bool:
    minute = there.hour * 60 + there.minute
    if rules.quiet_from > rules.quiet_to:
        return minute >= rules.quiet_from or minute < rules.quiet_to
    return rules.quiet_from <= minute < rules.quiet_to


def windows(
    rule: Rule, life: Life, sent: Mapping[str, Sequence[datetime]], zone: str, until: datetime
) -> Iterator[Window]:
    """Every window of an item for somebody who lives in `zone`, up to `until`.

    `sent`: item → when it was handed to a provider, for items that follow it.
    """
    for anchor, known in _anchors(rule, life, sent):
        number = 0
        while rule.times is None or number < rule.times:
            due = _later(anchor, rule.delay, zone, rule.at)
            if number:
                due = _later(due, _times(rule.every, number), zone, rule.at)
            if due > until or (rule.window and due > _later(anchor, rule.window, zone, None)):
                break
            yield Window(rule=rule, due=due, expires=_later(due, rule.expires, zone, None), known=known, since=anchor)
            if not rule.every:
                break
            number += 1


def _anchors(rule: Rule, life: Life, sent: Mapping[str, Sequence[datetime]]) -> Iterator[tuple[datetime, datetime]]:
    if rule.follows:
        yield from ((at, at) for at in sent.get(rule.follows, ()))
    elif rule.after == "first_contact":
        yield life.since, life.since
    else:
        yield from ((event.at, event.known_at) for event in life.events if event.kind == rule.after)


def _times(span: str, factor: int) -> str:
    count, unit = span.split()
    return f"{int(count) * factor} {unit}"


def _later(at: datetime, span: str, zone: str, clock: time | None) -> datetime:
    """`span` later, on the calendar there, at `clock`: the first minute of that day at which a clock there shows it or later."""
    found = re.fullmatch(r"(\d+) (minute|hour|day|week|month|year)s?", span)
    if found is None:
        raise ValueError(f"no span: {span}")
    count, unit = int(found[1]), found[2]
    if unit in ("minute", "hour"):
        return at + timedelta(minutes=count * (60 if unit == "hour" else 1))
    there = at.astimezone(ZoneInfo(zone))
    day = _on(there.date(), count, unit)
    shown = clock or there.time().replace(tzinfo=None)
    return _first_minute(day, shown, ZoneInfo(zone))


def _on(day: date, count: int, unit: str) -> date:
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
    first = date(months // 12, months % 12 + 1, 1)
    following = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))


def _first_minute(day: date, shown: time, zone: ZoneInfo) -> datetime:
    """Walk the day in UTC: the first instant that belongs to it there and shows `shown` or later."""
    rest = timedelta(seconds=shown.second, microseconds=shown.microsecond)
    wanted = shown.replace(second=0, microsecond=0)
    guess = datetime.combine(day, wanted, tzinfo=UTC) - (
        datetime.combine(day, wanted, tzinfo=zone).utcoffset() or timedelta()
    )
    step = guess - timedelta(hours=2)
    while True:
        there = step.astimezone(zone)
        if (there.date(), there.time().replace(tzinfo=None)) >= (day, wanted):
            return step + rest
        step += MINUTE
