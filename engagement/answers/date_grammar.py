"""The ways to say a date, as patterns over codes (see `codes`), each with what it means."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from engagement.answers.calendar import (
    FIRST_YEAR,
    YEARS_AHEAD,
    full_year,
    partial,
    shifted,
    weekday,
    year_of_day,
    year_of_month,
)
from engagement.answers.reading import Doubt
from engagement.answers.setting import Setting


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a pattern says: one date, or several that are possible, or none that exists."""

    values: tuple[str | None, ...]
    doubt: Doubt = "several"
    approximate: bool = False
    assumed: bool = False


type _Handler = Callable[[re.Match[str], Setting], Meaning | None]

_OF = r"(?:(?:of|the|in|,|-|/|\.) )*"
_YEAR = r"(?:' )?(?P<y>\d{4}|(?<=' )\d\d)"
_ANY_YEAR = r"(?:' )?(?P<y>\d{4}|\d\d)"
_DAY = r"(?P<d>\d{1,2})(?: th)?"
_MONTH = r"m(?P<m>\d+)"
_COUNT = r"(?:bound )?(?P<n>\d{1,4}(?:\.\d+)?|art|half)"
_UNIT = r"(?:of |art )*u(?P<u>d|wk|mo|a)"
_HALF = r"(?P<h>(?: and)?(?: art)? half)?"
_OR = r"(?:or|and|-|/) (?:the )?"
_SEASONS = {"spring": 5, "summer": 8, "autumn": 11, "winter": 2}
"""The month each season is over by, where the year has its winter in January."""


def _ahead(setting: Setting) -> bool:
    """Does the item ask for what is still to come?"""
    low, today = setting.expectation.minimum, setting.today.isoformat()
    return isinstance(low, str) and low[:10] >= today[: len(low[:10])] and len(low) >= 7


def _one(value: str | None) -> Meaning:
    return Meaning(values=(value,))


def _ymd(match: re.Match[str], setting: Setting) -> Meaning | None:
    return _one(partial(int(match["y"]), int(match["m"]), int(match["d"])))


def _numeric(match: re.Match[str], setting: Setting) -> Meaning | None:
    return _either(
        int(match["a"]), int(match["b"]), full_year(match["y"], setting.today, ahead=_ahead(setting)), setting
    )


def _either(first: int, second: int, year: int, setting: Setting) -> Meaning:
    """3/4/24 by the participant's region; both readings where the region does not settle it."""
    month_day, day_month = partial(year, first, second), partial(year, second, first)
    if month_day is None or day_month is None or first == second:
        return _one(month_day or day_month)
    order = setting.month_first
    if order is None:
        return Meaning(values=(month_day, day_month), doubt="day-or-month")
    return _one(month_day if order else day_month)


def _run_together(match: re.Match[str], setting: Setting) -> Meaning | None:
    said = match["n"]
    if len(said) == 8 and FIRST_YEAR <= int(said[:4]) <= setting.today.year + YEARS_AHEAD:
        whole = partial(int(said[:4]), int(said[4:6]), int(said[6:]))
        if whole:
            return _one(whole)
    return _either(int(said[:2]), int(said[2:4]), full_year(said[4:], setting.today), setting)


def _day_month_year(match: re.Match[str], setting: Setting) -> Meaning | None:
    year = full_year(match["y"], setting.today, ahead=_ahead(setting))
    return _one(partial(year, int(match["m"]), int(match["d"])))


def _months_year(match: re.Match[str], setting: Setting) -> Meaning | None:
    year = full_year(match["y"], setting.today)
    return Meaning(values=(partial(year, int(match["m"])), partial(year, int(match["n"]))), doubt="range")


def _month_year(match: re.Match[str], setting: Setting) -> Meaning | None:
    year = full_year(match["y"], setting.today)
    month = int(match["m"])
    return _one(partial(year, month)) if 1 <= month <= 12 else None


def _day_month(match: re.Match[str], setting: Setting) -> Meaning | None:
    month, day = int(match["m"]), int(match["d"])
    if day > 31:
        return _one(partial(full_year(match["d"], setting.today), month))
    return _without_year(month, day, setting)


