"""Answers as typed values: what FHIR writes as value[x]."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

from engagement.answers.units import unit_of
from engagement.fhirpath import Moment

type ValueType = Literal[
    "boolean",
    "decimal",
    "integer",
    "date",
    "dateTime",
    "time",
    "string",
    "uri",
    "Coding",
    "Quantity",
    "Reference",
    "Attachment",
]
LEAST, MOST = -(2**31), 2**31 - 1
"""Of an integer (R4, datatypes)."""
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


@dataclass(frozen=True, kw_only=True, slots=True)
class Coding:
    """A code. `weight`: its score, from the option it was chosen of."""

    code: str | None = None
    system: str | None = None
    display: str | None = None
    version: str | None = None
    weight: Decimal | int | None = None

    def is_like(self, other: "Coding") -> bool:
        """The same concept: same code, same system where both say one; without codes, the same words."""
        if self.code is None or other.code is None:
            return self.code == other.code and self.display == other.display
        return self.code == other.code and (self.system == other.system or not self.system or not other.system)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """An amount; `code` and `system` are UCUM's where the unit is known."""

    value: Decimal | int
    unit: str | None = None
    system: str | None = None
    code: str | None = None
    comparator: str | None = None

    def unit_is(self, other: "Quantity") -> bool:
        """Whether both are in one unit, or one has none."""
        mine, theirs = {self.code, self.unit} - {None}, {other.code, other.unit} - {None}
        return not mine or not theirs or bool(mine & theirs)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to another resource, or an attachment, kept as it came."""

    data: Mapping[str, Any] = field(hash=False, default=MappingProxyType({}))


type Plain = bool | int | Decimal | str | Coding | Quantity | Reference


@dataclass(frozen=True, slots=True)
class Value:
    """One answer: `type` is FHIR's, as in value[x]."""

    type: ValueType
    value: Plain

    def to_json(self) -> dict[str, Any]:
        """{"valueCoding": {…}}"""
        return {f"value{self.type[0].upper()}{self.type[1:]}": _to_json(self.value)}

    def is_same_choice(self, other: "Value") -> bool:
        """Whether both choose the same option: codes by system and code, all else by equality."""
        if isinstance(self.value, Coding) and isinstance(other.value, Coding):
            return self.value.code == other.value.code and self.value.is_like(other.value)
        return self == other


_TYPES: dict[str, ValueType] = {
    "valueBoolean": "boolean", "valueDecimal": "decimal", "valueInteger": "integer", "valueDate": "date",
    "valueDateTime": "dateTime", "valueTime": "time", "valueString": "string", "valueUri": "uri",
    "valueCoding": "Coding", "valueQuantity": "Quantity", "valueReference": "Reference",
    "valueAttachment": "Attachment", "valueUrl": "uri", "valueInstant": "dateTime", "valueCode": "string",
    "valuePositiveInt": "integer", "valueUnsignedInt": "integer", "valueMarkdown": "string",
}  # fmt: skip


def read_value(data: Mapping[str, Any], prefix: str = "value") -> Value | None:
    """The value[x] (or answer[x], by `prefix`) in `data`; None where there is none. `ValueError` where it has the wrong type."""
    for name, given in data.items():
        if name.startswith(prefix) and (type_ := _TYPES.get(f"value{name[len(prefix) :]}")):
            if type_ == "Quantity" and isinstance(given, Mapping) and "value" not in given:
                return None  # the unit alone
            return Value(type_, _plain(type_, given))
    return None


def _plain(type_: ValueType, given: Any) -> Plain:
    right: bool
    match type_:
        case "boolean":
            right = isinstance(given, bool)
        case "integer":
            right = isinstance(given, int) and not isinstance(given, bool) and LEAST <= given <= MOST
        case "decimal":
            right = isinstance(given, int | Decimal) and not isinstance(given, bool)
        case "Coding" | "Quantity" | "Reference" | "Attachment":
            if not isinstance(given, Mapping):
                raise ValueError(f"{type_} must be an object")
            if type_ in ("Reference", "Attachment"):
                return Reference(given)
            return _coding(given) if type_ == "Coding" else _quantity(given)
        case "date" | "dateTime" | "time":
            right = (
                isinstance(given, str)
                and Moment.parse(given, type_) is not None
                and ("T" not in given or type_ != "date")
            )
        case _:
            right = isinstance(given, str)
    if not right:
        raise ValueError(f"{given!r:.60} is no {type_}")
    if type_ == "time" and len(given) == len("08:30"):
        return f"{given}:00"  # R4 wants seconds, many files leave them out
    return given  # type: ignore[no-any-return]


