"""Local time: a day and a clock time where somebody lives, as the one instant they mean.

Plans keep local time and a zone, never an offset: ten o'clock stays ten o'clock through the year.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

type Unit = Literal["minutes", "hours", "days", "weeks", "months", "years"]


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of time. Minutes and hours are counted by the clock, the rest by the calendar."""

    count: int
    unit: Unit

    def __mul__(self, factor: int) -> "Span":
        return Span(count=self.count * factor, unit=self.unit)


NO_TIME = Span(count=0, unit="minutes")


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a clock there shows `at` on this day.

    What a clock shows twice (it is put back) means the first time; what it never shows (it is put forward) means the next
    instant that there is.
    """
    shown = datetime.combine(day, at.replace(second=0, microsecond=0, tzinfo=None))
    first = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == shown:
        return first
    # Skipped: between the instants that the offsets before and after would give lies the change. Bisect to the second.
    early, late = shown.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def shift(moment: datetime, span: Span, zone: ZoneInfo, *, at: time | None = None) -> datetime:
    """The instant `span` after `moment` (before it where negative), in UTC: on the calendar of the zone, at `at` where given.

    A month's or year's last day stays the last one: 31 January and a month is 28 February.
    """
    if span.unit in ("minutes", "hours"):
        later = moment.astimezone(UTC) + timedelta(**{span.unit: span.count})
        return later if at is None else local_instant(later.astimezone(zone).date(), at, zone)
    there = moment.astimezone(zone)
    if at is None and span.count == 0:
        return moment.astimezone(UTC)
    return local_instant(_day_after(there.date(), span), at or there.time(), zone)


def _day_after(day: date, span: Span) -> date:
    if span.unit in ("days", "weeks"):
        return day + timedelta(**{span.unit: span.count})
    months = span.count * (12 if span.unit == "years" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