def _two_days(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "March 5 or 6, 2024"."""
    month, days = int(match["m"]), (int(match["d"]), int(match["e"]))
    if match["y"]:
        year = full_year(match["y"], setting.today)
        return Meaning(values=tuple(partial(year, month, day) for day in days), doubt="range")
    return Meaning(
        values=tuple(value for day in days for value in _without_year(month, day, setting).values), doubt="range"
    )


def _this_day(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "Two hours ago"."""
    return Meaning(values=(setting.today.isoformat(),), approximate=True)


def _without_year(month: int, day: int, setting: Setting) -> Meaning:
    year = year_of_day(month, day, setting.today, after=_ahead(setting))
    leap = partial(year, month, day) or next(
        filter(None, (partial(year - back, month, day) for back in range(1, 9))), None
    )
    return Meaning(values=(leap,), assumed=True)


def _numeric_day_month(match: re.Match[str], setting: Setting) -> Meaning | None:
    first, second = int(match["a"]), int(match["b"])
    order = setting.month_first
    pairs = [(first, second)] if order is not False else []
    pairs += [(second, first)] if order is not True else []
    real = [pair for pair in pairs if partial(2024, *pair)] or [(second, first)] * bool(partial(2024, second, first))
    real = real or [(first, second)] * bool(partial(2024, first, second))
    found = {value: None for pair in real for value in _without_year(*pair, setting).values}
    return Meaning(values=tuple(found) or (None,), doubt="day-or-month", assumed=True)


def _named_month(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "Last March", "marzo pasado"; of a month that is hardly over, the one before may be meant."""
    month, today = int(match["m"]), setting.today
    words = match[0].split()
    if "next" in words:
        return _one(partial(year_of_month(month, today, after=True), month))
    if "this" in words:
        return _one(partial(today.year, month))
    if "last" not in words:
        return Meaning(values=(partial(year_of_month(month, today, after=_ahead(setting)), month),), assumed=True)
    year = year_of_month(month, today, after=False)
    ago = (today.year - year) * 12 + today.month - month
    if ago == 0:
        return _one(partial(year - 1, month))
    if ago <= 2:
        return Meaning(values=(partial(year, month), partial(year - 1, month)), doubt="which-year")
    return _one(partial(year, month))


def _month_of_named_year(match: re.Match[str], setting: Setting) -> Meaning | None:
    step = {"last": -1, "this": 0, "next": 1}[match["q"] or match["r"]]
    day = int(match["d"]) if match["d"] else None
    return _one(partial(setting.today.year + step, int(match["m"]), day))


def _count(said: str) -> Fraction:
    return {"art": Fraction(1), "half": Fraction(1, 2)}.get(said) or Fraction(said)


def _nothing(match: re.Match[str], setting: Setting) -> Meaning | None:
    """Looks like a date and is none: "the 2000s", "two Tuesdays ago", 1/2/3."""
    return Meaning(values=())


def _to_the_day(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "One year ago today"."""
    count = int(_count(match["n"]))
    unit = {"a": "years", "mo": "months", "wk": "days", "d": "days"}[match["u"]]
    found = shifted(setting.today, **{unit: -count * (7 if match["u"] == "wk" else 1)})
    return _one(found.isoformat() if found else None)


def _weekday_of_month(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "Monday the 5th": the nearest day that is both."""
    for months in range(13):
        first = shifted(setting.today.replace(day=1), months=months if _ahead(setting) else -months)
        said = partial(first.year, first.month, int(match["d"])) if first else None
        found = date.fromisoformat(said) if said else None
        past = found is not None and (found >= setting.today if _ahead(setting) else found <= setting.today)
        if found is not None and past and found.weekday() == int(match["w"]):
            return Meaning(values=(found.isoformat(),), assumed=True)
    return Meaning(values=(None,))


def _weekday_of_week(match: re.Match[str], setting: Setting) -> Meaning | None:
    step = -1 if "last" in match[0].split() else 1 if "next" in match[0].split() else 0
    found = shifted(setting.today, days=7 * step - setting.today.weekday() + int(match["w"]))
    return _one(found.isoformat() if found else None)


def _day_of_named_month(match: re.Match[str], setting: Setting) -> Meaning | None:
    step = -1 if "last" in match[0].split() else 1 if "next" in match[0].split() else 0
    found = shifted(setting.today.replace(day=1), months=step)
    return _one(partial(found.year, found.month, int(match["d"]))) if found else None


def _ago(match: re.Match[str], setting: Setting) -> Meaning | None:
    return _away(match, setting, -1)


def _ago_in_two(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "A year and 3 months ago": as exact as the smaller unit."""
    counts = [_count(match[name]) for name in ("n", "k")]
    units = {"a": 0, "mo": 0, "wk": 0, "d": 0}
    for unit, count in zip((match["u"], match["v"]), counts, strict=True):
        units[unit] += int(count)
    days = units["wk"] * 7 + units["d"]
    found = shifted(setting.today, years=-units["a"], months=-units["mo"], days=-days)
    if found is None:
        return _one(None)
    value = found.isoformat() if days else partial(found.year, found.month)
    return Meaning(values=(value,), approximate=True)


def _hence(match: re.Match[str], setting: Setting) -> Meaning | None:
    return _away(match, setting, 1)


def _away(match: re.Match[str], setting: Setting, sign: int) -> Meaning | None:
    count = _count(match["n"]) + (Fraction(1, 2) if match["h"] else 0)
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
        return _one(None)
    whole_years = unit == "a" and count.denominator == 1
    return Meaning(values=(partial(found.year, None if whole_years else found.month),), approximate=True)


def _named_unit(match: re.Match[str], setting: Setting) -> Meaning | None:
    """ "Last year", "este mes", "la semana pasada"; a week is as good as the month it lies in."""
    step = -1 if "last" in match[0] else 1 if "next" in match[0] else 0
    today = setting.today
    if match["u"] == "a":
        return _one(partial(today.year + step))
    if match["u"] == "mo":
        found = shifted(today, months=step)
        return _one(partial(found.year, found.month)) if found else None
    monday = shifted(today, days=7 * step - today.weekday())
    sunday = shifted(monday, days=6) if monday else None
    if match["u"] != "wk" or monday is None or sunday is None:
        return None
    months = dict.fromkeys((partial(monday.year, monday.month), partial(sunday.year, sunday.month)))
    return Meaning(values=tuple(months), approximate=True)


def _weekday(match: re.Match[str], setting: Setting) -> Meaning | None:
    words = match[0].split()
    if "this" in words:
        return _weekday_of_week(match, setting)
    after = "next" in words or (_ahead(setting) and "last" not in words)
    found = weekday(int(match["w"]), setting.today, after=after)
    return Meaning(values=(found.isoformat(),), assumed="last" not in words and "next" not in words)


def _day_word(match: re.Match[str], setting: Setting) -> Meaning | None:
    found = shifted(setting.today, days=int(match["n"]))
    return _one(found.isoformat() if found else None)


def _season(match: re.Match[str], setting: Setting) -> Meaning | None:
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


def _fixed(match: re.Match[str], setting: Setting) -> Meaning | None:
    month, day = int(match["m"]), int(match["d"])
    if match["y"]:
        return _one(partial(full_year(match["y"], setting.today), month, day))
    after = "next" in match[0].split() or _ahead(setting)
    year = year_of_day(month, day, setting.today, after=after)
    return Meaning(values=(partial(year, month, day),), assumed="last" not in match[0] and "next" not in match[0])


def _year(match: re.Match[str], setting: Setting) -> Meaning | None:
    year = full_year(match["y"], setting.today)
    return _one(partial(year)) if FIRST_YEAR <= year <= setting.today.year + YEARS_AHEAD else None


def _aged(match: re.Match[str], setting: Setting) -> Meaning | None:
    if setting.born is None:
        return None
    return Meaning(values=(partial(setting.born.year + int(match["n"])),), approximate=True)


def _day_only(match: re.Match[str], setting: Setting) -> Meaning | None:
    day, today, after = int(match["d"] or match["e"]), setting.today, _ahead(setting)
    for months in range(3):
        first = shifted(date(today.year, today.month, 1), months=months if after else -months)
        found = partial(first.year, first.month, day) if first else None
        if found and (found >= today.isoformat() if after else found <= today.isoformat()):
            return Meaning(values=(found,), assumed=True)
    return None


GRAMMAR: tuple[tuple[re.Pattern[str], _Handler], ...] = tuple(
    (re.compile(rf"(?<!\S){pattern} "), handler)
    for pattern, handler in (
        (r"\d{2,4} decade", _nothing),
        (r"\d{1,2} (?P<s>[-/.]) \d{1,2} (?P=s) \d", _nothing),
        (r"(?P<y>\d{4}) (?P<s>[-/.]) (?P<m>\d{1,2}) (?P=s) (?P<d>\d{1,2})", _ymd),
        (r"(?P<a>\d{1,2}) (?P<s>[-/.]) (?P<b>\d{1,2}) (?P=s) (?P<y>\d{4}|\d{2})", _numeric),
        (r"(?P<a>\d{1,2}) (?P<b>\d{1,2}) (?P<y>\d{4})", _numeric),
        (r"(?P<n>\d{8})", _run_together),
        (rf"{_DAY} {_OR}(?P<e>\d{{1,2}})(?: th)? {_OF}{_MONTH}(?: {_OF}(?P<y>\d{{4}}))?", _two_days),
        (rf"{_MONTH} {_OF}{_DAY} {_OR}(?P<e>\d{{1,2}})(?: th)?(?: {_OF}(?P<y>\d{{4}}))?", _two_days),
        (rf"{_COUNT} uh ago", _this_day),
        (rf"ago {_COUNT} uh", _this_day),
        (rf"{_DAY} {_OF}{_MONTH} {_OF}{_ANY_YEAR}", _day_month_year),
        (rf"{_MONTH} {_OF}{_DAY} {_OF}{_ANY_YEAR}", _day_month_year),
        (
            rf"(?:{_DAY} {_OF})?{_MONTH} {_OF}(?:(?P<q>last|this|next) ua|ua (?P<r>last|this|next))",
            _month_of_named_year,
        ),
        (rf"{_MONTH} (?:or|-|and|/) m(?P<n>\d+) {_OF}{_YEAR}", _months_year),
        (
            rf"{_MONTH} {_OF}{_DAY} {_OF}(?:(?P<q>last|this|next) ua|ua (?P<r>last|this|next))",
            _month_of_named_year,
        ),
        (rf"{_MONTH} {_OF}{_YEAR}", _month_year),
        (rf"{_MONTH} of (?:the )?(?P<y>\d\d)(?! th)", _month_year),
        (rf"{_DAY} {_OF}{_MONTH}", _day_month),
        (rf"{_MONTH} {_OF}{_DAY}", _day_month),
        (rf"(?:last|this|next) {_OF}{_MONTH}", _named_month),
        (rf"{_MONTH} {_OF}(?:last|this|next)", _named_month),
        (rf"{_COUNT} {_UNIT} (?:and |, )?(?P<k>\d{{1,4}}|art) u(?P<v>d|wk|mo|a) ago", _ago_in_two),
        (rf"ago {_COUNT} {_UNIT} (?:and |, )?(?P<k>\d{{1,4}}|art) u(?P<v>d|wk|mo|a)", _ago_in_two),
        (rf"{_COUNT} {_UNIT} ago (?:the )?day0", _to_the_day),
        (rf"{_COUNT} {_UNIT}{_HALF} ago", _ago),
        (rf"ago {_COUNT} {_UNIT}{_HALF}", _ago),
        (rf"{_COUNT} {_UNIT}{_HALF} hence", _hence),
        (rf"in {_COUNT} {_UNIT}{_HALF}", _hence),
        (r"(?:\d{1,2}|art) w\d ago", _nothing),
        (rf"w(?P<w>\d) {_OF}(?:skip )?(?:last|this|next) uwk", _weekday_of_week),
        (rf"w(?P<w>\d) {_OF}(?:skip )?uwk (?:last|next)", _weekday_of_week),
        (r"(?:last|this|next) uwk w(?P<w>\d)", _weekday_of_week),
        (rf"{_DAY} {_OF}(?:last|this|next) umo", _day_of_named_month),
        (rf"{_DAY} {_OF}umo (?:last|next)", _day_of_named_month),
        (r"w(?P<w>\d) (?:the )?(?P<d>\d{1,2})(?: th)?(?! of| m\d| [-/.:])", _weekday_of_month),
        (rf"(?:last|this|next) {_UNIT}", _named_unit),
        (rf"{_UNIT} (?:last|next)", _named_unit),
        (r"(?:last|this|next) w(?P<w>\d)", _weekday),
        (r"w(?P<w>\d)(?: last| next)?", _weekday),
        (r"day(?P<n>-?\d)", _day_word),
        (rf"(?:last |this )?(?P<s>spring|summer|autumn|winter)(?: last)?(?: {_OF}(?P<y>\d{{4}}))?", _season),
        (rf"(?:last |next )?fixed(?P<m>\d+)-(?P<d>\d+)(?: last| next)?(?: {_OF}{_YEAR})?", _fixed),
        (r"(?P<m>\d{1,2}) [-/] (?P<y>\d{4})", _month_year),
        (r"(?P<y>\d{4}) [-/] (?P<m>\d{1,2})(?! [-/])", _month_year),
        (r"(?P<a>\d{1,2}) [-/] (?P<b>\d{1,2})", _numeric_day_month),
        (r"aged (?P<n>\d{1,3})", _aged),
        (_YEAR, _year),
        (r"the (?P<d>\d{1,2})(?: th)?|(?P<e>\d{1,2}) th", _day_only),
        (_MONTH, _named_month),
    )
)
"""Tried in this order, each over what the ones before have left."""

WEAK = (_weekday, _day_only)
"""What may only say more of a date that is there already: "Tuesday, March 5"."""
