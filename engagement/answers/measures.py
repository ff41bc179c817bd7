"""Answers that are numbers: integer, decimal and quantity, in the unit that was asked for."""

import re
from decimal import Decimal
from fractions import Fraction

from rapidfuzz import fuzz, process

from engagement.answers.amounts import Amount, asked_dimension, find_amounts
from engagement.answers.expectation import Quantity, Value
from engagement.answers.limits import check_limits
from engagement.answers.numbers import Token, to_decimal, tokens_of, without, without_hedges
from engagement.answers.reading import Ambiguous, Invalid, Note, NotUnderstood, Reading, Understood
from engagement.answers.setting import Setting
from engagement.answers.steering import without_fillers
from engagement.answers.text import Text
from engagement.answers.units import Unit, unit_of

_SIGNIFICANT = 4
"""Digits a converted amount keeps where the item sets no decimals."""
_HEDGED = re.compile(r"~|≈")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ ']\d{3})+(?![\d.,])")
_GAP = re.compile(r"[ ']")
_FIRST_YEAR = 1900
_LIMIT_MARK = re.compile(r"[<>≤≥]|\d ?\+")
_MAX_CANDIDATES = 4
_TWO = 2
_CLOSE = 85.0
_STORY = 16
"""More words than this around a number: it is read, but asked back."""


def read_measure(text: Text, setting: Setting) -> Reading:
    """A number, or several where the item repeats; see `Expectation.unit` for units."""
    words = setting.words
    said = without_fillers(text.words, words)
    if words["zero_whole"].whole(said) or words["zero_whole"].whole(text.words):
        return Understood(values=(_valued(Fraction(0), None, setting),))
    plain = without_hedges(text.plain, setting)
    approximate = plain != text.plain or _HEDGED.search(plain) is not None
    plain = _SPACED.sub(lambda match: _GAP.sub("_", match[0]), plain)
    tokens = tokens_of(without(plain, setting, "not_numbers", "limits"))
    every = find_amounts(tokens, setting)
    amounts = _out_of(_different(every), tokens, setting)
    if not amounts:
        return _misspelt(said, setting)
    if _is_unknown_unit(amounts, tokens, setting) or (
        len(amounts) > _MAX_CANDIDATES and not setting.expectation.repeats
    ):
        return NotUnderstood()
    amounts = _of_one_kind(amounts, asked_dimension(setting))
    read = [_value(amount, _said(amount, tokens, text), setting) for amount in amounts]
    problem = next((found for found in read if isinstance(found, Invalid)), None)
    if problem is not None:
        return problem if len(read) == 1 else NotUnderstood()
    pairs = [found for found in read if isinstance(found, tuple)]
    values = tuple(value for value, _ in pairs)
    doubt = _doubt(amounts, values, text, tokens, setting)
    if doubt is not None:
        return doubt
    if len(amounts) == 1 and (guess := _in_another_unit(amounts[0], values, setting)):
        return guess
    if len(amounts) == 1 and _counts_each(every, tokens):
        together = _valued(sum((amount.value for amount in every), Fraction(0)), None, setting)
        return Ambiguous(candidates=(*values, together), doubt="several")
    notes = tuple(note for _, made in pairs for note in made)
    return Understood(values=values, notes=(*notes, Note(code="approximate")) if approximate else notes)


def _in_another_unit(amount: Amount, values: tuple[Value, ...], setting: Setting) -> Ambiguous | None:
    """A bare 98.6 where degrees Celsius up to 45 are asked for: was it Fahrenheit? A bare 150 for kg in the US: pounds?"""
    unit = unit_of(setting.expectation.unit)
    partner = unit_of(unit.partner) if unit else None
    if amount.unit or unit is None or partner is None:
        return None
    allowed = check_limits(values, setting.expectation) is None
    if allowed and not _may_be_customary(unit, setting):
        return None
    value = _valued(_rounded(partner.convert(amount.value, unit), setting), unit, setting)
    if check_limits((value,), setting.expectation):
        return None
    return Ambiguous(candidates=(*values, value) if allowed else (value,), doubt="unit")


def _may_be_customary(unit: Unit, setting: Setting) -> bool:
    """Only where the item's own bounds tell what can be: without them any number could be in any unit."""
    expectation = setting.expectation
    bounded = expectation.minimum is not None and expectation.maximum is not None
    return unit.code == "kg" and expectation.kind == "quantity" and bounded and setting.customary_units


