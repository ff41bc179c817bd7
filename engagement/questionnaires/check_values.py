"""Whether answers keep to what their item allows, by codes that the dialogue has words for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from engagement.fhirpath import BudgetSpent, ExpressionFailed
from engagement.fhirpath.strings import matches
from engagement.questionnaires.item import Item, Place
from engagement.questionnaires.values import Coding, Quantity, Value, ValueType, compare

_VALUE_TYPES: dict[str, ValueType] = {
    "boolean": "boolean",
    "decimal": "decimal",
    "integer": "integer",
    "date": "date",
    "dateTime": "dateTime",
    "time": "time",
    "string": "string",
    "text": "string",
    "url": "uri",
    "quantity": "Quantity",
}
MOST_ANSWERS = 200
"""Of one repeating question, where it sets no limit itself."""
LONGEST = 20_000
"""Characters of an answer whose item sets no limit."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why an answer is not taken, or what a response lacks.

    Codes: required, too-few `minimum`, too-many `maximum`, one-only, wrong-type `expected`, no-such-option `count`,
    exclusive-with-others, too-short `minimum`, too-long `maximum`, pattern, below-minimum `minimum`, above-maximum `maximum`,
    too-many-decimals `maximum`, wrong-unit `expected`, not-asked (disabled, hidden, calculated, read-only, no question),
    not-open (the question above has no such answer).
    """

    code: str
    link_id: str
    place: Place
    params: Mapping[str, str] = field(default_factory=dict)


def fit_values(item: Item, place: Place, values: Sequence[Value]) -> tuple[tuple[Value, ...], list[Problem]]:
    """The values as the item has them (its own options, its own type of number), and what is wrong with them."""
    problems: list[Problem] = []

    def wrong(code: str, **params: object) -> None:
        told = {name: str(value) for name, value in params.items()}
        problems.append(Problem(code=code, link_id=item.link_id, place=place, params=told))

    fitted: list[Value] = []
    for value in values:
        found = _fit(item, value)
        if found is None:
            if item.options and value.type in ("Coding", "string"):
                wrong("no-such-option", count=len(item.options))
            else:
                wrong("wrong-type", expected=item.type)
        elif not any(found == other for other in fitted) or not item.options:
            fitted.append(found)
    if problems:
        return (), problems
    limits = item.limits
    most = limits.max_occurs if limits.max_occurs is not None else MOST_ANSWERS
    if len(fitted) > 1 and not item.repeats:
        wrong("one-only")
    elif len(fitted) > most:
        wrong("too-many", maximum=most)
    exclusive = [option.value for option in item.options if option.exclusive]
    if len(fitted) > 1 and any(value in exclusive for value in fitted):
        wrong("exclusive-with-others")
    for value in fitted:
        problem = _beyond(item, value)
        if problem is not None:
            wrong(problem[0], **problem[1])
    return tuple(fitted), problems


def _fit(item: Item, value: Value) -> Value | None:
    if item.type in ("choice", "open-choice", "reference"):
        for option in item.options:
            if option.value.is_same_choice(value):
                return option.value
        return value if item.type == "open-choice" and value.type == "string" and str(value.value).strip() else None
    if isinstance(value.value, str) and not value.value.strip():
        return None  # no string in FHIR is empty
    wanted = _VALUE_TYPES.get(item.type)
    if wanted == "decimal" and value.type == "integer" and isinstance(value.value, int):
        return Value("decimal", Decimal(value.value))
    return value if value.type == wanted else None


def _beyond(item: Item, value: Value) -> tuple[str, dict[str, object]] | None:
    """The first limit that a value is beyond."""
    limits, plain = item.limits, value.value
    if isinstance(plain, str) and value.type in ("string", "uri"):
        most = limits.max_length if limits.max_length is not None else LONGEST
        if len(plain) > most:
            return "too-long", {"maximum": most}
        if limits.min_length is not None and len(plain) < limits.min_length:
            return "too-short", {"minimum": limits.min_length}
        if limits.pattern is not None and not _matches(limits.pattern, plain):
            return "pattern", {}
    if isinstance(plain, Quantity):
        if item.units and not any(_in_unit(plain, unit) for unit in item.units):
            return "wrong-unit", {"expected": ", ".join(unit.display or unit.code or "" for unit in item.units)}
        if item.unit is not None and not item.units and not _in_unit(plain, item.unit):
            return "wrong-unit", {"expected": item.unit.display or item.unit.code or ""}
    number = plain.value if isinstance(plain, Quantity) else plain
    if isinstance(number, Decimal) and limits.max_decimals is not None:
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > limits.max_decimals:
            return "too-many-decimals", {"maximum": limits.max_decimals}
    if limits.minimum is not None and _is(value, limits.minimum, "<"):
        return "below-minimum", {"minimum": _told(limits.minimum)}
    if limits.maximum is not None and _is(value, limits.maximum, ">"):
        return "above-maximum", {"maximum": _told(limits.maximum)}
    return None


def _is(value: Value, limit: Value, operator: str) -> bool:
    """Holds a quantity against a limit that is a mere number by its number."""
    if isinstance(value.value, Quantity) and isinstance(limit.value, int | Decimal):
        value = Value("decimal", value.value.value)
    return compare(value, limit, operator)


def _in_unit(quantity: Quantity, unit: Coding) -> bool:
    names = {unit.code, unit.display} - {None}
    return not names or bool(names & {quantity.code, quantity.unit})


def _matches(pattern: str, text: str) -> bool:
    """A pattern that takes too long stands in nobody's way."""
    try:
        return matches(pattern, text, whole=True)
    except BudgetSpent:
        return True
    except ExpressionFailed:
        return True


def _told(limit: Value) -> str:
    if isinstance(limit.value, Quantity):
        return f"{limit.value.value} {limit.value.unit or limit.value.code or ''}".strip()
    return str(limit.value)
