"""A date or an instant as staff write it: what was permitted "on" a day is what stood when it ended."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from engagement.errors import EngagementError


class BadDate(EngagementError):
    """Not a date such as 2026-11-24, nor an instant with its offset such as 2026-11-24T12:00+00:00."""


def read_instant(text: str, *, zone: tzinfo = UTC) -> datetime:
    """The instant meant; for a date the last one of that day in `zone`. Raises `BadDate`."""
    try:
        if len(text) == len("2026-11-24"):
            following = date.fromisoformat(text) + timedelta(days=1)
            return datetime.combine(following, datetime.min.time(), tzinfo=zone) - timedelta(microseconds=1)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise BadDate from None
    if found.tzinfo is None:
        raise BadDate
    return found
