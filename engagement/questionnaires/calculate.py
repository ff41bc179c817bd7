"""The expressions of a questionnaire, run against answers: what they may see, and their results as answers of an item."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from engagement.fhirpath import (
    Amount,
    Budget,
    BudgetSpent,
    Environment,
    ExpressionFailed,
    Fragment,
    Moment,
    Node,
    evaluate,
)
from engagement.fhirpath import Item as Found
from engagement.questionnaires.form import Note
from engagement.questionnaires.item import Expression, Item, Place
from engagement.questionnaires.tree import Kept, Root, build_entries
from engagement.questionnaires.values import LEAST, MOST, Coding, Quantity, Value, read_value
from engagement.questionnaires.view import View

EACH = 50_000
"""Steps that one expression may take; one that takes more is given up for good."""


DEEPEST = 40
"""Variables that lead to one another."""


class Calculator:
    """Runs expressions for one step, all out of one purse."""

    def __init__(self, view: View, kept: Kept, context: Mapping[str, Any], at: datetime) -> None:
        self.view, self.kept, self.context, self.at = view, kept, context, at
        self.purse = Budget()
        self.retired: set[str] = set()
        """Expressions (their text) that took too much work."""
        self.notes: dict[Note, None] = {}
        self._variables: dict[tuple[int, tuple[int, ...], str], list[Found]] = {}
        self._under_way: set[tuple[int, tuple[int, ...], str]] = set()
        self._root: list[Found] | None = None

    def forget(self) -> None:
        """Answers have changed."""
        self._root = None
        self._variables.clear()

    def run(self, expression: Expression, item: Item, place: Place) -> list[Found] | None:
        """The result; None where it failed, which `notes` then tells of."""
        if expression.text in self.retired:
            return None
        budget = Budget(min(EACH, self.purse.left))
        before = budget.left
        try:
            return self._evaluate(expression, item, place, budget)
        except BudgetSpent as spent:
            if before == EACH:
                self.retired.add(expression.text)
            self._note(item, str(spent))
        except ExpressionFailed as failed:
            self._note(item, str(failed))
        finally:
            self.purse.left -= before - budget.left
        return None

    def _note(self, item: Item, why: str) -> None:
        self.notes[Note(kind="unsupported", link_id=item.link_id, feature=f"expression ({why[:120]})")] = None

    def _evaluate(self, expression: Expression, item: Item | None, place: Place | None, budget: Budget) -> list[Found]:
        focus = self._context(place)

        def lookup(name: str) -> Sequence[Found] | None:
            if name in ("resource", "rootResource"):
                return self._resource()
            if name == "context":
                return focus
            if name == "questionnaire":
                return [Node(self.view.form.raw)]
            if name == "qitem" and item is not None:
                return [Node(item.raw)]
            return self._variable(name, item, place, budget)

        return evaluate(expression.parsed, focus, Environment(lookup=lookup, at=self.at, budget=budget))

    def _resource(self) -> list[Found]:
        if self._root is None:
            self._root = [Node(Root(self.view, self.kept))]
        return self._root

    def _context(self, place: Place | None) -> list[Found]:
        """The part of the response that belongs to the item, empty but for its linkId where it is not answered."""
        if place is None:
            return self._resource()
        entries = build_entries(self.view, place, self.kept)
        return [Node(entries[0] if entries else Fragment(linkId=self.view.form.items[place.item].link_id))]

    def _variable(self, name: str, item: Item | None, place: Place | None, budget: Budget) -> list[Found] | None:
        form = self.view.form
        while item is not None and place is not None:
            for variable in item.variables:
                if variable.name == name:
                    return self._value_of(variable, item, place, budget)
            place = form.parent(place)
            item = None if place is None else form.items[place.item]
        for variable in form.variables:
            if variable.name == name:
                return self._value_of(variable, None, None, budget)
        if name in self.context:
            return [Node(self.context[name])]
        return [] if name in form.launch else None

    def _value_of(self, variable: Expression, item: Item | None, place: Place | None, budget: Budget) -> list[Found]:
        key = (-1 if place is None else place.item, () if place is None else place.at, variable.name)
        if len(self._under_way) > DEEPEST:
            raise ExpressionFailed("variables lead to one another too often")
        if key in self._under_way:
            raise ExpressionFailed(f"the variable %{variable.name} depends on itself")
        if key not in self._variables:
            self._under_way.add(key)
            try:
                self._variables[key] = self._evaluate(variable, item, place, budget)
            finally:
                self._under_way.discard(key)
        return self._variables[key]


def as_values(item: Item, found: Sequence[Found]) -> tuple[Value, ...]:
    """A result as answers of an item; members that are of no fitting type are left out."""
    values = (_as_value(item, one) for one in found)
    fitting = tuple(value for value in values if value is not None)
    return fitting if item.repeats else fitting[:1]


def _as_value(item: Item, found: Found) -> Value | None:
    match found:
        case bool():
            return Value("boolean", found) if item.type == "boolean" else None
        case int() | Decimal():
            return _number(item, found)
        case Moment():
            if item.type not in ("date", "dateTime", "time"):
                return Value("string", found.text) if item.type in ("string", "text") else None
            text = found.text.partition("T")[0] if item.type == "date" else found.text
            return Value(item.type, text)
        case Amount():
            if item.type != "quantity":
                return _number(item, found.value)
            return Value("Quantity", Quantity(value=found.value, unit=found.unit, code=found.unit))
        case str():
            return _text(item, found)
        case Node():
            return _object(item, found)
    return None


def _number(item: Item, found: int | Decimal) -> Value | None:
    if item.type == "integer":
        return Value("integer", int(found)) if found == int(found) and LEAST <= found <= MOST else None
    if item.type == "decimal":
        return Value("decimal", Decimal(found))
    if item.type == "quantity":
        unit = item.unit or Coding()
        return Value("Quantity", Quantity(value=found, unit=unit.display, code=unit.code, system=unit.system))
    return (
        Value("string", f"{found:f}" if isinstance(found, Decimal) else str(found))
        if item.type in ("string", "text")
        else None
    )


def _text(item: Item, found: str) -> Value | None:
    if item.type in ("date", "dateTime", "time"):
        moment = Moment.parse(found, "time" if item.type == "time" else None)
        return None if moment is None else _as_value(item, moment)
    if item.type in ("choice", "open-choice"):
        for option in item.options:
            plain = option.value.value
            if plain == found or (isinstance(plain, Coding) and found in (plain.code, plain.display)):
                return option.value
        return Value("string", found) if item.type == "open-choice" else None
    if item.type == "url":
        return Value("uri", found)
    return Value("string", found) if item.type in ("string", "text") else None


def _object(item: Item, found: Node) -> Value | None:
    wanted = {"choice": "valueCoding", "open-choice": "valueCoding", "quantity": "valueQuantity"}.get(item.type)
    if wanted is None:
        return None
    data = found.data
    coding = data.get("coding")
    if wanted == "valueCoding" and isinstance(coding, list) and coding:
        data = coding[0]
    try:
        return read_value({wanted: data})
    except ValueError:
        return None
