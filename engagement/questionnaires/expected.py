"""An item as the reader of answers sees it, and what was read as the item's values."""

import re
from collections.abc import Sequence
from decimal import Decimal

from engagement.answers import Expectation, Option
from engagement.answers import Quantity as Amount
from engagement.answers import Value as Read
from engagement.questionnaires.item import AnswerOption, Item
from engagement.questionnaires.values import Coding, Quantity, Value, ValueType

_TYPES: dict[str, ValueType] = {
    "date": "date",
    "dateTime": "dateTime",
    "time": "time",
    "string": "string",
    "text": "string",
    "url": "uri",
    "open-choice": "string",
}
UCUM = "http://unitsofmeasure.org"


def expectation(item: Item, *, language: str | None = None) -> Expectation:
    """What is expected of a participant's text. A pattern is left to `apply_answer`, which can stop a bad one."""
    limits = item.limits
    return Expectation(
        kind="choice" if item.type == "reference" else item.type,  # type: ignore[arg-type]
        options=tuple(_option(option, language) for option in item.options),
        repeats=item.repeats,
        unit=_name(item.unit),
        units=tuple(name for unit in item.units if (name := _name(unit))),
        minimum=_bound(limits.minimum),
        maximum=_bound(limits.maximum),
        min_length=limits.min_length,
        max_length=limits.max_length,
        max_decimals=limits.max_decimals,
        partial_date=_is_partial(item),
        required=item.required,
    )


def values_read(item: Item, read: Sequence[Read], *, language: str | None = None) -> tuple[Value, ...]:
    """What the reader understood, as values of the item. `language`: that of the expectation."""
    options = [_option(option, language) for option in item.options]
    return tuple(_value(item, one, options) for one in read)


def _value(item: Item, read: Read, options: Sequence[Option]) -> Value:
    match read:
        case bool():
            return Value("boolean", read)
        case Option():
            return item.options[options.index(read)].value
        case Amount():
            return Value("Quantity", _quantity(item, read))
        case int() | Decimal():
            if item.type == "integer" and read == int(read):
                return Value("integer", int(read))
            return Value("decimal", Decimal(read))
        case _:
            return Value(_TYPES.get(item.type, "string"), read)


def _quantity(item: Item, amount: Amount) -> Quantity:
    """In the questionnaire's own words for the unit, where it is one of its units."""
    for unit in (*item.units, *((item.unit,) if item.unit else ())):
        if {unit.code, unit.display} & ({amount.code, amount.unit} - {None}):
            return Quantity(value=amount.value, unit=unit.display or unit.code, system=unit.system, code=unit.code)
    system = UCUM if amount.code else None
    return Quantity(value=amount.value, unit=amount.unit or amount.code, system=system, code=amount.code)


def _option(option: AnswerOption, language: str | None) -> Option:
    plain = option.value.value
    coded = isinstance(plain, Coding)
    display = option.words.in_(language)
    synonyms = [option.prefix.strip(" .):"), option.words.default] if option.prefix else [option.words.default]
    return Option(
        code=(plain.code or display) if isinstance(plain, Coding) else option.words.default,
        system=plain.system if isinstance(plain, Coding) else None,
        display=display,
        synonyms=tuple(text for text in synonyms if text and (text != display or not coded)),
        exclusive=option.exclusive,
    )


def _name(unit: Coding | None) -> str | None:
    return None if unit is None else unit.code or unit.display


def _bound(value: Value | None) -> Decimal | int | str | None:
    plain = None if value is None else value.value
    if isinstance(plain, Quantity):
        return plain.value
    return plain if isinstance(plain, int | Decimal | str) and not isinstance(plain, bool) else None


def _is_partial(item: Item) -> bool:
    """Whether a year or a month will do: where the entry format has no day ("YYYY", "MM/YYYY")."""
    letters = re.sub(r"[^a-z]", "", item.entry_format.default.lower())
    return item.type in ("date", "dateTime") and bool(re.fullmatch(r"[my]+|[ma]+", letters))
