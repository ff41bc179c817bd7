"""Quiet hours: what is permitted is permitted everywhere, and nothing permitted is put off."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.quiet import MARGIN, candidate_zones, next_permitted
from engagement.plans import Quiet

ZONES = st.lists(
    st.sampled_from(
        ["America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/St_Johns", "Europe/Madrid", "Asia/Tokyo"]
    ).map(ZoneInfo),
    min_size=1,
    max_size=3,
)
QUIET = Quiet()
START = datetime(2026, 1, 1, tzinfo=UTC)


def permits(at: datetime, zone: ZoneInfo, quiet: Quiet = QUIET) -> bool:
    """By the clock on the wall, independently of the code under test."""
    return quiet.ends <= at.astimezone(zone).time() < quiet.begins


@given(at=st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)), zones=ZONES)
def test_the_next_moment_is_permitted_everywhere(at: datetime, zones: list[ZoneInfo]) -> None:
    found = next_permitted(at, QUIET, zones)
    if found is None:
        assert {"Asia/Tokyo"} < {zone.key for zone in zones}  # no hour of the day is day in both
        return
    assert found >= at
    assert all(permits(found, zone) for zone in zones)
    assert found - at < timedelta(days=2)
    # No earlier quarter of an hour would have done.
    earlier = at
    while earlier + MARGIN < found:
        assert not all(permits(earlier, zone) and permits(earlier + MARGIN, zone) for zone in zones)
        earlier += timedelta(minutes=15)


def test_hours_over_midnight() -> None:
    quiet = Quiet.model_validate({"from": "01:00", "to": "09:00"})
    tokyo = ZoneInfo("Asia/Tokyo")
    late = datetime(2026, 5, 2, 0, 30, tzinfo=tokyo)
    assert next_permitted(late, quiet, [tokyo]) == late
    assert next_permitted(late + timedelta(hours=1), quiet, [tokyo]) == datetime(2026, 5, 2, 9, 0, tzinfo=tokyo)


def test_no_quiet_hours_at_all() -> None:
    quiet = Quiet.model_validate({"from": "00:00", "to": "00:00"})
    at = datetime(2026, 5, 2, 0, 0, tzinfo=UTC)
    assert next_permitted(at, quiet, [ZoneInfo("UTC")]) == at
    assert quiet.begins == time()


@pytest.mark.parametrize(
    ("own", "number", "names"),
    [
        ("Pacific/Honolulu", "+12025550143", ["Pacific/Honolulu"]),
        (None, "", ["America/Chicago"]),
        (None, "+12125550143", ["America/Chicago", "America/New_York"]),
        (None, "+18085550143", ["America/Chicago", "Pacific/Honolulu"]),
        (None, "+18005550143", ["America/Chicago"]),  # toll-free: anywhere, which says nothing
        (None, "not a number", ["America/Chicago"]),
    ],
)
def test_where_they_may_be(own: str | None, number: str, names: list[str]) -> None:
    assert [zone.key for zone in candidate_zones(own, study=["America/Chicago"], number=number)] == names
