"""What a date told from today means: ago, last and next, weekdays, seasons, ages."""

import re
from datetime import date
from fractions import Fraction

from engagement.answers.calendar import partial, shifted, weekday, year_of_month
from engagement.answers.date_meaning import Meaning, is_ahead, one
from engagement.answers.setting import Setting

_SEASONS = {"spring": 5, "summer": 8, "autumn": 11, "winter": 2}
"""The month each season is over by, where the year has its winter in January."""


def read_named_month(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "Last March", "marzo pasado"; of a month that is hardly over, the one before may be meant."""
    month, today = int(match["m"]), setting.today
    words = match[0].split()
    if "next" in words:
        return one(partial(year_of_month(month, today, after=True), month))
    if "this" in words:
        return one(partial(today.year, month))
    if "last" not in words:
        return Meaning(values=(partial(year_of_month(month, today, after=is_ahead(setting)), month),), assumed=True)
    year = year_of_month(month, today, after=False)
    ago = (today.year - year) * 12 + today.month - month
    if ago == 0:
        return one(partial(year - 1, month))
    if ago <= 2:
        return Meaning(values=(partial(year, month), partial(year - 1, month)), doubt="which-year")
    return one(partial(year, month))


def read_month_of_named_year(match: re.Match[str], setting: Setting) -> Meaning | None:
    step = {"last": -1, "this": 0, "next": 1}[match["q"] or match["r"]]
    day = int(match["d"]) if match["d"] else None
    return one(partial(setting.today.year + step, int(match["m"]), day))


def counted(said: str | None) -> Fraction:
    if said is None:
        return Fraction(1)
    return {"art": Fraction(1), "half": Fraction(1, 2)}.get(said) or Fraction(said)


def read_nothing(match: re.Match[str], setting: Setting) -> Meaning | None:
    """Looks like a date and is none: "the 2000s", "two Tuesdays ago", 1/2/3."""
    return Meaning(values=())


def read_to_the_day(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "One year ago today"."""
    count = int(counted(match["n"]))
    unit = {"a": "years", "mo": "months", "wk": "days", "d": "days"}[match["u"]]
    found = shifted(setting.today, **{unit: -count * (7 if match["u"] == "wk" else 1)})
    return one(found.isoformat() if found else None)


def read_weekday_of_month(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "Monday the 5th": the nearest day that is both."""
    for months in range(13):
        first = shifted(setting.today.replace(day=1), months=months if is_ahead(setting) else -months)
        said = partial(first.year, first.month, int(match["d"])) if first else None
        found = date.fromisoformat(said) if said else None
        past = found is not None and (found >= setting.today if is_ahead(setting) else found <= setting.today)
        if found is not None and past and found.weekday() == int(match["w"]):
            return Meaning(values=(found.isoformat(),), assumed=True)
    return Meaning(values=(None,))


def read_weekday_of_week(match: re.Match[str], setting: Setting) -> Meaning | None:
    step = -1 if "last" in match[0].split() else 1 if "next" in match[0].split() else 0
    found = shifted(setting.today, days=7 * step - setting.today.weekday() + int(match["w"]))
    return one(found.isoformat() if found else None)


def read_day_of_named_month(match: re.Match[str], setting: Setting) -> Meaning | None:
    step = -1 if "last" in match[0].split() else 1 if "next" in match[0].split() else 0
    found = shifted(setting.today.replace(day=1), months=step)
    return one(partial(found.year, found.month, int(match["d"]))) if found else None


def read_ago(match: re.Match[str], setting: Setting) -> Meaning | None:
    return read_away(match, setting, -1)


def read_ago_in_two(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "A year and 3 months ago": as exact as the smaller unit."""
    counts = [counted(match[name]) for name in ("n", "k")]
    units = {"a": 0, "mo": 0, "wk": 0, "d": 0}
    for unit, count in zip((match["u"], match["v"]), counts, strict=True):
        units[unit] += int(count)
    days = units["wk"] * 7 + units["d"]
    found = shifted(setting.today, years=-units["a"], months=-units["mo"], days=-days)
    if found is None:
        return one(None)
    value = found.isoformat() if days else partial(found.year, found.month)
    return Meaning(values=(value,), approximate=True)


def read_hence(match: re.Match[str], setting: Setting) -> Meaning | None:
    return read_away(match, setting, 1)


def read_away(match: re.Match[str], setting: Setting, sign: int) -> Meaning | None:
    count = counted(match["n"]) + (Fraction(1, 2) if match["h"] else 0)
    unit, today = match["u"], setting.today
    if count > 2_000 and unit != "d":
        return None
    if unit in ("d", "wk"):
        days = count * (7 if unit == "wk" else 1)
        found = shifted(today, days=sign * round(days))
        return Meaning(values=(found.isoformat() if found else None,), approximate=unit == "wk")
    months = count * (12 if unit == "a" else 1)
    found = shifted(today, months=sign * round(months))
    if found is None:
        return one(None)
    whole_years = unit == "a" and count.denominator == 1
    return Meaning(values=(partial(found.year, None if whole_years else found.month),), approximate=True)


def read_named_unit(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "Last year", "este mes", "la semana pasada"; a week is as good as the month it lies in."""
    step = -1 if "last" in match[0] else 1 if "next" in match[0] else 0
    today = setting.today
    if match["u"] == "a":
        return one(partial(today.year + step))
    if match["u"] == "mo":
        found = shifted(today, months=step)
        return one(partial(found.year, found.month)) if found else None
    monday = shifted(today, days=7 * step - today.weekday())
    sunday = shifted(monday, days=6) if monday else None
    if match["u"] != "wk" or monday is None or sunday is None:
        return None
    months = dict.fromkeys((partial(monday.year, monday.month), partial(sunday.year, sunday.month)))
    return Meaning(values=tuple(months), approximate=True)


def read_weekday(match: re.Match[str], setting: Setting) -> Meaning | None:
    words = match[0].split()
    if "this" in words:
        return read_weekday_of_week(match, setting)
    after = "next" in words or (is_ahead(setting) and "last" not in words)
    found = weekday(int(match["w"]), setting.today, after=after)
    return Meaning(values=(found.isoformat(),), assumed="last" not in words and "next" not in words)


def read_day_word(match: re.Match[str], setting: Setting) -> Meaning | None:
    found = shifted(setting.today, days=int(match["n"]))
    return one(found.isoformat() if found else None)


def read_this_day(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "Two hours ago"."""
    return Meaning(values=(setting.today.isoformat(),), approximate=True)


def read_season(match: re.Match[str], setting: Setting) -> Meaning | None:
    today, over = setting.today, _SEASONS[match["s"]]
    words = match[0].split()
    if match["y"]:
        return Meaning(values=(match["y"],), approximate=True)
    if "this" in words:
        return Meaning(values=(partial(today.year),), approximate=True)
    if "last" not in words:
        return None
    if match["s"] == "winter":
        return Meaning(values=(partial(today.year), partial(today.year - 1)), doubt="which-year", approximate=True)
    return Meaning(values=(partial(today.year if today.month > over else today.year - 1),), approximate=True)


def read_aged(match: re.Match[str], setting: Setting) -> Meaning | None:
    if setting.born is None:
        return None
    return Meaning(values=(partial(setting.born.year + int(match["n"])),), approximate=True)


def read_day_only(match: re.Match[str], setting: Setting) -> Meaning | None:
    day, today, after = int(match["d"] or match["e"]), setting.today, is_ahead(setting)
    for months in range(3):
        first = shifted(date(today.year, today.month, 1), months=months if after else -months)
        found = partial(first.year, first.month, day) if first else None
        if found and (found >= today.isoformat() if after else found <= today.isoformat()):
            return Meaning(values=(found,), assumed=True)
    return None
