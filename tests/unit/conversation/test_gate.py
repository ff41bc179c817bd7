"""The gate: every refusal by its name, in its order; nothing but the one confirmation passes an opt-out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from conversation.gate import CHECKS, LOOP_LIMIT, Facts, decide_delivery

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
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
REFUSED = {
    "no_contact_point": replace(FINE, has_contact=False),
    "opted_out": replace(FINE, silenced=frozenset({"sms"})),
    "expired": replace(FINE, expires_at=AT),
    "contact_point_unusable": replace(FINE, contact_problem="bad_contact"),
    "loop": replace(FINE, same_lately=LOOP_LIMIT),
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
    facts = replace(
        FINE,
        has_contact=False,
        silenced=frozenset({"sms"}),
        expires_at=AT - timedelta(days=1),
        contact_problem="blocked",
        same_lately=99,
    )
    undone = (
        {"has_contact": True},
        {"silenced": frozenset[str]()},
        {"expires_at": None},
        {"contact_problem": None},
        {"same_lately": 0},
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
