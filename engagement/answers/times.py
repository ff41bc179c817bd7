"""Answers that are times of day, and days with a time."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from engagement.answers.codes import encode, joined
from engagement.answers.dates import find_dates, settle
from engagement.answers.numbers import without_hedges
from engagement.answers.reading import Ambiguous, Doubt, Invalid, Note, NotUnderstood, Reading, Understood
from engagement.answers.setting import Setting
from engagement.answers.text import Text

_AM_PM = re.compile(r"(?<=[\d ])([ap]) ?\. ?m\b\.?")
_GLUED = re.compile(r"(?<=\d)([ap])(?![a-z])")
_POINT = re.compile(r"(?<![\d.])(\d{1,2})\.(\d\d)(?![\d.])")
_H = re.compile(r"(?<!\d)(\d{1,2}) ?h ?(\d\d)(?!\d)")
_HALVES = ("am", "pm", "night")
_HALF = re.compile(r"(?<!\S)(am|pm|night) ")
_ONE_DIGIT = re.compile(r"(?<!\S)\d{1,2} : \d ")
_BETWEEN = re.compile(r"(?:skip )*range ")
_HOURS, _MINUTES, _NOON = 24, 60, 12
_EVENING = 6
"""A night hour from this one on is before midnight."""


@dataclass(frozen=True, kw_only=True)
class _Clock:
    hour: int
    minute: int = 0
    second: int = 0
    certain: bool = False
    """Written so that no half of the day needs to be asked: 08:30, 20:30, 10:00:00."""
    half: str | None = None
    """The next "am", "pm" or "night" after it."""


_MIN = r"(?: minutes)?"
_PATTERNS = tuple(
    re.compile(rf"(?<!\S){pattern} ")
    for pattern in (
        r"(?P<h>\d{1,2}) : (?P<m>\d{2})(?: : (?P<s>\d{2}))?",
        r"half past (?P<h>\d{1,2})(?P<half>)",
        rf"(?P<m>quarter|\d{{1,2}}){_MIN} past (?P<h>\d{{1,2}})(?P<en>)",
        rf"(?P<m>quarter|\d{{1,2}}){_MIN} to (?:skip )*(?P<h>\d{{1,2}})(?P<minus>)",
        rf"(?P<h>\d{{1,2}}) plus (?P<m>half|quarter|\d{{1,2}}){_MIN}(?P<es>)",
        rf"(?P<h>\d{{1,2}}) minus (?P<m>quarter|\d{{1,2}}){_MIN}(?P<minus2>)",
        r"(?P<h>\d{1,2}) (?P<m>[1-5]\d)",
        r"(?P<hm>\d{3,4})",
        r"half (?P<h>\d{1,2})(?P<half2>)",
        r"(?P<h>\d{1,2})",
    )
)


def read_time(text: Text, setting: Setting) -> Reading:
    """A FHIR time, "20:30:00"."""
    return _settle(text.plain, text.plain, setting)


def read_moment(text: Text, setting: Setting) -> Reading:
    """A FHIR dateTime: a day, and a time with its offset; the day alone where the item allows less."""
    found = find_dates(text, setting)
    day = settle(found, setting)
    if isinstance(day, Invalid) and day.problem == "needs-full-date" and setting.expectation.partial_date is False:
        return day
    if not isinstance(day, Understood) or len(day.values) != 1:
        time = read_time(text, setting) if isinstance(day, NotUnderstood) else None
        return Invalid(problem="needs-full-date") if isinstance(time, Understood | Ambiguous) else day
    plain = text.plain
    for one in found.dates:
        plain = plain[: one.start] + " " * (one.end - one.start) + plain[one.end :]
    time = _settle(plain, text.plain, setting)
    date_said = str(day.values[0])
    if isinstance(time, NotUnderstood) or len(date_said) < len("2024-03-05"):
        return day if setting.expectation.partial_date else Invalid(problem="needs-time", values=day.values)
    if isinstance(time, Ambiguous):
        moments = tuple(_moment(date_said, str(value), setting) for value in time.candidates)
        return Ambiguous(candidates=moments, doubt=time.doubt)
    if not isinstance(time, Understood):
        return time
    moment = _moment(date_said, str(time.values[0]), setting)
    return Understood(values=(moment,), notes=(*day.notes, *(note for note in time.notes if note not in day.notes)))


def _moment(day: str, time: str, setting: Setting) -> str:
    try:
        zone = ZoneInfo(setting.zone)
    except (ValueError, OSError):
        zone = ZoneInfo("UTC")
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=zone).isoformat()


def _settle(plain: str, whole: str, setting: Setting) -> Reading:
    """`plain`: where hours may stand; `whole`: where "in the morning" may stand."""
    said = without_hedges(_prepared(plain), setting)
    approximate = said != _prepared(plain)
    codes = joined(tuple(code for code in encode(said, setting, "clock") if code.said not in ("x", "~", "?")))
    if _BETWEEN.match(codes):
        codes = codes.replace("plus ", "range ")
    clocks = _clocks(_ONE_DIGIT.sub("", codes))
    marks = [code.said for code in encode(without_hedges(_prepared(whole), setting), setting, "clock")]
    named = next((mark for mark in marks if mark in ("noon", "midnight")), None)
    if named and (not clocks or (len(clocks) == 1 and clocks[0].hour == _NOON)):
        minute = clocks[0].minute if clocks else 0
        clocks = [_Clock(hour=_NOON if named == "noon" else 0, minute=minute, certain=True)]
    if not clocks or len(clocks) > 2:
        return NotUnderstood()
    if any(clock.hour > _HOURS - 1 or clock.minute >= _MINUTES or clock.second >= _MINUTES for clock in clocks):
        return NotUnderstood()
    somewhere = next((mark for mark in marks if mark in _HALVES), None)
    hours = [_hours(clock, clock.half or somewhere, plain, setting) for clock in clocks]
    values = tuple(_written(clock, hour) for clock, found in zip(clocks, hours, strict=True) for hour in found)
    if len(clocks) == 2:
        doubt: Doubt = "range" if {"range", "to", "-"} & set(marks) else "several"
        return Ambiguous(candidates=values, doubt=doubt)
    if len(values) > 1:
        return Ambiguous(candidates=values, doubt="am-or-pm")
    return Understood(values=values, notes=(Note(code="approximate"),) if approximate else ())


def _prepared(plain: str) -> str:
    plain = _GLUED.sub(r" \1m ", _AM_PM.sub(r" \1m ", plain))
    return _H.sub(r"\1:\2", _POINT.sub(r"\1:\2", plain))


def _clocks(said: str) -> list[_Clock]:
    found: list[tuple[int, int, _Clock]] = []
    for pattern in _PATTERNS:
        for match in list(pattern.finditer(said)):
            clock = None if "_" in match[0] else _clock(match)
            if clock is None:
                continue
            found.append((match.start(), match.end(), clock))
            said = said[: match.start()] + re.sub(r"\S", "_", match[0]) + said[match.end() :]
    found.sort(key=lambda one: one[0])
    halves = [(match.start(), match[1]) for match in _HALF.finditer(said)]
    return [
        replace(clock, half=next((half for place, half in halves if place >= end), None)) for _, end, clock in found
    ]


def _clock(match: re.Match[str]) -> _Clock | None:
    parts = match.groupdict()
    if parts.get("hm"):
        written = parts["hm"].zfill(4)
        hour, minute = int(written[:2]), int(written[2:])
        return _Clock(hour=hour, minute=minute, certain=parts["hm"][0] == "0" or hour > _NOON)
    hour = int(parts["h"])
    if "half" in parts or "half2" in parts:
        return _Clock(hour=hour, minute=30) if 1 <= hour <= _NOON else None
    said = parts.get("m")
    minute = {"half": 30, "quarter": 15, None: 0}.get(said, -1)
    minute = int(said) if minute < 0 and said else minute
    if "minus" in parts or "minus2" in parts:
        if not 0 < minute < _MINUTES // 2 + 1 or not 1 <= hour <= _HOURS or ("minus" in parts and minute == hour - 1):
            return None
        return _Clock(hour=hour - 1 or _NOON, minute=_MINUTES - minute)
    if ("en" in parts or "es" in parts) and not 1 <= hour <= _HOURS:
        return None
    leading_zero = parts["h"].startswith("0") and said is not None
    certain = hour == 0 or hour > _NOON or leading_zero or parts.get("s") is not None  # seconds are written by machines
    return _Clock(hour=0 if hour == _HOURS else hour, minute=minute, second=int(parts.get("s") or 0), certain=certain)


def _hours(clock: _Clock, half: str | None, plain: str, setting: Setting) -> tuple[int, ...]:
    hour = clock.hour
    if clock.certain or hour > _NOON:
        return (hour,)
    if half == "am":
        return (hour % _NOON,)
    if half == "pm":
        return (hour % _NOON + _NOON,)
    if half == "night":
        late = _EVENING <= hour < _NOON
        return (hour + _NOON if late else hour % _NOON,)
    if setting.clock_of_24_hours and re.search(r"\d ?[:.h] ?\d\d", plain):
        return (hour,)
    return (hour % _NOON, hour % _NOON + _NOON)


def _written(clock: _Clock, hour: int) -> str:
    return f"{hour:02}:{clock.minute:02}:{clock.second:02}"
