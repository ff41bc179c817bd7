"""The planner: what somebody is to be sent, and when, from the plan and from what has happened. Pure.

Everything is worked out from the facts each time; nothing is counted down. So an event that comes late, a changed plan or a
move to another time zone need no special case, and whoever asks twice gets the same answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from engagement.local_time import NO_TIME, shift
from engagement.plans.model import FIRST_CONTACT, Item, Plan
from engagement.stages import WITHDRAWN, Event, effective


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """An instant that items hang on. `name` tells it from others of its kind."""

    name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the planner knows of a participant in a study.

    `dates`, `left` (questionnaires) and `sent` (items of the plan, by the instant at which they were sent) by kind.
    """

    stage: str
    since: datetime
    """First contact."""
    zone: ZoneInfo
    events: tuple[Event, ...] = ()
    dates: Mapping[str, tuple[Anchor, ...]] = field(default_factory=dict)
    left: Mapping[str, tuple[Anchor, ...]] = field(default_factory=dict)
    sent: Mapping[str, tuple[Anchor, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One touchpoint as planned. `since`: what it awaits makes it needless from then on."""

    item: str
    name: str
    due_at: datetime
    expires_at: datetime
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Planned:
    """The occurrences due up to the horizon, oldest first, and when the first one beyond it is due (None: there is none)."""

    occurrences: tuple[Occurrence, ...]
    beyond: datetime | None


def plan_touchpoints(plan: Plan, facts: Facts, *, until: datetime) -> Planned:
    """All that is wanted as things stand, up to `until`; what has passed is among it."""
    found: list[Occurrence] = []
    beyond: datetime | None = None
    for name, item in plan.touchpoints.items():
        for occurrence in _wanted(plan, name, item, facts):
            if occurrence.due_at > until:
                beyond = min(beyond or occurrence.due_at, occurrence.due_at)
                break
            found.append(occurrence)
    return Planned(occurrences=tuple(sorted(found, key=lambda one: (one.due_at, one.item, one.name))), beyond=beyond)


def why_needless(plan: Plan, name: str, facts: Facts, *, since: datetime) -> str:
    """Why an occurrence of this item is wanted no more: awaited_event, stage or not_planned."""
    item = plan.touchpoints.get(name)
    if item is not None and _happened(plan.awaited(item), facts.events, since):
        return "awaited_event"
    if item is not None and not _in_stage(item, facts.stage):
        return "stage"
    return "not_planned"


def _wanted(plan: Plan, name: str, item: Item, facts: Facts) -> Iterator[Occurrence]:
    """An item's occurrences, anchor by anchor, each anchor's in order of time. Endless where the item is."""
    if not _in_stage(item, facts.stage):
        return
    awaited = plan.awaited(item)
    runs = [
        _run(name, item, anchor, facts.zone)
        for anchor in _anchors(item, facts)
        if not _happened(awaited, facts.events, anchor.at)
    ]
    yield from _merged(runs)


def _merged(runs: list[Iterator[Occurrence]]) -> Iterator[Occurrence]:
    heads = [(occurrence, run) for run in runs if (occurrence := next(run, None)) is not None]
    while heads:
        first = min(range(len(heads)), key=lambda n: heads[n][0].due_at)
        occurrence, run = heads[first]
        yield occurrence
        following = next(run, None)
        if following is None:
            heads.pop(first)
        else:
            heads[first] = (following, run)


def _run(name: str, item: Item, anchor: Anchor, zone: ZoneInfo) -> Iterator[Occurrence]:
    back = -1 if item.before else 1
    base = shift(anchor.at, item.delay * back, zone, at=item.at)
    last = None if item.window is None else shift(anchor.at, item.window, zone)
    every = item.every or NO_TIME
    number = 0
    while item.times is None or number < item.times:
        due = base if number == 0 else shift(base, every * number, zone, at=item.at)
        if last is not None and due > last:
            return
        expires = shift(due, item.expires, zone)
        yield Occurrence(
            item=name,
            name=f"{anchor.name}.{number}",
            due_at=due,
            expires_at=min(expires, anchor.at) if item.before else expires,
            since=anchor.at,
        )
        if item.every is None:
            return
        number += 1


def _anchors(item: Item, facts: Facts) -> list[Anchor]:
    if item.follows is not None:
        return list(facts.sent.get(item.follows, ()))
    if item.before is not None:
        # A date that is moved is another one: what was sent for the old one says nothing of the new.
        return [
            Anchor(name=f"{date.name}@{date.at:%Y%m%dT%H%M%z}", at=date.at) for date in facts.dates.get(item.before, ())
        ]
    kind = item.after or FIRST_CONTACT
    if kind == FIRST_CONTACT:
        return [Anchor(name="0", at=facts.since)]
    if kind in facts.left:
        return list(facts.left[kind])
    happened = [event for event in effective(facts.events) if event.kind == kind]
    return [Anchor(name=str(number), at=event.at) for number, event in enumerate(happened)]


def _in_stage(item: Item, stage: str) -> bool:
    return stage in item.stages if item.stages else stage != WITHDRAWN


def _happened(kinds: Iterable[str], events: Iterable[Event], since: datetime) -> bool:
    return any(event.kind in kinds and event.at >= since for event in events)
