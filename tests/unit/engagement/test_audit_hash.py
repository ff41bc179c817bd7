"""An event's hash: every part of the event changes it, the way it is written does not."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from engagement.audit import GENESIS, event_hash

EVENT: Mapping[str, Any] = {
    "at": datetime(2026, 11, 24, 12, 0, 0, 5, tzinfo=UTC),
    "actor": "participant",
    "action": "opt_out",
    "subject": "b6a3e8c0-0000-7000-8000-000000000001",
    "details": {"channels": ["email", "sms"], "more": {"a": 1, "b": None}},
}


def test_a_known_hash() -> None:
    """Written down: a chain in a database must verify with every later version of the code."""
    assert event_hash(GENESIS, EVENT) == "aec62ced64d60ed8f22f76577d83f5c962d4d8e15e1db15a63375bafb1e9e7ee"


@pytest.mark.parametrize(
    "change",
    [
        {"at": EVENT["at"] + timedelta(microseconds=1)},
        {"actor": "provider"},
        {"action": "opt_in"},
        {"subject": "b6a3e8c0-0000-7000-8000-000000000002"},
        {"details": {}},
        {"details": {"channels": ["sms", "email"], "more": {"a": 1, "b": None}}},
        {"details": {"channels": ["email", "sms"], "more": {"a": "1", "b": None}}},
    ],
)
def test_every_part_counts(change: Mapping[str, Any]) -> None:
    assert event_hash(GENESIS, {**EVENT, **change}) != event_hash(GENESIS, EVENT)


def test_the_one_before_counts() -> None:
    assert event_hash("1" * 64, EVENT) != event_hash(GENESIS, EVENT)


def test_the_zone_and_the_order_of_keys_do_not() -> None:
    same = {
        "details": {"more": {"b": None, "a": 1}, "channels": ["email", "sms"]},
        "subject": EVENT["subject"],
        "action": "opt_out",
        "actor": "participant",
        "at": EVENT["at"].astimezone(timezone(timedelta(hours=-5))),
    }
    assert event_hash(GENESIS, same) == event_hash(GENESIS, EVENT)


def test_parts_cannot_run_into_each_other() -> None:
    assert event_hash(GENESIS, {**EVENT, "actor": "a", "action": "bc"}) != event_hash(
        GENESIS, {**EVENT, "actor": "ab", "action": "c"}
    )
