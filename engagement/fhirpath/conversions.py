"""FHIRPath's conversions: toX() gives the value or nothing, convertsToX() says which (N1 §5.5)."""

import re
from collections.abc import Sequence
from decimal import Decimal

from engagement.fhirpath.moments import Moment
from engagement.fhirpath.nodes import Amount, Item
from engagement.fhirpath.operators import is_number, one

_KINDS = ("Boolean", "Integer", "Decimal", "String", "Date", "DateTime", "Time", "Quantity")
ARITIES: dict[str, tuple[int, int]] = {f"{verb}{kind}": (0, 1) for verb in ("to", "convertsTo") for kind in _KINDS}
_TRUE, _FALSE = ("true", "t", "yes", "y", "1", "1.0"), ("false", "f", "no", "n", "0", "0.0")
_QUANTITY = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:\s+('[^']+'|[a-z]+))?", re.ASCII)


def call(name: str, items: Sequence[Item]) -> list[Item]:
    """A function of this module. A quantity's unit to convert to is not looked at."""
    item = one(items)
    if item is None:
        return []
    asking = name.startswith("converts")
    found = _convert(name.removeprefix("convertsTo").removeprefix("to"), item)
    if asking:
        return [found is not None]
    return [] if found is None else [found]


def _convert(kind: str, item: Item) -> Item | None:
    match kind:
        case "String":
            return written(item)
        case "Boolean":
            return _boolean(item)
        case "Integer":
            if isinstance(item, str):
                return int(item) if re.fullmatch(r"[+-]?\d{1,30}", item, re.ASCII) else None
            return int(item) if isinstance(item, int) or (isinstance(item, Decimal) and item == int(item)) else None
        case "Decimal":
            if isinstance(item, str):
                return Decimal(item) if re.fullmatch(r"[+-]?\d{1,30}(?:\.\d{1,30})?", item, re.ASCII) else None
            return Decimal(item) if isinstance(item, int | Decimal) else None
        case "Quantity":
            return _quantity(item)
        case _:
            return _moment(kind, item)


def written(item: Item) -> str | None:
    """A value as text; None of an object."""
    match item:
        case bool():
            return "true" if item else "false"
        case str():
            return item
        case int():
            return str(item)
        case Decimal():
            return f"{item:f}"
        case Moment():
            return item.text
        case Amount():
            return (
                f"{item.value:f} {item.unit}"
                if item.unit.isalpha() and len(item.unit) > 3
                else f"{item.value:f} '{item.unit}'"
            )
        case _:
            return None


def _boolean(item: Item) -> bool | None:
    if isinstance(item, bool):
        return item
    if is_number(item):
        return {0: False, 1: True}.get(item)  # type: ignore[arg-type]
    if isinstance(item, str):
        low = item.lower()
        return True if low in _TRUE else False if low in _FALSE else None
    return None


def _quantity(item: Item) -> Amount | None:
    if isinstance(item, Amount):
        return item
    if isinstance(item, bool):
        return Amount(Decimal(int(item)), "1")
    if isinstance(item, int | Decimal):
        return Amount(Decimal(item), "1")
    found = _QUANTITY.fullmatch(item) if isinstance(item, str) else None
    return Amount(Decimal(found[1]), (found[2] or "1").strip("'")) if found else None


def _moment(kind: str, item: Item) -> Moment | None:
    text = item.text if isinstance(item, Moment) else item if isinstance(item, str) else None
    if text is None:
        return None
    if kind == "Time":
        return Moment.parse(text.removeprefix("T"), "time")
    if kind == "Date":
        return Moment.parse(text.partition("T")[0], "date")
    return Moment.parse(text, "dateTime")
