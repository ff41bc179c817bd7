"""Local time: each instant once, at the hour that was meant, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.local_time import Span, local_instant, shift

NEW_YORK = ZoneInfo("America/New_York")
ZONES = [
    *("America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/St_Johns", "Europe/Madrid"),
    *("Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago", "Africa/Casablanca"),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        # Twice on 1 November: the first time.
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30"),
        # Never on 8 March: the next minute that there is, 03:00 EDT.
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T07:00"),
        ("America/New_York", date(2026, 3, 8), time(3, 0), "2026-03-08T07:00"),
        ("Europe/Madrid", date(2026, 3, 29), time(2, 15), "2026-03-29T01:00"),
        # Half an hour is skipped here.
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30"),
        # A whole day was skipped here.
        ("Pacific/Apia", date(2011, 12, 30), time(10, 0), "2011-12-30T10:00"),
        # Midnight is skipped here.
        ("America/Santiago", date(2026, 9, 6), time(0, 30), "2026-09-06T04:00"),
    ],
)
def test_what_a_clock_shows_twice_or_never(zone: str, day: date, at: time, instant: str) -> None:
    assert local_instant(day, at, ZoneInfo(zone)) == utc(instant)


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2010, 1, 1), date(2040, 1, 1)),
    minutes=st.integers(0, 24 * 60 - 1),
)
def test_an_instant_shows_what_was_meant_or_the_first_thing_after(zone: str, day: date, minutes: int) -> None:
    place, meant = ZoneInfo(zone), datetime.combine(day, time(minutes // 60, minutes % 60))
    instant = local_instant(day, meant.time(), place)
    shown = instant.astimezone(place).replace(tzinfo=None)
    assert shown >= meant
    # One moment earlier the clock showed something earlier than what was meant, if it was not shown before.
    before = (instant - timedelta(seconds=1)).astimezone(place).replace(tzinfo=None)
    assert before < meant


def test_ten_o_clock_stays_ten_o_clock_through_the_year() -> None:
    start = local_instant(date(2026, 1, 5), time(10), NEW_YORK)
    shown = {shift(start, Span(count=28 * n, unit="days"), NEW_YORK).astimezone(NEW_YORK).time() for n in range(30)}
    assert shown == {time(10)}


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-01-31T12:00", Span(count=1, unit="months"), "2026-02-28T12:00"),
        ("2028-02-29T12:00", Span(count=1, unit="years"), "2029-02-28T12:00"),
        ("2026-12-31T12:00", Span(count=2, unit="months"), "2027-02-28T12:00"),
        ("2026-03-07T17:00", Span(count=1, unit="days"), "2026-03-08T16:00"),  # noon in New York, both days
        ("2026-03-07T17:00", Span(count=24, unit="hours"), "2026-03-08T17:00"),
        ("2026-03-08T16:00", Span(count=-1, unit="days"), "2026-03-07T17:00"),
        ("2026-03-08T16:00", Span(count=0, unit="days"), "2026-03-08T16:00"),
        ("2026-01-15T12:00", Span(count=-2, unit="weeks"), "2026-01-01T12:00"),
    ],
)
def test_spans_follow_the_calendar_or_the_clock(start: str, span: Span, end: str) -> None:
    assert shift(utc(start), span, NEW_YORK) == utc(end)
