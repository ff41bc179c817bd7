"""The stage follows from the events, whatever order they are reported in."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.journeys import KINDS, Event, effective, stage_after
from engagement.stages import BACK, STAGES

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def events(*kinds: str) -> list[Event]:
    """These kinds, a day apart."""
    return [Event(kind=kind, at=START + timedelta(days=day)) for day, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "stage"),
    [
        ((), "first_contact"),
        (("prescreened", "consented", "kit_ordered"), "kit_ordered"),
        (("sample_returned",), "sample_returned"),
        (("sample_returned", "kit_delivered"), "sample_returned"),
        (("consented", "kit_delivered", "kit_lost"), "consented"),
        (("kit_delivered", "sample_returned", "sample_rejected"), "consented"),
        (("kit_delivered", "sample_returned", "sample_rejected", "kit_ordered"), "kit_ordered"),
        (("kit_lost",), "first_contact"),
        (("in_laboratory", "result", "sample_rejected"), "result"),
        (("enrolled", "withdrawn", "completed"), "withdrawn"),
        (("long_term_follow_up", "withdrawn"), "withdrawn"),
        (("enrolled", "withdrawn", "consented"), "consented"),
        (("enrolled", "check_in_completed"), "enrolled"),
        (("completed", "long_term_follow_up"), "long_term_follow_up"),
    ],
)
def test_the_stage_after(kinds: tuple[str, ...], stage: str) -> None:
    assert stage_after(events(*kinds)) == stage


def test_a_consent_given_before_somebody_left_brings_nobody_back() -> None:
    left, agreed = Event(kind="withdrawn", at=START), Event(kind="consented", at=START - timedelta(days=1))
    assert stage_after([left, agreed]) == stage_after([agreed, left]) == "withdrawn"


@given(st.lists(st.builds(Event, kind=st.sampled_from(KINDS), at=st.datetimes(timezones=st.just(UTC))), max_size=5))
def test_the_order_of_reports_does_not_matter(given_events: list[Event]) -> None:
    for order in permutations(given_events):
        assert stage_after(order) == stage_after(given_events)
        assert effective(order) == effective(given_events)


@given(st.lists(st.sampled_from(KINDS), max_size=12), st.data())
def test_a_late_event_moves_nobody_back(kinds: list[str], data: st.DataObject) -> None:
    """But for those that are there to lead back, which change what came after them."""
    told = events(*kinds)
    late = data.draw(st.sampled_from([kind for kind in KINDS if kind not in BACK and kind != "withdrawn"]))
    before, after = stage_after(told), stage_after([*told, Event(kind=late, at=START - timedelta(hours=1))])
    assert (
        before == "withdrawn"
        or STAGES.index(after) >= STAGES.index(before)
        or "kit_lost" in kinds
        or "sample_rejected" in kinds
    )


def test_what_two_report_happened_once() -> None:
    twice = [*events("kit_delivered"), Event(kind="kit_delivered", at=START + timedelta(hours=1))]
    assert effective(twice) == events("kit_delivered")
    assert [event.kind for event in effective(events("kit_delivered", "sample_returned", "kit_delivered"))] == [
        "kit_delivered",
        "sample_returned",
    ]
