"""The stage that follows from what has happened: a replay of all events in the order in which they happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engagement.journeys.kinds import BACK, FIRST, KINDS, WAY, WITHDRAWN


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened to a participant in a study."""

    kind: str
    at: datetime


def stage_after(events: Iterable[Event]) -> str:
    """The stage after these events, whatever order they are given in."""
    stage = FIRST
    for event in _in_order(events):
        stage = _next(stage, event.kind) or stage
    return stage


def effective(events: Iterable[Event]) -> list[Event]:
    """The events that count, in order: what repeats or comes after its successor is left out.

    A courier and a laboratory may both report a kit as delivered: it was delivered once.
    """
    stage, counted = FIRST, []
    for event in _in_order(events):
        following = _next(stage, event.kind)
        if following is not None:
            stage = following
            counted.append(event)
        elif event.kind not in WAY and event.kind not in BACK and event.kind != WITHDRAWN:
            counted.append(event)
    return counted


def _in_order(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.at, KINDS.index(event.kind)))


def _next(stage: str, kind: str) -> str | None:
    """Where this kind leads from this stage; None where it leads nowhere."""
    back = BACK.get(kind)
    if back is not None and stage in back[0]:
        return back[1]
    if stage == WITHDRAWN:
        return None
    if kind == WITHDRAWN:
        return WITHDRAWN
    if kind in WAY and WAY.index(kind) > WAY.index(stage):
        return kind
    return None
