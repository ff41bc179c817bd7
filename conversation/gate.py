"""The gate: may this message go, now? Pure; each refusal has a name that stays on record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

LOOP_LIMIT = 20
"""Identical things said to one contact point within five minutes before the loop breaker trips (as courier does)."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the gate knows of a message at the moment of sending."""

    at: datetime
    channel: str
    purpose: str
    expires_at: datetime | None
    silenced: frozenset[str]
    contact_problem: str | None
    has_contact: bool
    same_lately: int


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether it may go, and why (not)."""

    allowed: bool
    reason: str


def _opted_out(facts: Facts) -> bool:
    # Nothing passes an opt-out but its one confirmation.
    return facts.channel in facts.silenced and facts.purpose != "opt_out_confirmation"


CHECKS: tuple[tuple[str, Callable[[Facts], bool]], ...] = (
    ("no_contact_point", lambda facts: not facts.has_contact),
    ("opted_out", _opted_out),
    ("expired", lambda facts: facts.expires_at is not None and facts.expires_at <= facts.at),
    ("contact_point_unusable", lambda facts: facts.contact_problem is not None),
    ("loop", lambda facts: facts.same_lately >= LOOP_LIMIT),
)


def decide_delivery(facts: Facts) -> Decision:
    """Refuse by the first check that fires, else allow."""
    for reason, refuses in CHECKS:
        if refuses(facts):
            return Decision(allowed=False, reason=reason)
    return Decision(allowed=True, reason="allowed")
