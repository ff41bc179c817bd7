"""Days, months and years around a day: FHIR's partial dates as text, and the arithmetic of "last", "next" and "ago"."""

from calendar import monthrange
from datetime import date, timedelta

FIRST_YEAR, YEARS_AHEAD = 1880, 30
MONTHS = 12


def partial(year: int, month: int | None = None, day: int | None = None) -> str | None:
    """ "2024", "2024-03" or "2024-03-05"; None where there is no such day."""
    if not 1 <= year <= 9999:
        return None
    if month is None:
        return f"{year:04}"
    if not 1 <= month <= MONTHS:
        return None
    if day is None:
        return f"{year:04}-{month:02}"
    return f"{year:04}-{month:02}-{day:02}" if 1 <= day <= monthrange(year, month)[1] else None


def shifted(today: date, *, years: int = 0, months: int = 0, days: int = 0) -> date | None:
    """A day so many years, months and days away (the month's last day where it is shorter); None beyond the calendar."""
    count = today.year * MONTHS + today.month - 1 + years * MONTHS + months
    year, month = divmod(count, MONTHS)
    if not 1 <= year <= 9999:
        return None
    day = min(today.day, monthrange(year, month + 1)[1])
    try:
        return date(year, month + 1, day) + timedelta(days=days)
    except OverflowError:
        return None


def full_year(written: str, today: date, *, ahead: bool = False) -> int:
    """The year of two digits: the last one past, or within the next ten years where what is `ahead` is asked for."""
    if len(written) > 2:
        return int(written)
    year = today.year // 100 * 100 + int(written)
    return year - 100 if year > today.year + (10 if ahead else 1) else year


def year_of_month(month: int, today: date, *, after: bool) -> int:
    """The year of the last such month past (this month counts), or of the next one."""
    if after:
        return today.year if month > today.month else today.year + 1
    return today.year if month <= today.month else today.year - 1


def year_of_day(month: int, day: int, today: date, *, after: bool) -> int:
    """The year of the last such day past (today counts), or of the next one."""
    if after:
        return today.year if (month, day) >= (today.month, today.day) else today.year + 1
    return today.year if (month, day) <= (today.month, today.day) else today.year - 1


def weekday(number: int, today: date, *, after: bool) -> date:
    """The last such weekday before today, or the next one after it; Monday is 0."""
    if after:
        return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    return today - timedelta(days=(today.weekday() - number - 1) % 7 + 1)
