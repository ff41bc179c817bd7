"""The stages of a participant's way through a study, from first contact on, and what moves somebody along it.

A kind of event that bears the name of a stage leads to it, from any stage before it: who reports the sample has seen no kit arrive.
The way runs forward only, but for what is said outright in `BACK`. The stage is a replay of all events in the order in which
they happened, so it does not matter in which order they were reported.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

STAGES = (
    "first_contact",
    "prescreened",
    "consented",
    "kit_ordered",
    "kit_delivered",
    "sample_returned",
    "in_laboratory",
    "result",
    "confirmed_eligible",
    "referred",
    "enrolled",
    "completed",
    "withdrawn",
    "long_term_follow_up",
)
"""Every stage that Perennial knows, in order; a study uses those it needs."""

FIRST = "first_contact"
WITHDRAWN = "withdrawn"
WAY = tuple(stage for stage in STAGES if stage != WITHDRAWN)
"""The stages in the order in which they come. Somebody may withdraw from any of them."""

BACK: Mapping[str, tuple[frozenset[str], str]] = {
    # A new kit is wanted.
    "kit_lost": (frozenset({"kit_ordered", "kit_delivered"}), "consented"),
    "sample_rejected": (frozenset({"sample_returned", "in_laboratory"}), "consented"),
    # Who has left and agrees anew begins again; nothing else brings them back.
    "consented": (frozenset({WITHDRAWN}), "consented"),
}
"""Kind → the stages from which it leads back, and to which."""

KINDS = (
    *(stage for stage in STAGES if stage != FIRST),
    "kit_lost",
    "sample_rejected",
    "check_in_completed",
    "result_discussed",
    "contact_made",
    "agreement_changed",
)
"""Every kind of event. Those that are no stage and not in `BACK` move nobody; plans may wait for them."""


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
