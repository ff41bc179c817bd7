"""The gate: may this message go, now? Pure; each decision has a reason that stays on record.

A reply to what a person just wrote is asked few questions. What nobody has asked for (`Outreach`) is asked all of them, and may be
told to wait: for the morning, for room among what else they were sent, for a person to be done with the conversation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from conversation.burden import Sent, room_at
from conversation.quiet import next_permitted
from engagement.plans import Caps, Limits
from engagement.stages import WITHDRAWN

LOOP_LIMIT = 20
"""Identical things said to one contact point within five minutes before the loop breaker trips (as courier does)."""
SAME_WITHIN = timedelta(hours=1)
"""The same words by outreach again so soon are a mistake, whoever planned them."""
APPOINTMENT = "appointment/"
"""Words that only the participant's own limit holds back, though they count: a reminder after the appointment helps nobody."""
_NO_CAPS = Caps(day=1000, week=1000, month=1000)
HELD_AGAIN = timedelta(hours=1)
"""How soon to ask again while a person has the conversation."""


@dataclass(frozen=True, kw_only=True)
class Outreach:
    """What the gate knows of a touchpoint and of whom it is for, beside the `Facts` of its message.

    `status`: the touchpoint's. `awaited`: what it waits for has happened. `permitted`: by the permissions ledger; `per_year`:
    so often a year. `zones`: where they may be. `sent`: their touchpoints of the last year, this one's own not among them.
    """

    status: str
    says: str
    stage: str
    awaited: bool
    permitted: bool
    per_year: int | None
    held: bool
    zones: Sequence[ZoneInfo]
    sent: Sequence[Sent]
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the gate knows of a message at the moment of sending. `outreach` is None for a reply."""

    at: datetime
    channel: str
    purpose: str
    expires_at: datetime | None
    silenced: frozenset[str]
    contact_problem: str | None
    has_contact: bool
    same_lately: int
    outreach: Outreach | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether it may go, and why (not). `until`: not now, but ask again then; None for yes or never."""

    allowed: bool
    reason: str
    until: datetime | None = None


def _opted_out(facts: Facts) -> bool:
    # Nothing passes an opt-out but its one confirmation.
    return facts.channel in facts.silenced and facts.purpose != "opt_out_confirmation"


def _outreach(ask: Callable[[Outreach], bool]) -> Callable[[Facts], bool]:
    return lambda facts: facts.outreach is not None and ask(facts.outreach)


def _repeated(facts: Facts) -> bool:
    if facts.outreach is None or facts.outreach.says.startswith(APPOINTMENT):
        return False  # moved twice within the hour: the same words, another time
    return any(one.says == facts.outreach.says and one.at > facts.at - SAME_WITHIN for one in facts.outreach.sent)


CHECKS: tuple[tuple[str, Callable[[Facts], bool]], ...] = (
    ("no_contact_point", lambda facts: not facts.has_contact),
    ("opted_out", _opted_out),
    ("cancelled", _outreach(lambda outreach: outreach.status == "cancelled")),
    ("awaited_event", _outreach(lambda outreach: outreach.awaited)),
    ("stage", _outreach(lambda outreach: outreach.stage == WITHDRAWN)),
    ("no_permission", _outreach(lambda outreach: not outreach.permitted)),
    ("expired", lambda facts: facts.expires_at is not None and facts.expires_at <= facts.at),
    ("contact_point_unusable", lambda facts: facts.contact_problem is not None),
    ("loop", lambda facts: facts.same_lately >= LOOP_LIMIT),
    ("duplicate", _repeated),
)
"""Refusals, in the order in which they are asked."""


def decide_delivery(facts: Facts) -> Decision:
    """Refuse by the first check that fires; else allow, or say until when outreach has to wait.

    What would have to wait beyond its expiry is refused at once, by the reason for the wait.
    """
    refused = why_refused(facts)
    if refused is not None:
        return Decision(allowed=False, reason=refused)
    if facts.outreach is not None:
        reason, until = _wait(facts, facts.outreach)
        if reason:
            late = until is None or (facts.expires_at is not None and until >= facts.expires_at)
            return Decision(allowed=False, reason=reason, until=None if late else until)
    return Decision(allowed=True, reason="allowed")


def why_refused(facts: Facts) -> str | None:
    """The first check that fires; None where it may go, now or later."""
    return next((reason for reason, refuses in CHECKS if refuses(facts)), None)


def _wait(facts: Facts, outreach: Outreach) -> tuple[str, datetime | None]:
    """Why it has to wait ("" where it does not), and until when; None where that moment never comes."""
    if outreach.held:
        return "held", facts.at + HELD_AGAIN
    caps = _NO_CAPS if outreach.says.startswith(APPOINTMENT) else outreach.limits.caps
    room, why = room_at(facts.at, caps, outreach.sent, purpose=facts.purpose, per_year=outreach.per_year)
    moment = next_permitted(room, outreach.limits.quiet, outreach.zones)
    if moment is None or room == facts.at < moment:
        return "quiet_hours", moment
    return (why, moment) if why else ("", None)
