"""FHIRPath's operators on collections: equality, order, arithmetic, three-valued logic (N1 §6)."""

from collections.abc import Sequence
from decimal import Decimal, DecimalException, localcontext

from engagement.fhirpath.budget import MAX_STRING
from engagement.fhirpath.errors import ExpressionFailed
from engagement.fhirpath.moments import Moment
from engagement.fhirpath.nodes import Amount, Item, Node, simple

_LARGEST = 10**60
_DURATIONS = {"year": "a", "years": "a", "a": "a", "month": "mo", "months": "mo", "week": "wk", "weeks": "wk", "day": "d",
              "days": "d", "hour": "h", "hours": "h", "minute": "min", "minutes": "min", "second": "s", "seconds": "s"}  # fmt: skip


def is_number(item: object) -> bool:
    """Whether it is an integer or a decimal, not a boolean."""
    return isinstance(item, int | Decimal) and not isinstance(item, bool)


def one(items: Sequence[Item]) -> Item | None:
    """The only member, None of an empty collection."""
    if len(items) > 1:
        raise ExpressionFailed("several values where one is expected")
    return simple(items[0]) if items else None


def same(left: Item, right: Item) -> bool | None:
    """Whether two members are equal; None where precision leaves it open."""
    left, right = simple(left), simple(right)
    if isinstance(left, Moment) or isinstance(right, Moment):
        left, right = _as_moment(left, right), _as_moment(right, left)
        if isinstance(left, Moment) and isinstance(right, Moment):
            if (left.kind == "time") != (right.kind == "time"):
                return False
            found = left.compare(right)
            return None if found is None else found == 0
        return False
    if isinstance(left, Amount) and isinstance(right, Amount):
        if _unit(left) != _unit(right):
            return None
        return left.value == right.value
    if isinstance(left, Amount) or isinstance(right, Amount):
        plain, amount = (right, left) if isinstance(left, Amount) else (left, right)
        return is_number(plain) and isinstance(amount, Amount) and amount.unit == "1" and plain == amount.value
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return left == right


def equal(left: Sequence[Item], right: Sequence[Item]) -> bool | None:
    """`=` on collections: None where either is empty."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    known: bool | None = True
    for one_, two in zip(left, right, strict=True):
        found = same(one_, two)
        if found is False:
            return False
        known = known if found else None
    return known


def equivalent(left: Sequence[Item], right: Sequence[Item]) -> bool:
    """`~`: order, case and white space don't matter, empty is like empty."""
    if len(left) != len(right):
        return False
    rest = [_loose(item) for item in right]
    for item in left:
        loose = _loose(item)
        if loose not in rest:
            return False
        rest.remove(loose)
    return True


def _loose(item: Item) -> object:
    item = simple(item)
    if isinstance(item, str):
        return " ".join(item.casefold().split())
    if isinstance(item, Node) and "code" in item.data:
        return (item.data.get("system"), item.data.get("code"))
    if isinstance(item, Moment):
        return (item.parts, item.offset)
    if isinstance(item, Amount):
        return (item.value, _unit(item))
    return (type(item) is bool, item.data if isinstance(item, Node) else item)