def _counts_each(every: list[Amount], tokens: tuple[Token, ...]) -> bool:
    """ "One brother and one sister": the same number of two things."""
    if len(every) < _TWO or any(amount.unit for amount in every):
        return False
    counted = [tokens[amount.end].said if amount.end < len(tokens) else "" for amount in every]
    return all(said.isalpha() for said in counted) and len(set(counted)) == len(every)


def _misspelt(said: str, setting: Setting) -> Reading:
    """One word that is nearly a number's: "sevn"."""
    numbers = setting.words.tables["numbers"]
    close = process.extractOne(said, numbers.keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE) if len(said) > 3 else None
    if close is None:
        return NotUnderstood()
    value = _valued(Fraction(numbers[close[0]]), None, setting)
    return Understood(values=(value,), notes=(Note(code="corrected", params={"said": said, "taken": close[0]}),))


def _is_unknown_unit(amounts: list[Amount], tokens: tuple[Token, ...], setting: Setting) -> bool:
    """ "80 tonnes" where tonnes are no unit of ours is not 80; "2019" is no length of time."""
    if len(amounts) != 1 or amounts[0].unit is not None:
        return False
    if asked_dimension(setting) == "time" and _FIRST_YEAR <= amounts[0].value <= setting.today.year + 1:
        return True
    after = [token.said for token in tokens[amounts[0].end :] if token.said.isalpha()]
    alone = amounts[0].start == 0 and len(after) == 1 and setting.expectation.kind == "quantity"
    return alone and not setting.words["degrees"].whole(after[0]) and not setting.words["fillers"].whole(after[0])


def _doubt(
    amounts: list[Amount], values: tuple[Value, ...], text: Text, tokens: tuple[Token, ...], setting: Setting
) -> Ambiguous | None:
    if setting.words["limits"].inside(without(text.plain, setting, "approximately")) or _LIMIT_MARK.search(text.plain):
        return Ambiguous(candidates=values, doubt="range")
    if len(amounts) == 2 and _is_range(amounts, tokens, setting):
        return Ambiguous(candidates=values, doubt="range")
    if amounts[0].other is not None and len(amounts) == 1:
        other = _valued(amounts[0].other, amounts[0].unit, setting)
        return Ambiguous(candidates=(*values, other), doubt="several")
    if len(values) > 1 and not setting.expectation.repeats:
        return Ambiguous(candidates=values, doubt="several")
    if len(text.words.split()) > _STORY:
        return Ambiguous(candidates=values, doubt="several")
    units = setting.expectation.units
    if (
        setting.expectation.kind == "quantity"
        and amounts[0].unit is None
        and not setting.expectation.unit
        and len(units) > 1
    ):
        return Ambiguous(
            candidates=tuple(_quantity(to_decimal(amounts[0].value), unit) for unit in units), doubt="unit"
        )
    return None


def _different(amounts: list[Amount]) -> list[Amount]:
    """Without what is only said twice: "5 (five)"."""
    found: list[Amount] = []
    for amount in amounts:
        if not any(_same(amount, before) for before in found):
            found.append(amount)
    return found


def _same(one: Amount, other: Amount) -> bool:
    """Equal, or one converted: 80 kg (176 lb)."""
    if one.unit is None or other.unit is None or one.unit.dimension != other.unit.dimension:
        return (one.value, one.unit) == (other.value, other.unit)
    converted = one.unit.convert(one.value, other.unit)
    return abs(converted - other.value) <= abs(other.value) / 100


def _out_of(amounts: list[Amount], tokens: tuple[Token, ...], setting: Setting) -> list[Amount]:
    """ "8 out of 10" and "8/10" are 8, where 10 is the top of the scale."""
    if len(amounts) != 2 or amounts[0].unit or amounts[1].unit or amounts[0].value > amounts[1].value:
        return amounts
    between = [token.said for token in tokens[amounts[0].end : amounts[1].start]]
    links = [setting.words.tables["links"].get(said) for said in between]
    scale = between == ["/"] or "out_of" in links or links == ["of"]
    top = setting.expectation.maximum
    fits = amounts[1].value == top if isinstance(top, int | Decimal) else amounts[1].value in (5, 10, 100)
    return amounts[:1] if scale and fits else amounts


