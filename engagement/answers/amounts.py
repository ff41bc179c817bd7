"""Amounts: numbers with their units, and compounds such as 5 ft 7, 11 stone 4 or an hour and a half."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from engagement.answers.numbers import Token, find_numbers
from engagement.answers.setting import Setting
from engagement.answers.units import MAX_NAME_TOKENS, Unit, unit_named, unit_of

_SMALLER = {"[ft_i]": "[in_i]", "[stone_av]": "[lb_av]", "m": "cm", "[lb_av]": "[oz_av]", "h": "min"}
"""What a number without a unit after one of these is in: "5 ft 7"."""
_SPELLED_NAME = 3
"""An article is one of a unit whose name has at least so many letters: "a mile", not "a c". After a number it is a rate."""


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A number in a unit, or in none. `start` and `end`: its tokens."""

    value: Fraction
    unit: Unit | None
    start: int
    end: int
    other: Fraction | None = None


def find_amounts(tokens: tuple[Token, ...], setting: Setting) -> list[Amount]:
    """All amounts, left to right; compounds made one."""
    dimension = asked_dimension(setting)
    return _compounds(list(_simple(tokens, setting, dimension)), tokens, setting)


def asked_dimension(setting: Setting) -> str | None:
    """What the item measures, where its unit is known."""
    expectation = setting.expectation
    unit = unit_of(expectation.unit) or next(filter(None, map(unit_of, expectation.units)), None)
    return unit.dimension if unit else None


def _simple(tokens: tuple[Token, ...], setting: Setting, dimension: str | None) -> Iterator[Amount]:
    links = setting.words.tables["links"]
    numbers = find_numbers(tokens, setting)
    starts = {number.start: number for number in numbers}
    place, numbers_before = 0, False
    while place < len(tokens):
        number = starts.get(place)
        if number is None:
            if not numbers_before and links.get(tokens[place].said) == "article":
                unit, end = _unit(tokens, place + 1, dimension, spelled=True)
                if unit is not None:
                    extra, end = _and_a_half(tokens, end, setting)
                    yield Amount(value=1 + extra, unit=unit, start=place, end=end)
                    place = end
                    continue
            unit, end = _unit(tokens, place, dimension, spelled=True)
            extra, end = _and_a_half(tokens, end, setting) if unit else (Fraction(0), end)
            if unit is not None and extra:
                yield Amount(value=1 + extra, unit=unit, start=place, end=end)
                place = end
                continue
            place += 1
            continue
        numbers_before = True
        after = number.end
        while after < len(tokens) and links.get(tokens[after].said) in ("article", "of") and number.spelled:
            after += 1
        unit, end = _unit(tokens, after, dimension, spelled=after > number.end)
        if unit is None:
            end = number.end
        extra, end = _and_a_half(tokens, end, setting) if unit else (Fraction(0), end)
        yield Amount(value=number.value + extra, unit=unit, start=place, end=end, other=number.other)
        place = end


def _unit(
    tokens: tuple[Token, ...], place: int, dimension: str | None, *, spelled: bool = False
) -> tuple[Unit | None, int]:
    for length in range(min(MAX_NAME_TOKENS, len(tokens) - place), 0, -1):
        said = " ".join(token.said for token in tokens[place : place + length])
        unit = unit_named(said, dimension)
        if unit is not None and (not spelled or len(said) >= _SPELLED_NAME):
            end = place + length
            return unit, end + (tokens[end].said == "." if end < len(tokens) - 1 else 0)
    return None, place


def _and_a_half(tokens: tuple[Token, ...], place: int, setting: Setting) -> tuple[Fraction, int]:
    """ "Two hours and a half", "un año y medio", and "año y medio" for one and a half."""
    tables = setting.words.tables
    said = [token.said for token in tokens[place : place + 3]]
    if not said or tables["links"].get(said[0]) != "and":
        return Fraction(0), place
    step = 1 + (len(said) > 1 and tables["links"].get(said[1]) == "article")
    if len(said) > step and said[step] in tables["fractions"]:
        return Fraction(tables["fractions"][said[step]]), place + step + 1
    return Fraction(0), place


def _compounds(amounts: list[Amount], tokens: tuple[Token, ...], setting: Setting) -> list[Amount]:
    made: list[Amount] = []
    for amount in amounts:
        whole = _added(made[-1], amount, tokens, setting) if made else None
        if whole is not None:
            made[-1] = whole
        else:
            made.append(amount)
    return made


def _added(first: Amount, second: Amount, tokens: tuple[Token, ...], setting: Setting) -> Amount | None:
    between = [token.said for token in tokens[first.end : second.start]]
    joined = all(said in (",", ".") or setting.words.tables["links"].get(said) == "and" for said in between)
    if first.unit is None or not joined or len(between) > 1 or first.other or second.other:
        return None
    unit = second.unit
    if unit is None:
        unit = unit_of(_SMALLER.get(first.unit.code))
    if unit is None or unit.dimension != first.unit.dimension or unit.factor >= first.unit.factor:
        return None
    if unit.offset or not 0 <= second.value * unit.factor < first.unit.factor * Fraction(3, 2):
        return None
    total = first.value + unit.convert(second.value, first.unit)
    return Amount(value=total, unit=first.unit, start=first.start, end=second.end)
