"""What a collection is made of: plain Python values, moments, amounts, and nodes of JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engagement.fhirpath.moments import Moment


class Fragment(dict[str, Any]):
    """A part of a response with children under "item": finds them by linkId without a walk. Not to be changed once read."""

    __slots__ = ("_by_link",)

    def linked(self, link_id: str) -> list[Any]:
        """The children with this linkId, in order."""
        try:
            by_link = self._by_link
        except AttributeError:
            by_link = {}
            for child in self.get("item", ()):
                by_link.setdefault(child.get("linkId"), []).append(child)
            self._by_link: dict[Any, list[Any]] = by_link
        return by_link.get(link_id, [])


@dataclass(frozen=True, slots=True)
class Node:
    """An object of JSON; `type`: its FHIR type where the element's name says it (valueCoding), else ""."""

    data: Mapping[str, Any]
    type: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.data == other.data

    def __hash__(self) -> int:
        return hash(tuple(self.data))


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity; `unit`: a UCUM code or a calendar word, "1" without one."""

    value: Decimal
    unit: str


type Item = bool | int | Decimal | str | Moment | Amount | Node

_TYPES = (
    "Boolean", "Integer", "Decimal", "Date", "DateTime", "Time", "Instant", "String", "Uri", "Url", "Code", "Markdown",
    "Coding", "CodeableConcept", "Quantity", "Reference", "Attachment", "Identifier", "Period", "Range", "Duration", "Age",
    "Money", "Expression", "UnsignedInt", "PositiveInt", "Canonical",
)  # fmt: skip
_MOMENTS: dict[str, Any] = {"Date": "date", "DateTime": "dateTime", "Instant": "dateTime", "Time": "time"}
_DATES_BY_NAME: dict[str, Any] = {"birthDate": "date", "authored": "dateTime", "deceasedDateTime": "dateTime"}


def children_named(node: Node, name: str) -> Iterator[Item]:
    """The members of an element, choices of type included: `value` finds `valueCoding`."""
    data = node.data
    found = data.get(name)
    if found is not None:
        yield from _items(found, _type_of(name))
        return
    for type_ in _TYPES:
        found = data.get(name + type_)
        if found is not None:
            yield from _items(found, type_)
            return


def all_children(node: Node) -> Iterator[Item]:
    """Every member of every element."""
    for name, value in node.data.items():
        if not name.startswith("_") and name != "resourceType":
            yield from _items(value, _type_of(name))


def _type_of(name: str) -> str:
    """The type that an element's own name ends in (valueCoding), else ""."""
    if name.startswith("value") and name[5:] in _TYPES:
        return name[5:]
    if name in _DATES_BY_NAME:
        return "DateTime" if _DATES_BY_NAME[name] == "dateTime" else "Date"
    return ""


def _items(value: Any, type_: str) -> Iterator[Item]:
    if isinstance(value, list):
        for one in value:
            if one is not None:
                yield from _items(one, type_)
    elif isinstance(value, Mapping):
        yield Node(value, type_)
    elif isinstance(value, str) and type_ in _MOMENTS:
        yield Moment.parse(value, _MOMENTS[type_]) or value
    elif isinstance(value, float):
        yield Decimal(str(value))
    elif value is not None:
        yield value


def simple(item: Item) -> Item:
    """A Quantity node as an amount; everything else as it is."""
    if not isinstance(item, Node) or (item.type and item.type not in ("Quantity", "Duration", "Age")):
        return item
    value = item.data.get("value")
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        return item
    if not item.type and set(item.data) - {"value", "unit", "system", "code", "comparator", "extension"}:
        return item
    return Amount(Decimal(str(value)), str(item.data.get("code") or item.data.get("unit") or "1"))
