"""What an item allows: the bounds of a value that was read."""

import re as plain_re
from datetime import datetime
from decimal import Decimal

import regex

from engagement.answers.expectation import Expectation, Option, Quantity, Value
from engagement.answers.reading import Invalid, Problem

_PATTERN_SECONDS = 0.05
"""A pattern that backtracks for longer does not match."""
_INTEGER = Decimal(2**31 - 1)
"""FHIR R4's integer: signed, 32 bits (datatypes, primitive types)."""


def check_limits(values: tuple[Value, ...], expectation: Expectation) -> Invalid | None:
    """The first thing that is wrong with the values, None where all may stand."""
    if len(values) > 1 and not expectation.repeats:
        return Invalid(problem="one-only", values=values)
    for value in values:
        if isinstance(value, bool | Option):
            continue
        if expectation.kind == "integer" and isinstance(value, Decimal):
            return Invalid(problem="not-whole", values=values)
        found = _text_limits(value, expectation) if isinstance(value, str) else _number_limits(value, expectation)
        found = found or _bounds(value, expectation)
        if found:
            problem, params = found
            return Invalid(problem=problem, values=values, params=params)
    return None


type _Found = tuple[Problem, dict[str, str]]


def _number_limits(value: Decimal | int | Quantity, expectation: Expectation) -> _Found | None:
    number = value.value if isinstance(value, Quantity) else Decimal(value)
    exponent = number.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if expectation.max_decimals is not None and decimals > expectation.max_decimals:
        return "too-many-decimals", {"maximum": str(expectation.max_decimals)}
    return None


def _text_limits(value: str, expectation: Expectation) -> _Found | None:
    if expectation.kind in ("string", "text", "url", "open-choice"):
        if expectation.min_length is not None and len(value) < expectation.min_length:
            return "too-short", {"minimum": str(expectation.min_length)}
        if expectation.max_length is not None and len(value) > expectation.max_length:
            return "too-long", {"maximum": str(expectation.max_length)}
    if expectation.regex is not None and not matches(expectation.regex, value):
        return "pattern", {}
    return None


def matches(pattern: str, value: str) -> bool:
    """Does the whole value match? A pattern that cannot be used, or takes too long, lets the value pass or fail:
    broken passes (the questionnaire is at fault, not the participant), too long fails."""
    try:
        return regex.fullmatch(pattern, value, timeout=_PATTERN_SECONDS) is not None
    except TimeoutError:
        return False
    except (regex.error, plain_re.error, ValueError, OverflowError, RecursionError):
        return True


def _bounds(value: Decimal | int | Quantity | str, expectation: Expectation) -> _Found | None:
    low, high = expectation.minimum, expectation.maximum
    if isinstance(value, int) and abs(Decimal(value)) > _INTEGER and low is None and high is None:
        edge = _INTEGER if value > 0 else -_INTEGER
        return ("above-maximum", {"maximum": str(edge)}) if value > 0 else ("below-minimum", {"minimum": str(edge)})
    if low is not None and _before(value, low):
        return "below-minimum", {"minimum": str(low)}
    if high is not None and _before(high, value):
        return "above-maximum", {"maximum": str(high)}
    return None


type _Bound = Decimal | int | Quantity | str


def _before(one: _Bound, other: _Bound) -> bool:
    """Is `one` surely below `other`? Dates of different precision are compared as far as both go."""
    if isinstance(one, str) or isinstance(other, str):
        if not (isinstance(one, str) and isinstance(other, str)):
            return False
        if len(one) > 16 and len(other) > 16:
            try:
                return datetime.fromisoformat(one) < datetime.fromisoformat(other)
            except (ValueError, TypeError):
                pass
        short = (
            min(len(one), len(other), 10) if "-" in one + other or ":" not in one + other else min(len(one), len(other))
        )
        return one[:short] < other[:short]
    return _number(one) < _number(other)


def _number(value: Decimal | int | Quantity) -> Decimal:
    return value.value if isinstance(value, Quantity) else Decimal(value)