def _is_range(amounts: list[Amount], tokens: tuple[Token, ...], setting: Setting) -> bool:
    links = setting.words.tables["links"]
    between = [token.said for token in tokens[amounts[0].end : amounts[1].start]]
    opened = any(links.get(token.said) == "between" for token in tokens[: amounts[0].start])
    ranges = [said for said in between if said == "-" or links.get(said) == "to"]
    return bool(ranges) or (opened and any(links.get(said) == "and" for said in between))


def _of_one_kind(amounts: list[Amount], dimension: str | None) -> list[Amount]:
    """Where some amounts measure what was asked: those alone, and bare numbers in the unit of the others."""
    fitting = [amount for amount in amounts if amount.unit and amount.unit.dimension == dimension]
    if not fitting or len(amounts) == 1:
        return amounts
    units = {amount.unit for amount in fitting}
    only = next(iter(units)) if len(units) == 1 else None
    kept = [amount for amount in amounts if amount.unit is None or amount in fitting]
    return [_in(amount, only) if amount.unit is None and only else amount for amount in kept]


def _in(amount: Amount, unit: Unit) -> Amount:
    return Amount(value=amount.value, unit=unit, start=amount.start, end=amount.end)


def _said(amount: Amount, tokens: tuple[Token, ...], text: Text) -> str:
    return text.original_from(tokens[amount.start].start, tokens[amount.end - 1].end)


def _value(amount: Amount, said: str, setting: Setting) -> tuple[Value, tuple[Note, ...]] | Invalid:
    expectation = setting.expectation
    if amount.unit is None or (asked_dimension(setting) is None and expectation.kind != "quantity"):
        return _valued(amount.value, amount.unit, setting), ()
    wanted = [unit for unit in map(unit_of, (expectation.unit, *expectation.units)) if unit is not None]
    if not wanted:
        if expectation.unit or expectation.units:
            return Invalid(problem="wrong-unit", params={"unit": amount.unit.code, "expected": _expected(setting)})
        return Quantity(value=to_decimal(amount.value), unit=amount.unit.code, code=amount.unit.code), ()
    stays = expectation.kind == "quantity" and any(unit.code == amount.unit.code for unit in wanted)
    target = amount.unit if stays else wanted[0]
    if amount.unit.code == target.code:
        return _valued(amount.value, target, setting), ()
    if amount.unit.dimension != target.dimension:
        return Invalid(problem="wrong-unit", params={"unit": amount.unit.code, "expected": _expected(setting)})
    converted = amount.unit.convert(amount.value, target)
    rounded = _rounded(converted, setting)
    notes = [
        Note(
            code="converted",
            params={"said": said, "unit": amount.unit.code, "to_unit": target.code},
        )
    ]
    if rounded != converted:
        notes.append(Note(code="rounded"))
    return _valued(rounded, target, setting), tuple(notes)


def _expected(setting: Setting) -> str:
    return setting.expectation.unit or ", ".join(setting.expectation.units)


def _rounded(value: Fraction, setting: Setting) -> Fraction:
    """To the decimals allowed, at most four significant digits; to a whole number for an integer."""
    if setting.expectation.kind == "integer":
        return Fraction(round(value))
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    places = _SIGNIFICANT - 1 - exact.adjusted() if exact else 0
    if setting.expectation.max_decimals is not None:
        places = min(places, setting.expectation.max_decimals)
    return Fraction(round(exact, max(places, 0)))


def _valued(value: Fraction, unit: Unit | None, setting: Setting) -> Value:
    expectation = setting.expectation
    if expectation.kind == "integer":
        return int(value) if value.denominator == 1 else to_decimal(value)
    if expectation.kind == "decimal":
        return to_decimal(value)
    written = next(
        (name for name in (expectation.unit, *expectation.units) if unit is not None and unit_of(name) == unit),
        expectation.unit or (expectation.units[0] if len(expectation.units) == 1 else None),
    )
    return _quantity(to_decimal(value), written)


def _quantity(value: Decimal, written: str | None) -> Quantity:
    unit = unit_of(written)
    return Quantity(value=value, unit=written, code=unit.code if unit else None)