def _coding(data: Mapping[str, Any]) -> Coding:
    texts = {name: data.get(name) for name in ("code", "system", "display", "version")}
    for name, text in texts.items():
        if text is not None and not isinstance(text, str):
            raise ValueError(f"a Coding's {name} must be text")
    return Coding(**texts, weight=read_weight(data))


def read_weight(data: Mapping[str, Any]) -> Decimal | int | None:
    """The score that an option or its code carries (ordinalValue, itemWeight), None without one."""
    extensions = data.get("extension")
    for extension in extensions if isinstance(extensions, list) else ():
        if not isinstance(extension, Mapping):
            continue
        url = str(extension.get("url", ""))
        if url.endswith(("/ordinalValue", "/itemWeight", "/questionnaire-ordinalValue", "/questionnaire-optionScore")):
            for name in ("valueDecimal", "valueInteger"):
                found = extension.get(name)
                if isinstance(found, int | Decimal) and not isinstance(found, bool):
                    return found
    return None


def _quantity(data: Mapping[str, Any]) -> Quantity:
    value = data.get("value")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("a Quantity's value must be a number")
    texts = {name: data.get(name) for name in ("unit", "system", "code", "comparator")}
    for name, text in texts.items():
        if text is not None and not isinstance(text, str):
            raise ValueError(f"a Quantity's {name} must be text")
    return Quantity(value=value, **texts)


def _to_json(value: Plain) -> Any:
    match value:
        case Coding():
            found: dict[str, Any] = {}
            if value.weight is not None:
                found["extension"] = [{"url": ORDINAL, "valueDecimal": value.weight}]
            names = ("system", "version", "code", "display")
            return found | {name: text for name in names if (text := getattr(value, name)) is not None}
        case Quantity():
            parts = ("value", "comparator", "unit", "system", "code")
            return {name: part for name in parts if (part := getattr(value, name)) is not None}
        case Reference():
            return dict(value.data)
        case _:
            return value


def compare(answer: Value, wanted: Value, operator: str) -> bool:
    """Whether `answer operator wanted` (= != < > <= >=); False where the two can't be compared."""
    order = _order(answer, wanted)
    if order is None:
        return False
    match operator:
        case "=":
            return order == 0
        case "!=":
            return order != 0
        case _ if order == UNORDERED:
            return False
        case "<":
            return order < 0
        case ">":
            return order > 0
        case "<=":
            return order <= 0
        case _:
            return order >= 0


def _order_across_units(a: Quantity, b: Quantity) -> int:
    """250 lb and 100 kg are of one kind: they are compared by what they are, not by what they are written in."""
    mine, theirs = unit_of(a.code or a.unit), unit_of(b.code or b.unit)
    if mine is None or theirs is None or mine.dimension != theirs.dimension:
        return UNORDERED
    left, right = mine.convert(Fraction(a.value), theirs), Fraction(b.value)
    return (left > right) - (left < right)


UNORDERED = 2
"""Different, and neither is before the other."""


def _order(answer: Value, wanted: Value) -> int | None:
    """-1, 0, 1, `UNORDERED`, or None where there is nothing to compare."""
    a, b = answer.value, wanted.value
    if isinstance(a, bool) or isinstance(b, bool):
        return None if type(a) is not type(b) else 0 if a == b else UNORDERED
    match a, b:
        case Coding(), Coding():
            if a.is_like(b):
                return 0
            if a.weight is None or b.weight is None or a.weight == b.weight:
                return UNORDERED
            return -1 if a.weight < b.weight else 1
        case Quantity(), Quantity():
            if a.unit_is(b):
                return (a.value > b.value) - (a.value < b.value)
            return _order_across_units(a, b)
        case ((int() | Decimal()), (int() | Decimal())):
            return (a > b) - (a < b)
        case str(), str():
            if {answer.type, wanted.type} & {"date", "dateTime", "time"}:
                return _order_moments(answer, wanted)
            return (a > b) - (a < b)
        case Reference(), Reference():
            return 0 if a.data.get("reference") == b.data.get("reference") else UNORDERED
        case _:
            return UNORDERED if answer.type != wanted.type else None


def _order_moments(answer: Value, wanted: Value) -> int | None:
    kind: Literal["time"] | None = "time" if "time" in (answer.type, wanted.type) else None
    left, right = Moment.parse(str(answer.value), kind), Moment.parse(str(wanted.value), kind)
    if left is None or right is None:
        return None
    return left.compare(right)
