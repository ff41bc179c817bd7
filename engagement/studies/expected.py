"""When a person will answer: the support clock of a study."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from engagement.studies.pack import DAYS, StudyPack, Support


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What to tell a participant who waits. `hours` (rounded up) only where the answer comes on the same day."""

    kind: Literal["within_hours", "next_working_day"]
    hours: int | None
    due: datetime
    """The instant, in UTC, by which a person has answered."""


def decide_expected(pack: StudyPack, at: datetime) -> Expected:
    """When someone who asks at this instant is answered: `answer_within_hours` of working time later.

    Working time runs while support is open in the study's time zone; hours are real hours, also where clocks change.
    """
    zone = ZoneInfo(pack.time_zone)
    day = at.astimezone(zone).date()
    left = timedelta(hours=pack.support.answer_within_hours)
    due = at.astimezone(UTC)
    while left:
        opened, closed = _open_hours(pack.support, day, zone)
        start = max(opened, due)
        used = min(left, max(closed - start, timedelta()))
        left -= used
        if used:
            due = start + used
        if left:
            day += timedelta(days=1)
    if due.astimezone(zone).date() == at.astimezone(zone).date():
        return Expected(kind="within_hours", hours=-((at - due) // timedelta(hours=1)), due=due)
    return Expected(kind="next_working_day", hours=None, due=due)


def _open_hours(support: Support, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Opening and closing of a day in UTC; a closed day opens and closes at once."""
    opened = datetime.combine(day, support.open, tzinfo=zone).astimezone(UTC)
    if DAYS[day.weekday()] not in support.days:
        return opened, opened
    return opened, datetime.combine(day, support.close, tzinfo=zone).astimezone(UTC)
