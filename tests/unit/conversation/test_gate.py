"""The gate: every refusal by its name, in its order; nothing but the one confirmation passes an opt-out."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conversation.burden import Sent
from conversation.gate import CHECKS, HELD_AGAIN, LOOP_LIMIT, Decision, Facts, Outreach, decide_delivery
from engagement.plans import Caps, Limits, Quiet

AT = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
NEW_YORK, HONOLULU = ZoneInfo("America/New_York"), ZoneInfo("Pacific/Honolulu")
FINE = Facts(
    at=AT,
    channel="sms",
    purpose="reply",
    expires_at=AT + timedelta(hours=1),
    silenced=frozenset(),
    contact_problem=None,
    has_contact=True,
    same_lately=0,
)
PLANNED = Outreach(
    status="queued",
    says="outreach/kit_reminder",
    stage="kit_delivered",
    awaited=False,
    permitted=True,
    per_year=None,
    held=False,
    zones=(NEW_YORK,),
    sent=(),
    limits=Limits(),
)
UNASKED = replace(FINE, purpose="study_contact", expires_at=AT + timedelta(days=2), outreach=PLANNED)


def unasked(**change: Any) -> Facts:
    """A touchpoint's message that may go, but for this."""
    return replace(UNASKED, outreach=replace(PLANNED, **change))


def sent(ago: timedelta, purpose: str = "study_contact", says: str = "outreach/other") -> Sent:
    return Sent(at=AT - ago, purpose=purpose, says=says)


REFUSED = {
    "no_contact_point": replace(FINE, has_contact=False),
    "opted_out": replace(FINE, silenced=frozenset({"sms"})),
    "cancelled": unasked(status="cancelled"),
    "awaited_event": unasked(awaited=True),
    "stage": unasked(stage="withdrawn"),
    "no_permission": unasked(permitted=False),
    "expired": replace(FINE, expires_at=AT),
    "contact_point_unusable": replace(FINE, contact_problem="bad_contact"),
    "loop": replace(FINE, same_lately=LOOP_LIMIT),
    "duplicate": unasked(sent=(sent(timedelta(minutes=59), says="outreach/kit_reminder"),)),
}


def reason(facts: Facts) -> str:
    decision = decide_delivery(facts)
    assert decision.allowed == (decision.reason == "allowed")
    return decision.reason


@pytest.mark.parametrize("name", REFUSED)
def test_each_refusal_has_its_name(name: str) -> None:
    assert reason(REFUSED[name]) == name


def test_every_check_is_in_the_table() -> None:
    assert [name for name, _ in CHECKS] == list(REFUSED)


def test_the_first_refusal_in_order_is_the_one_on_record() -> None:
    wrong = replace(
        PLANNED,
        status="cancelled",
        awaited=True,
        stage="withdrawn",
        permitted=False,
        sent=(sent(timedelta(minutes=1), says=PLANNED.says),),
    )
    facts = replace(
        FINE,
        has_contact=False,
        silenced=frozenset({"sms"}),
        expires_at=AT - timedelta(days=1),
        contact_problem="blocked",
        same_lately=99,
        outreach=wrong,
    )
    undone: tuple[dict[str, Any], ...] = (
        {"has_contact": True},
        {"silenced": frozenset[str]()},
        {"outreach": (wrong := replace(wrong, status="queued"))},
        {"outreach": (wrong := replace(wrong, awaited=False))},
        {"outreach": (wrong := replace(wrong, stage="enrolled"))},
        {"outreach": (wrong := replace(wrong, permitted=True))},
        {"expires_at": None},
        {"contact_problem": None},
        {"same_lately": 0},
        {"outreach": None},
    )
    seen = [reason(facts)]
    for change in undone:
        facts = replace(facts, **change)
        seen.append(reason(facts))
    assert seen == [*REFUSED, "allowed"]


@pytest.mark.parametrize(
    "facts",
    [
        FINE,
        replace(FINE, expires_at=None),
        replace(FINE, expires_at=AT + timedelta(microseconds=1)),
        replace(FINE, silenced=frozenset({"email", "webchat"})),
        replace(FINE, same_lately=LOOP_LIMIT - 1),
        replace(FINE, silenced=frozenset({"sms"}), purpose="opt_out_confirmation"),
        # Who has just written is answered in the middle of the night.
        replace(FINE, at=AT + timedelta(hours=10), expires_at=None),
        UNASKED,
        unasked(sent=(sent(timedelta(days=1, minutes=1)), sent(timedelta(days=3)))),
        unasked(sent=(sent(timedelta(days=2), says="outreach/kit_reminder"),)),
    ],
)
def test_allowed(facts: Facts) -> None:
    assert reason(facts) == "allowed"


@pytest.mark.parametrize(
    "purpose", ["reply", "safety", "coordinator", "verification", "welcome", "unknown_sender", "reminder", ""]
)
def test_no_other_purpose_passes_an_opt_out(purpose: str) -> None:
    assert reason(replace(FINE, purpose=purpose, silenced=frozenset({"sms"}))) == "opted_out"


