"""When somebody wants to hear from us again: "tomorrow evening", "in 2 weeks", "el viernes por la mañana"."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from engagement.local_time import Span, shift
from engagement.local_time import local_instant as instant

_WORDS = Path(__file__).parent / "words"
_HOURS = {"morning": time(9), "afternoon": time(14), "evening": time(18, 30)}
_SOONEST, _LATEST = timedelta(hours=1), timedelta(days=180)
_DEFAULT_DAYS = 1
_SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class Later:
    """The instant that was meant (UTC). `said`: they named one; else it is the day after, our own choice."""

    until: datetime
    said: bool


def read_later(text: str, *, language: str, now: datetime) -> Later:
    """When they want to hear from us again. `now`: with the zone where they live; never less than an hour or more than half a
    year ahead."""
    said = _plain(text)
    found = next(
        (found for spoken in dict.fromkeys((language, "en", "es")) if (found := _read(said, _words(spoken), now))), None
    )
    zone: Any = now.tzinfo
    until = found or instant(now.date() + timedelta(days=_DEFAULT_DAYS), now.time(), zone)
    return Later(until=min(max(until, now + _SOONEST), now + _LATEST).astimezone(until.tzinfo), said=found is not None)


def _read(said: str, words: Any, now: datetime) -> datetime | None:
    zone: Any = now.tzinfo
    at = _time(said, words)
    span = _span(said, words)
    if span is not None and span.unit == "hours":
        return shift(now, span, zone)
    day = _day(said, words, now.date()) if span is None else shift(now, span, zone).astimezone(zone).date()
    if day is None and at is None:
        return None
    chosen = at or (now.time() if span is not None else _HOURS["morning"])
    if day is None:
        day = now.date() if datetime.combine(now.date(), chosen, zone) > now else now.date() + timedelta(days=1)
    return instant(day, chosen, zone)


def _day(said: str, words: Any, today: date) -> date | None:
    def has(pattern: str) -> bool:
        return re.search(rf"\b(?:{pattern})\b", said) is not None

    if has(words["tomorrow"]):
        return today + timedelta(days=1)
    if has(words["weekend"]):
        return today + timedelta(days=(_SATURDAY - today.weekday()) % 7 or 7)
    for number, pattern in enumerate(words["weekdays"]):
        if has(pattern):
            return today + timedelta(days=(number - today.weekday()) % 7 or 7)
    for number, name in enumerate(words["months"], 1):
        found = re.search(rf"\b{name[:3]}\w*\.?\s+(\d{{1,2}})\b|\b(\d{{1,2}})(?:\s+de)?\s+{name[:3]}", said)
        if found:
            return _on(today, number, int(found[1] or found[2]))
    for unit, days in (("weeks", 7), ("months", 30), ("years", 180)):
        if has(words["units"][unit]) and has(words["next"]):
            return today + timedelta(days=days)
    return today if has(words["today"]) else None


def _on(today: date, month: int, day: int) -> date | None:
    try:
        found = date(today.year, month, day)
        return found if found > today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _span(said: str, words: Any) -> Span | None:
    names = "|".join(words["numbers"])
    for unit, pattern in words["units"].items():
        found = re.search(rf"\b(\d{{1,3}}|{names})(?: (?:more|of|mas|de))? (?:{pattern})\b", said)
        if found:
            count = int(found[1]) if found[1].isdecimal() else words["numbers"][found[1]]
            return Span(count=count, unit=unit)
    return None


def _time(said: str, words: Any) -> time | None:
    found = re.search(words["clock"], said)
    if found and int(found[1]) <= 23:
        hour, half = int(found[1]), (found[3] or "")[:1]
        late = half in ("p", "t", "n") or (not half and hour < 8)
        return time((hour % 12 + 12 if late else hour) if hour <= 12 else hour, int(found[2] or 0) % 60)
    return next(
        (_HOURS[part] for part, pattern in words["parts"].items() if re.search(rf"\b(?:{pattern})\b", said)), None
    )


def _plain(text: str) -> str:
    """Lower case, without accents and what is no word."""
    bare = unicodedata.normalize("NFD", text.lower()[:500])
    kept = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return re.sub(r"\s+", " ", re.sub(r"[^\w:.]+", " ", kept))


@cache
def _words(language: str) -> Any:
    return yaml.safe_load((_WORDS / f"{language}.yml").read_text(encoding="utf-8"))