def compare(left: Sequence[Item], right: Sequence[Item], operator: str) -> bool | None:
    """< > <= >=; None where either is empty or precision leaves it open."""
    a, b = one(left), one(right)
    if a is None or b is None:
        return None
    if isinstance(a, Moment) or isinstance(b, Moment):
        a, b = _as_moment(a, b), _as_moment(b, a)
    if isinstance(a, Amount) and is_number(b):
        b = Amount(Decimal(b), a.unit)  # type: ignore[arg-type]
    elif isinstance(b, Amount) and is_number(a):
        a = Amount(Decimal(a), b.unit)  # type: ignore[arg-type]
    order: int | None
    match a, b:
        case Moment(), Moment():
            order = a.compare(b)
        case Amount(), Amount():
            order = None if _unit(a) != _unit(b) else (a.value > b.value) - (a.value < b.value)
        case str(), str():
            order = (a > b) - (a < b)
        case _:
            if not is_number(a) or not is_number(b):
                raise ExpressionFailed(f"{_kind(a)} and {_kind(b)} can't be compared")
            order = (a > b) - (a < b)  # type: ignore[operator]
    if order is None:
        return None
    return {"<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[operator]


def arithmetic(left: Sequence[Item], right: Sequence[Item], operator: str) -> list[Item]:
    """+ - * / div mod, and & which takes empty as ''."""
    a, b = one(left), one(right)
    if operator == "&":
        return [_short(_text(a) + _text(b))]
    if a is None or b is None:
        return []
    if isinstance(b, Amount) and operator in "+-" and not isinstance(a, Amount):
        moment = _as_moment(a, Moment(kind="date", parts=(), text="")) if isinstance(a, str) else a
        if isinstance(moment, Moment):
            return [moment.plus(float(b.value), b.unit, sign=1 if operator == "+" else -1)]
    if isinstance(a, str) and isinstance(b, str) and operator == "+":
        return [_short(a + b)]
    if isinstance(a, Amount) or isinstance(b, Amount):
        return _with_amounts(a, b, operator)
    if not is_number(a) or not is_number(b):
        raise ExpressionFailed(f"{_kind(a)} {operator} {_kind(b)} has no value")
    found = _calculate(Decimal(a), Decimal(b), operator)  # type: ignore[arg-type]
    if found is None:
        return []
    whole = operator == "div" or (isinstance(a, int) and isinstance(b, int) and operator != "/")
    return [int(found) if whole else found]


def _with_amounts(a: Item, b: Item, operator: str) -> list[Item]:
    left = a if isinstance(a, Amount) else Amount(Decimal(a), "1") if is_number(a) else None  # type: ignore[arg-type]
    right = b if isinstance(b, Amount) else Amount(Decimal(b), "1") if is_number(b) else None  # type: ignore[arg-type]
    if left is None or right is None:
        raise ExpressionFailed(f"{_kind(a)} {operator} {_kind(b)} has no value")
    unit = left.unit
    if operator in "+-":
        if _unit(left) != _unit(right):
            return []
    elif right.unit != "1" and left.unit != "1":
        if operator != "/" or _unit(left) != _unit(right):
            return []
        unit = "1"
    elif operator == "*" and left.unit == "1":
        unit = right.unit
    elif right.unit != "1":
        return []
    found = _calculate(left.value, right.value, operator)
    return [] if found is None else [Amount(found, unit)]


def _calculate(a: Decimal, b: Decimal, operator: str) -> Decimal | None:
    with localcontext(prec=40) as context:
        try:
            if operator in ("/", "div", "mod") and b == 0:
                return None
            match operator:
                case "+":
                    found = a + b
                case "-":
                    found = a - b
                case "*":
                    found = a * b
                case "/":
                    context.prec = 28
                    found = a / b
                case "div":
                    found = a // b
                case "mod":
                    found = a % b
                case _:
                    raise ExpressionFailed(f"unknown operator {operator}")
        except DecimalException:
            raise ExpressionFailed("the number is too large") from None
    if abs(found) > _LARGEST:
        raise ExpressionFailed("the number is too large")
    return found


def negative(items: Sequence[Item]) -> list[Item]:
    """Unary minus."""
    item = one(items)
    if item is None:
        return []
    if isinstance(item, Amount):
        return [Amount(-item.value, item.unit)]
    if not is_number(item):
        raise ExpressionFailed(f"-{_kind(item)} has no value")
    return [-item]  # type: ignore[operator]


def logic(left: bool | None, right: bool | None, operator: str) -> bool | None:
    """and, or, xor, implies over true, false and empty (N1 §6.5)."""
    match operator:
        case "and":
            return False if False in (left, right) else None if None in (left, right) else True
        case "or":
            return True if True in (left, right) else None if None in (left, right) else False
        case "xor":
            return None if left is None or right is None else left != right
        case _:
            if left is False or right is True:
                return True
            return None if left is None or right is None else right


def _as_moment(item: Item, like: Item) -> Item:
    if isinstance(item, str) and isinstance(like, Moment):
        return Moment.parse(item, "time" if like.kind == "time" else None) or item
    return item


def _unit(amount: Amount) -> str:
    return _DURATIONS.get(amount.unit, amount.unit)


def _text(item: Item | None) -> str:
    if item is None:
        return ""
    if not isinstance(item, str):
        raise ExpressionFailed(f"& joins strings, not {_kind(item)}")
    return item


def _short(text: str) -> str:
    if len(text) > MAX_STRING:
        raise ExpressionFailed("the string is too long")
    return text


def _kind(item: Item) -> str:
    return type(item).__name__.lower()
