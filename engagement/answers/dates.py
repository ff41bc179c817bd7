"""Answers that are dates, whole or in part."""

import re
from dataclasses import dataclass

from engagement.answers.codes import Code, encode, joined
from engagement.answers.date_grammar import GRAMMAR, WEAK
from engagement.answers.date_meaning import Meaning
from engagement.answers.limits import check_limits
from engagement.answers.numbers import without_hedges
from engagement.answers.reading import Ambiguous, Doubt, Invalid, Note, NotUnderstood, Reading, Understood
from engagement.answers.setting import Setting
from engagement.answers.text import Text

_WHOLE = len("2024-03-05")
_MAX_CANDIDATES = 4
_STORY, _SHORT = 8, 4
"""In more words than this a month by itself may be another word, and a short one ("may", "mar") beside any other."""


@dataclass(frozen=True, kw_only=True)
class FoundDate:
    """A date in a text: the places it takes, and what it means."""

    start: int
    end: int
    meaning: Meaning
    weak: bool = False
    """A weekday, or "the 5th": part of another date where there is one."""


@dataclass(frozen=True, kw_only=True)
class FoundDates:
    """All dates of a text, and what else the words say of them."""

    dates: tuple[FoundDate, ...]
    is_range: bool = False
    is_limit: bool = False
    approximate: bool = False


def read_date(text: Text, setting: Setting) -> Reading:
    """A FHIR date; less than a day only where the item allows it."""
    return settle(find_dates(text, setting), setting)


def settle(found: FoundDates, setting: Setting) -> Reading:
    """One reading out of the dates of a text."""
    if not found.dates or len(found.dates) > _MAX_CANDIDATES:
        return NotUnderstood()
    if any(None in one.meaning.values for one in found.dates):
        return Invalid(problem="no-such-date")
    values = tuple(value for one in found.dates for value in one.meaning.values if value)
    if found.is_limit or (len(found.dates) == 2 and found.is_range):
        return Ambiguous(candidates=values, doubt="range")
    if len(found.dates) > 1 and not setting.expectation.repeats:
        return Ambiguous(candidates=values, doubt="several")
    meanings = [one.meaning for one in found.dates]
    if len(meanings) == 1 and len(values) > 1:
        values = _allowed(values, setting)
    if len(values) > len(meanings):
        return Ambiguous(candidates=values, doubt=_doubt(meanings))
    if any(len(value) < _WHOLE for value in values) and not setting.expectation.partial_date:
        return Invalid(problem="needs-full-date", values=values)
    notes = []
    if found.approximate or any(meaning.approximate for meaning in meanings):
        notes.append(Note(code="approximate"))
    if any(meaning.assumed for meaning in meanings):
        notes.append(Note(code="assumed"))
    return Understood(values=values, notes=tuple(notes))


def _doubt(meanings: list[Meaning]) -> Doubt:
    return next(meaning.doubt for meaning in meanings if len(meaning.values) > 1)


def _allowed(values: tuple[str, ...], setting: Setting) -> tuple[str, ...]:
    """Of several readings those within the item's bounds, where the bounds leave any."""
    return tuple(value for value in values if check_limits((value,), setting.expectation) is None) or values


def find_dates(text: Text, setting: Setting) -> FoundDates:
    """All dates of a text, left to right."""
    plain = without_hedges(text.plain, setting)
    codes = list(encode(plain, setting, "dates"))
    vague = any(code.said == "vague" for code in codes)
    kept = [code for code in codes if code.said not in ("vague", "~", "?")]
    words = [code.said for code in kept]
    dates = sorted(_matches(kept, setting, len(text.words.split())), key=lambda one: one.start)
    if any(not one.weak for one in dates):
        dates = [one for one in dates if not one.weak]
    different = {one.meaning.values: one for one in reversed(dates)}
    dates = sorted(different.values(), key=lambda one: one.start)
    between = {code.said for code in kept if len(dates) == 2 and dates[0].end <= code.start < dates[1].start}
    return FoundDates(
        dates=tuple(dates),
        is_range=bool(between & {"or", "-"}) or ("between" in words and "and" in between),
        is_limit="bound" in words,
        approximate=vague or plain != text.plain,
    )


def _matches(codes: list[Code], setting: Setting, words: int) -> list[FoundDate]:
    left = [code.said for code in codes]
    found: list[FoundDate] = []
    for pattern, handler in GRAMMAR:
        said = joined(tuple(Code(word, 0, 0) for word in left))
        for match in pattern.finditer(said):
            first = said.count(" ", 0, match.start())
            last = first + match[0].count(" ")
            if re.fullmatch(r"m\d+ ", match[0]) and not _surely_month(codes[first], left, words, first):
                continue
            meaning = handler(match, setting)
            if meaning is None:
                continue
            left[first:last] = ["_"] * (last - first)
            if not meaning.values:
                continue
            found.append(
                FoundDate(
                    start=codes[first].start,
                    end=codes[last - 1].end,
                    meaning=meaning,
                    weak=handler in WEAK,
                )
            )
    return found


def _surely_month(code: Code, left: list[str], words: int, place: int) -> bool:
    if place and left[place - 1] in ("in", "of"):
        return True
    return words <= _STORY and (code.end - code.start > _SHORT or "x" not in left)
