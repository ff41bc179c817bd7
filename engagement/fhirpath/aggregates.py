"""FHIRPath's numbers: sum, min, max, avg, aggregate, and the mathematics of one value (N1 §5.7, §7)."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, DecimalException, localcontext
from typing import Any

from engagement.fhirpath.environment import Environment
from engagement.fhirpath.errors import ExpressionFailed
from engagement.fhirpath.nodes import Amount, Item, simple
from engagement.fhirpath.operators import arithmetic, compare, is_number, one

ARITIES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("sum", "min", "max", "avg", "abs", "ceiling", "exp", "floor", "ln", "sqrt", "truncate"), (0, 0)),
    "aggregate": (1, 2),
    "log": (1, 1),
    "power": (1, 1),
    "round": (0, 1),
}


def integer(items: Sequence[Item]) -> int:
    """The only member, which must be a whole number."""
    item = one(items)
    if not is_number(item) or item != int(item):  # type: ignore[arg-type]
        raise ExpressionFailed("a whole number is expected")
    return int(item)  # type: ignore[arg-type]


def aggregate(run: Any, items: Sequence[Item], args: Sequence[Any], env: Environment) -> list[Item]:
    """aggregate(): folds the collection with $this and $total."""
    before = env.total, env.index
    env.total = run(args[1], items, env) if len(args) > 1 else []
    for env.index, item in enumerate(items):
        env.total = run(args[0], [item], env)
        env.budget.spend(len(env.total))
    found = list(env.total)
    env.total, env.index = before
    return found


def call(name: str, items: Sequence[Item], values: Sequence[list[Item]]) -> list[Item]:
    """A function of this module; `values`: its arguments, evaluated."""
    if name in ("sum", "avg", "min", "max"):
        return _over_all(name, items)
    item = one(items)
    if item is None:
        return []
    unit = item.unit if isinstance(item, Amount) else None
    number = item.value if isinstance(item, Amount) else item
    if not is_number(number):
        raise ExpressionFailed(f"{name}() takes a number")
    if any(not value for value in values):
        return []
    try:
        with localcontext(prec=28):
            found = _of_one(name, Decimal(number), values, whole=isinstance(number, int))  # type: ignore[arg-type]
    except (DecimalException, OverflowError, ValueError):
        raise ExpressionFailed(f"{name}() has no value here") from None
    if found is None:
        return []
    return [Amount(Decimal(found), unit) if unit is not None else found]


def _of_one(name: str, number: Decimal, values: Sequence[list[Item]], *, whole: bool) -> int | Decimal | None:
    match name:
        case "abs":
            return int(abs(number)) if whole else abs(number)
        case "ceiling":
            return math.ceil(number)
        case "floor":
            return math.floor(number)
        case "truncate":
            return math.trunc(number)
        case "exp":
            return None if number > 1000 else number.exp()
        case "ln":
            return number.ln() if number > 0 else None
        case "sqrt":
            return number.sqrt() if number >= 0 else None
        case "round":
            digits = integer(values[0]) if values else 0
            if not 0 <= digits <= 20:
                raise ExpressionFailed("round() takes 0 to 20 digits")
            return number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    other = one(values[0])
    if not is_number(other):
        raise ExpressionFailed(f"{name}() takes a number")
    second = Decimal(other)  # type: ignore[arg-type]
    if name == "log":
        return number.ln() / second.ln() if number > 0 and second > 0 and second != 1 else None
    if abs(second) > 1000 or abs(number) > 10**18 or (number < 0 and second != int(second)):
        raise ExpressionFailed("power() of numbers this large has no value")
    found = number**second
    if abs(found) > 10**60:
        raise ExpressionFailed("the number is too large")
    return int(found) if whole and second == int(second) and second >= 0 else found


def _over_all(name: str, items: Sequence[Item]) -> list[Item]:
    if not items:
        return [0] if name == "sum" else []
    found: list[Item] = [simple(items[0])]
    for item in items[1:]:
        other: list[Item] = [simple(item)]
        if name in ("sum", "avg"):
            found = arithmetic(found, other, "+")
        elif compare(other, found, "<" if name == "min" else ">"):
            found = other
    return arithmetic(found, [len(items)], "/") if name == "avg" else found
