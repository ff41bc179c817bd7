"""How much a person has been written lately, and when there is room for more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engagement.plans import Caps

LENGTHS: Mapping[str, timedelta] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
LOOK_BACK = timedelta(days=366)
_MARGIN = timedelta(minutes=1)
"""What a send may take: two that left a day apart must not arrive closer."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One touchpoint that went to a person, whatever the study and the channel."""

    at: datetime
    purpose: str
    says: str


def room_at(
    at: datetime, caps: Caps, sent: Sequence[Sent], *, purpose: str, per_year: int | None = None
) -> tuple[datetime, str]:
    """From when there is room for one more, and the cap that lasts longest ("" where there is room at once).

    `per_year`: how often a year the person permits this purpose.
    """
    latest, name = at, ""
    for length, most, counted, label in _limits(caps, purpose, per_year):
        times = sorted(one.at for one in sent if one.at + length > at and (not counted or one.purpose == counted))
        if len(times) >= most:
            free = times[len(times) - most] + length
            if free > latest:
                latest, name = free, label
    return latest, name


def _limits(caps: Caps, purpose: str, per_year: int | None) -> Iterator[tuple[timedelta, int, str, str]]:
    for name, most in (("day", caps.day), ("week", caps.week), ("month", caps.month)):
        yield LENGTHS[name] + _MARGIN, most, "", f"cap_{name}"
    for capped, mosts in caps.purposes.items():
        for length, most in mosts.items() if capped == purpose else ():
            yield LENGTHS[length] + _MARGIN, most, purpose, f"cap_{purpose}_{length}"
    if per_year is not None:
        yield LENGTHS["year"] + _MARGIN, per_year, purpose, "cap_permission"
