"""Values as people write them in the YAML of a study: each function returns the value or raises `ValueError`."""

import re
from collections.abc import Callable, Sequence
from datetime import time
from typing import Any, cast
from zoneinfo import ZoneInfo

from engagement.local_time import Span, Unit

_CLOCK_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_LENGTH = re.compile(r"(\d{1,4}) (minute|hour|day|week|month|year)s?")


def time_zone(name: str) -> str:
    """A name of the IANA time zone database."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(f"'{name}' is no IANA time zone such as America/New_York") from None
    return name


def clock_time(text: Any) -> time:
    """HH:MM on a 24-hour clock. YAML reads 18:00 without quotes as the number 1080."""
    if not isinstance(text, str) or not _CLOCK_TIME.fullmatch(text):
        raise ValueError(f'{text!r} is no time; write it in quotes, such as "08:00"')
    return time.fromisoformat(text)


def one_of(known: Sequence[str], kind: str) -> Callable[[str], str]:
    """A check that a name is one of those known."""

    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"unknown {kind} '{name}'; known are {', '.join(known)}")
        return name

    return check


def span(text: Any) -> Span:
    """A number and a unit as a length; raises `ValueError`."""
    if isinstance(text, Span):
        return text
    found = _LENGTH.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"'{text}' is no length of time; write it such as 3 days, 2 hours or 1 year")
    return Span(count=int(found[1]), unit=cast(Unit, f"{found[2]}s"))
