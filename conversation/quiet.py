"""Quiet hours where somebody lives; where that is not known, in all the places where they may live."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

from engagement.local_time import local_instant
from engagement.plans import Quiet

MARGIN = timedelta(minutes=1)
"""Nothing leaves so short before quiet hours begin: a provider may take half a minute over it."""
_NOWHERE = 8
"""A number of more zones than these belongs to no area (toll-free): it says nothing."""
_ROUNDS = 4
_DAY = timedelta(days=1)


def candidate_zones(own: str | None, *, study: Sequence[str], number: str = "") -> tuple[ZoneInfo, ...]:
    """Where somebody may be: in their own zone where it is known, else in any of the study's or of their number's area.

    `number`: E.164, or empty. People keep their number when they move, so it adds places and takes none away.
    """
    if own:
        return (ZoneInfo(own),)
    return tuple(ZoneInfo(name) for name in dict.fromkeys((*study, *_zones_of(number))))


@lru_cache(maxsize=4096)
def _zones_of(number: str) -> tuple[str, ...]:
    try:
        zones = tuple(map(str, time_zones_for_number(phonenumbers.parse(number, None)))) if number else ()
    except phonenumbers.NumberParseException:
        return ()
    known = tuple(zone for zone in zones if zone != "Etc/Unknown")
    return known if len(known) <= _NOWHERE else ()


def next_permitted(at: datetime, quiet: Quiet, zones: Collection[ZoneInfo]) -> datetime | None:
    """The first instant from `at` on at which no clock of these zones is in quiet hours; None where there is none."""
    moment = at
    for _ in range(_ROUNDS * len(zones) + 1):
        later = max((_next_there(moment, quiet, zone) for zone in zones), default=moment)
        if later == moment:
            return moment
        moment = later
    return None


def _next_there(at: datetime, quiet: Quiet, zone: ZoneInfo) -> datetime:
    today = at.astimezone(zone).date()
    windows = [_permitted(today + n * _DAY, quiet, zone) for n in range(-1, 3)]
    return next((max(at, opens) for opens, closes in windows if at < closes), at)


def _permitted(day: date, quiet: Quiet, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when the clock permits, beginning on this day."""
    opens = local_instant(day, quiet.ends, zone)
    if quiet.begins == quiet.ends:
        return opens, local_instant(day + _DAY, quiet.ends, zone)
    evening = day if quiet.begins > quiet.ends else day + _DAY
    return opens, local_instant(evening, quiet.begins, zone) - MARGIN