def test_the_confirmation_passes_the_opt_out_and_nothing_else() -> None:
    confirmation = replace(FINE, purpose="opt_out_confirmation", silenced=frozenset({"sms"}))
    assert reason(replace(confirmation, contact_problem="blocked")) == "contact_point_unusable"
    assert reason(replace(confirmation, expires_at=AT)) == "expired"


def test_quiet_hours_wait_for_the_morning() -> None:
    night = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)  # half past ten in the evening in New York
    decision = decide_delivery(replace(UNASKED, at=night))
    assert decision == Decision(allowed=False, reason="quiet_hours", until=datetime(2026, 11, 25, 13, 0, tzinfo=UTC))
    assert decision.until is not None
    assert decide_delivery(replace(UNASKED, at=decision.until)).allowed


def test_all_places_where_they_may_be_must_permit() -> None:
    here, there = replace(UNASKED, outreach=replace(PLANNED, zones=(NEW_YORK, HONOLULU))), AT + timedelta(hours=4)
    assert decide_delivery(here) == Decision(
        allowed=True, reason="allowed"
    )  # one in the afternoon, eight in the morning
    early = decide_delivery(replace(here, at=AT - timedelta(hours=1)))
    assert (early.reason, early.until) == ("quiet_hours", AT)
    assert decide_delivery(replace(here, at=there + timedelta(hours=4))).reason == "quiet_hours"


def test_hours_that_no_two_places_share_are_refused() -> None:
    limits = Limits(quiet=Quiet.model_validate({"from": "11:00", "to": "10:00"}))
    zones = (NEW_YORK, HONOLULU)
    decision = decide_delivery(unasked(limits=limits, zones=zones))
    assert decision == Decision(allowed=False, reason="quiet_hours")


def test_what_would_wait_beyond_its_expiry_is_refused_at_once() -> None:
    night = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
    decision = decide_delivery(replace(UNASKED, at=night, expires_at=night + timedelta(hours=9)))
    assert decision == Decision(allowed=False, reason="quiet_hours")


@pytest.mark.parametrize(
    ("already", "per_year", "caps", "reason", "wait"),
    [
        ([sent(timedelta(hours=20))], None, Caps(), "cap_day", timedelta(hours=4, minutes=1)),
        (
            [sent(timedelta(days=n, hours=1)) for n in (2, 3, 6)],
            None,
            Caps(),
            "cap_week",
            timedelta(hours=23, minutes=1),
        ),
        ([sent(timedelta(days=29, hours=20))], None, Caps(month=1), "cap_month", timedelta(hours=4, minutes=1)),
        (
            [sent(timedelta(days=364, hours=20))],
            1,
            Caps(),
            "cap_permission",
            timedelta(hours=4, minutes=1),
        ),
        (
            [sent(timedelta(days=6, hours=20))],
            None,
            Caps.model_validate({"purposes": {"study_contact": {"week": 1}}}),
            "cap_study_contact_week",
            timedelta(hours=4, minutes=1),
        ),
    ],
)
def test_caps_wait_until_there_is_room(
    already: list[Sent], per_year: int | None, caps: Caps, reason: str, wait: timedelta
) -> None:
    limits = Limits(caps=caps, quiet=Quiet.model_validate({"from": "00:00", "to": "00:00"}))
    decision = decide_delivery(unasked(sent=tuple(already), per_year=per_year, limits=limits))
    assert decision == Decision(allowed=False, reason=reason, until=AT + wait)


def test_what_another_purpose_sent_leaves_this_one_its_own_cap() -> None:
    caps = Caps.model_validate({"purposes": {"recontact": {"year": 1}}})
    already = (sent(timedelta(days=40), purpose="recontact"),)
    assert decide_delivery(unasked(sent=already, limits=Limits(caps=caps))).allowed
    mine = replace(unasked(sent=already, limits=Limits(caps=caps)), purpose="recontact")
    assert decide_delivery(mine).reason == "cap_recontact_year"


def test_a_person_who_has_the_conversation_is_not_talked_over() -> None:
    assert decide_delivery(unasked(held=True)) == Decision(allowed=False, reason="held", until=AT + HELD_AGAIN)


def test_replies_pass_quiet_hours_and_caps_by_having_none() -> None:
    assert FINE.outreach is None
    assert decide_delivery(replace(FINE, at=datetime(2026, 11, 24, 8, 0, tzinfo=UTC))).allowed


def test_nothing_leaves_in_the_last_minute_before_quiet_hours() -> None:
    nine = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
    assert decide_delivery(replace(UNASKED, at=nine - timedelta(seconds=61))).allowed
    assert decide_delivery(replace(UNASKED, at=nine - timedelta(seconds=60))).reason == "quiet_hours"
    assert nine.astimezone(NEW_YORK).time() == time(21)
