"""What a date on the calendar means: its numbers and month names, and which year where none is said."""

import re
from dataclasses import dataclass

from engagement.answers.calendar import FIRST_YEAR, YEARS_AHEAD, full_year, partial, year_of_day
from engagement.answers.reading import Doubt
from engagement.answers.setting import Setting


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a pattern says: one date, or several that are possible, or none that exists."""

    values: tuple[str | None, ...]
    doubt: Doubt = "several"
    approximate: bool = False
    assumed: bool = False


def is_ahead(setting: Setting) -> bool:
    """Does the item ask for what is still to come?"""
    low, today = setting.expectation.minimum, setting.today.isoformat()
    return isinstance(low, str) and low[:10] >= today[: len(low[:10])] and len(low) >= 7


def one(value: str | None) -> Meaning:
    return Meaning(values=(value,))


def read_ymd(match: re.Match[str], setting: Setting) -> Meaning | None:
    return one(partial(int(match["y"]), int(match["m"]), int(match["d"])))


def read_numeric(match: re.Match[str], setting: Setting) -> Meaning | None:
    return either(
        int(match["a"]), int(match["b"]), full_year(match["y"], setting.today, ahead=is_ahead(setting)), setting
    )


def either(first: int, second: int, year: int, setting: Setting) -> Meaning:
    """3/4/24 by the participant's region; both readings where the region does not settle it."""
    month_day, day_month = partial(year, first, second), partial(year, second, first)
    if month_day is None or day_month is None or first == second:
        return one(month_day or day_month)
    order = setting.month_first
    if order is None:
        return Meaning(values=(month_day, day_month), doubt="day-or-month")
    return one(month_day if order else day_month)


def read_run_together(match: re.Match[str], setting: Setting) -> Meaning | None:
    said = match["n"]
    if len(said) == 8 and FIRST_YEAR <= int(said[:4]) <= setting.today.year + YEARS_AHEAD:
        whole = partial(int(said[:4]), int(said[4:6]), int(said[6:]))
        if whole:
            return one(whole)
    return either(int(said[:2]), int(said[2:4]), full_year(said[4:], setting.today), setting)


def read_day_month_year(match: re.Match[str], setting: Setting) -> Meaning | None:
    year = full_year(match["y"], setting.today, ahead=is_ahead(setting))
    return one(partial(year, int(match["m"]), int(match["d"])))


def read_months_year(match: re.Match[str], setting: Setting) -> Meaning | None:
    year = full_year(match["y"], setting.today)
    return Meaning(values=(partial(year, int(match["m"])), partial(year, int(match["n"]))), doubt="range")


def read_month_year(match: re.Match[str], setting: Setting) -> Meaning | None:
    year = full_year(match["y"], setting.today)
    month = int(match["m"])
    return one(partial(year, month)) if 1 <= month <= 12 else None


def read_day_month(match: re.Match[str], setting: Setting) -> Meaning | None:
    month, day = int(match["m"]), int(match["d"])
    if day > 31:
        return one(partial(full_year(match["d"], setting.today), month))
    return without_year(month, day, setting)


def read_two_days(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "March 5 or 6, 2024"."""
    month, days = int(match["m"]), (int(match["d"]), int(match["e"]))
    if match["y"]:
        year = full_year(match["y"], setting.today)
        return Meaning(values=tuple(partial(year, month, day) for day in days), doubt="range")
    return Meaning(
        values=tuple(value for day in days for value in without_year(month, day, setting).values), doubt="range"
    )


def without_year(month: int, day: int, setting: Setting) -> Meaning:
    year = year_of_day(month, day, setting.today, after=is_ahead(setting))
    leap = partial(year, month, day) or next(
        filter(None, (partial(year - back, month, day) for back in range(1, 9))), None
    )
    return Meaning(values=(leap,), assumed=True)


def read_numeric_day_month(match: re.Match[str], setting: Setting) -> Meaning | None:
    first, second = int(match["a"]), int(match["b"])
    order = setting.month_first
    pairs = [(first, second)] if order is not False else []
    pairs += [(second, first)] if order is not True else []
    real = [pair for pair in pairs if partial(2024, *pair)] or [(second, first)] * bool(partial(2024, second, first))
    real = real or [(first, second)] * bool(partial(2024, first, second))
    found = {value: None for pair in real for value in without_year(*pair, setting).values}
    return Meaning(values=tuple(found) or (None,), doubt="day-or-month", assumed=True)


def read_fixed(match: re.Match[str], setting: Setting) -> Meaning | None:
    month, day = int(match["m"]), int(match["d"])
    if match["y"]:
        return one(partial(full_year(match["y"], setting.today), month, day))
    after = "next" in match[0].split() or is_ahead(setting)
    year = year_of_day(month, day, setting.today, after=after)
    return Meaning(values=(partial(year, month, day),), assumed="last" not in match[0] and "next" not in match[0])


def read_year(match: re.Match[str], setting: Setting) -> Meaning | None:
    year = full_year(match["y"], setting.today)
    return one(partial(year)) if FIRST_YEAR <= year <= setting.today.year + YEARS_AHEAD else None
