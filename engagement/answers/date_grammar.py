"""The ways to say a date, as patterns over codes (see `codes`), each with the function that says what it means."""

import re
from collections.abc import Callable

from engagement.answers import date_meaning as calendar_date
from engagement.answers import date_relative as relative
from engagement.answers.date_meaning import Meaning
from engagement.answers.setting import Setting

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

GRAMMAR: tuple[tuple[re.Pattern[str], _Handler], ...] = tuple(
    (re.compile(rf"(?<!\S){pattern} "), handler)
    for pattern, handler in (
        (r"\d{2,4} decade", relative.read_nothing),
        (r"\d{1,2} (?P<s>[-/.]) \d{1,2} (?P=s) \d", relative.read_nothing),
        (r"(?P<y>\d{4}) (?P<s>[-/.]) (?P<m>\d{1,2}) (?P=s) (?P<d>\d{1,2})", calendar_date.read_ymd),
        (r"(?P<a>\d{1,2}) (?P<s>[-/.]) (?P<b>\d{1,2}) (?P=s) (?P<y>\d{4}|\d{2})", calendar_date.read_numeric),
        (r"(?P<a>\d{1,2}) (?P<b>\d{1,2}) (?P<y>\d{4})", calendar_date.read_numeric),
        (r"(?P<n>\d{8})", calendar_date.read_run_together),
        (rf"{_DAY} {_OR}(?P<e>\d{{1,2}})(?: th)? {_OF}{_MONTH}(?: {_OF}(?P<y>\d{{4}}))?", calendar_date.read_two_days),
        (rf"{_MONTH} {_OF}{_DAY} {_OR}(?P<e>\d{{1,2}})(?: th)?(?: {_OF}(?P<y>\d{{4}}))?", calendar_date.read_two_days),
        (rf"{_COUNT} uh ago", relative.read_this_day),
        (rf"ago {_COUNT} uh", relative.read_this_day),
        (rf"{_DAY} {_OF}{_MONTH} {_OF}{_ANY_YEAR}", calendar_date.read_day_month_year),
        (rf"{_MONTH} {_OF}{_DAY} {_OF}{_ANY_YEAR}", calendar_date.read_day_month_year),
        (
            rf"(?:{_DAY} {_OF})?{_MONTH} {_OF}(?:(?P<q>last|this|next) ua|ua (?P<r>last|this|next))",
            relative.read_month_of_named_year,
        ),
        (rf"{_MONTH} (?:or|-|and|/) m(?P<n>\d+) {_OF}{_YEAR}", calendar_date.read_months_year),
        (
            rf"{_MONTH} {_OF}{_DAY} {_OF}(?:(?P<q>last|this|next) ua|ua (?P<r>last|this|next))",
            relative.read_month_of_named_year,
        ),
        (rf"{_MONTH} {_OF}{_YEAR}", calendar_date.read_month_year),
        (rf"{_MONTH} of (?:the )?(?P<y>\d\d)(?! th)", calendar_date.read_month_year),
        (rf"{_DAY} {_OF}{_MONTH}", calendar_date.read_day_month),
        (rf"{_MONTH} {_OF}{_DAY}", calendar_date.read_day_month),
        (rf"(?:last|this|next) {_OF}{_MONTH}", relative.read_named_month),
        (rf"{_MONTH} {_OF}(?:last|this|next)", relative.read_named_month),
        (rf"{_COUNT} {_UNIT} (?:and |, )?(?P<k>\d{{1,4}}|art) u(?P<v>d|wk|mo|a) ago", relative.read_ago_in_two),
        (rf"ago {_COUNT} {_UNIT} (?:and |, )?(?P<k>\d{{1,4}}|art) u(?P<v>d|wk|mo|a)", relative.read_ago_in_two),
        (rf"{_COUNT} {_UNIT} ago (?:the )?day0", relative.read_to_the_day),
        (rf"{_COUNT} {_UNIT}{_HALF} ago", relative.read_ago),
        (rf"ago {_COUNT} {_UNIT}{_HALF}", relative.read_ago),
        (r"ago (?P<n>art )?u(?P<u>mo|a)(?P<h> and half)", relative.read_ago),
        (rf"{_COUNT} {_UNIT}{_HALF} hence", relative.read_hence),
        (rf"in {_COUNT} {_UNIT}{_HALF}", relative.read_hence),
        (r"(?:\d{1,2}|art) w\d ago", relative.read_nothing),
        (rf"w(?P<w>\d) {_OF}(?:skip )?(?:last|this|next) uwk", relative.read_weekday_of_week),
        (rf"w(?P<w>\d) {_OF}(?:skip )?uwk (?:last|next)", relative.read_weekday_of_week),
        (r"(?:last|this|next) uwk w(?P<w>\d)", relative.read_weekday_of_week),
        (rf"{_DAY} {_OF}(?:last|this|next) umo", relative.read_day_of_named_month),
        (rf"{_DAY} {_OF}umo (?:last|next)", relative.read_day_of_named_month),
        (r"w(?P<w>\d) (?:the )?(?P<d>\d{1,2})(?: th)?(?! of| m\d| [-/.:])", relative.read_weekday_of_month),
        (rf"(?:last|this|next) {_UNIT}", relative.read_named_unit),
        (rf"{_UNIT} (?:last|next)", relative.read_named_unit),
        (r"(?:last|this|next) w(?P<w>\d)", relative.read_weekday),
        (r"w(?P<w>\d)(?: last| next)?", relative.read_weekday),
        (r"day(?P<n>-?\d)", relative.read_day_word),
        (
            rf"(?:last |this )?(?P<s>spring|summer|autumn|winter)(?: last)?(?: {_OF}(?P<y>\d{{4}}))?",
            relative.read_season,
        ),
        (rf"(?:last |next )?fixed(?P<m>\d+)-(?P<d>\d+)(?: last| next)?(?: {_OF}{_YEAR})?", calendar_date.read_fixed),
        (r"(?P<m>\d{1,2}) [-/] (?P<y>\d{4})", calendar_date.read_month_year),
        (r"(?P<y>\d{4}) [-/] (?P<m>\d{1,2})(?! [-/])", calendar_date.read_month_year),
        (r"(?P<a>\d{1,2}) [-/] (?P<b>\d{1,2})", calendar_date.read_numeric_day_month),
        (r"aged (?P<n>\d{1,3})", relative.read_aged),
        (_YEAR, calendar_date.read_year),
        (r"the (?P<d>\d{1,2})(?: th)?|(?P<e>\d{1,2}) th", relative.read_day_only),
        (_MONTH, relative.read_named_month),
    )
)
"""Tried in this order, each over what the ones before have left."""

WEAK = (relative.read_weekday, relative.read_day_only)
"""What may only say more of a date that is there already: "Tuesday, March 5"."""
