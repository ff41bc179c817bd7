"""Dates, date-times and times with the precision they were written in (FHIRPath N1 §Date, DateTime, Time)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal, Self

from engagement.fhirpath.errors import ExpressionFailed

_DATE = r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?"
_TIME = r"(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?"
_ZONE = r"(Z|[+-]\d\d:\d\d)?"
_DATE_TIME = re.compile(rf"{_DATE}(?:T(?:{_TIME})?{_ZONE})?", re.ASCII)
_TIME_ONLY = re.compile(_TIME, re.ASCII)
_UNITS = {
    "year": "a", "years": "a", "month": "mo", "months": "mo", "week": "wk", "weeks": "wk", "day": "d", "days": "d",
    "hour": "h", "hours": "h", "minute": "min", "minutes": "min", "second": "s", "seconds": "s",
    "millisecond": "ms", "milliseconds": "ms",
}  # fmt: skip
"""Calendar words and the UCUM codes that mean the same here."""
_SECONDS = {"wk": 604800.0, "d": 86400.0, "h": 3600.0, "min": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """`parts`: year, month, day, hour, minute, second, microsecond, as far as known; a time begins at hour."""

    kind: Literal["date", "dateTime", "time"]
    parts: tuple[int, ...]
    offset: int | None = None
    """Minutes east of UTC."""
    text: str

    @classmethod
    def parse(cls, text: str, kind: Literal["date", "dateTime", "time"] | None = None) -> Self | None:
        """`text` as FHIR writes it ("2024", "2024-03-05T08:30:00Z", "08:30:00"), or None where it is none or no such day."""
        if kind == "time":
            return cls._parse_time(text)
        found = _DATE_TIME.fullmatch(text)
        if found is None:
            return None
        groups = found.groups()
        parts = [int(part) for part in groups[:6] if part is not None]
        if groups[5] is not None:
            parts.append(int((groups[6] or "").ljust(6, "0")[:6]))
        if not _is_real(parts):
            return None
        zone = groups[7]
        offset = None
        if zone is not None:
            offset = 0 if zone == "Z" else int(zone[:3]) * 60 + int(zone[0] + zone[4:])
            if abs(offset) >= 24 * 60:
                return None
        return cls(kind=kind or ("dateTime" if "T" in text else "date"), parts=tuple(parts), offset=offset, text=text)

    @classmethod
    def _parse_time(cls, text: str) -> Self | None:
        found = _TIME_ONLY.fullmatch(text)
        if found is None:
            return None
        parts = [int(part) for part in found.groups()[:3] if part is not None]
        if found[3] is not None:
            parts.append(int((found[4] or "").ljust(6, "0")[:6]))
        if parts[0] > 23 or any(part > 59 for part in parts[1:3]):
            return None
        return cls(kind="time", parts=tuple(parts), text=text)

    @classmethod
    def of(cls, at: datetime) -> Self:
        """An aware datetime, to the millisecond."""
        text = at.isoformat(timespec="milliseconds")
        found = cls.parse(text.replace("+00:00", "Z"), "dateTime")
        if found is None:
            raise ExpressionFailed(f"{text} is no dateTime")
        return found

    def compare(self, other: "Moment") -> int | None:
        """-1, 0 or 1; None where one is less precise and it matters, or where only one has a time zone."""
        if (self.kind == "time") != (other.kind == "time"):
            raise ExpressionFailed("a time can't be compared with a date")
        left, right = self.parts, other.parts
        timed = len(left) > 3 and len(right) > 3 and self.kind != "time"
        if timed and (self.offset is None) != (other.offset is None):
            return None
        if timed and self.offset != other.offset:
            left, right = _in_utc(self), _in_utc(other)
        for one, two in zip(left, right, strict=False):
            if one != two:
                return -1 if one < two else 1
        return 0 if len(left) == len(right) else None

    def plus(self, value: float, unit: str, *, sign: int = 1) -> "Moment":
        """Moved by a calendar duration; `unit`: a calendar word or its UCUM code."""
        code = _UNITS.get(unit, unit)
        if code not in ("a", "mo", *_SECONDS):
            raise ExpressionFailed(f"'{unit}' is no unit of time")
        if self.kind == "time":
            return _time_plus(self, sign * value * _SECONDS.get(code, 0.0))
        try:
            if code in ("a", "mo"):
                return _months_later(self, sign * int(value) * (12 if code == "a" else 1))
            return _later(self, sign * value * _SECONDS[code])
        except (ValueError, OverflowError):
            raise ExpressionFailed("the date lies outside of the calendar") from None


def is_calendar_word(text: str) -> bool:
    """Whether a number may be followed by this word, without quotes: day, years."""
    return text in _UNITS


def _is_real(parts: list[int]) -> bool:
    year, month, day, *clock = [*parts[:3], *(1, 1, 1)[len(parts[:3]) :], *parts[3:]]
    if clock and (clock[0] > 23 or any(part > 59 for part in clock[1:3])):
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _full(moment: Moment) -> datetime:
    parts = moment.parts
    year, month, day = [*parts[:3], *(1, 1, 1)[len(parts[:3]) :]]
    zone = UTC if moment.offset is None else timezone(timedelta(minutes=moment.offset))
    hour, minute, second, micro = [*parts[3:], 0, 0, 0, 0][:4]
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=zone)


def _in_utc(moment: Moment) -> tuple[int, ...]:
    try:
        at = _full(moment).astimezone(UTC)
    except OverflowError:
        return moment.parts
    whole = (at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond)
    return whole[: len(moment.parts)]


def _written(moment: Moment, at: datetime) -> Moment:
    """`at`, in the precision and kind of `moment`."""
    size = len(moment.parts)
    whole = (at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond)[:size]
    text = "-".join(f"{part:0{4 if i == 0 else 2}d}" for i, part in enumerate(whole[:3]))
    if size > 3:
        text += "T" + ":".join(f"{part:02d}" for part in whole[3:6])
        if size == 7 and whole[6]:
            text += f".{whole[6] // 1000:03d}"
        if moment.offset is not None:
            hours, minutes = divmod(abs(moment.offset), 60)
            text += "Z" if moment.offset == 0 else f"{'-' if moment.offset < 0 else '+'}{hours:02d}:{minutes:02d}"
    return Moment(kind=moment.kind, parts=whole, offset=moment.offset, text=text)


def _months_later(moment: Moment, months: int) -> Moment:
    if len(moment.parts) == 1:
        months -= months % 12 if months >= 0 else -(-months % 12)
    at = _full(moment)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    for day in (at.day, 30, 29, 28):
        try:
            return _written(moment, at.replace(year=year, month=month + 1, day=day))
        except ValueError:
            if day == 28:
                raise
    raise ExpressionFailed


def _later(moment: Moment, seconds: float) -> Moment:
    if len(moment.parts) < 3:  # less precise than a day: whole months only (N1: 30 days are a month, 365 a year)
        months = int(seconds / (30 * 86400)) if len(moment.parts) == 2 else int(seconds / (365 * 86400)) * 12
        return _months_later(moment, months)
    if len(moment.parts) == 3:
        seconds = int(seconds / 86400) * 86400
    return _written(moment, _full(moment) + timedelta(seconds=seconds))


def _time_plus(moment: Moment, seconds: float) -> Moment:
    whole = [*moment.parts, 0, 0, 0, 0][:4]
    since = timedelta(hours=whole[0], minutes=whole[1], seconds=whole[2] + seconds, microseconds=whole[3])
    at = datetime(2000, 1, 1, tzinfo=UTC) + since % timedelta(days=1)
    parts = (at.hour, at.minute, at.second, at.microsecond)[: len(moment.parts)]
    text = ":".join(f"{part:02d}" for part in parts[:3])
    return Moment(kind="time", parts=parts, text=text)
