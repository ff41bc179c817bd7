"""What an item's extensions say. One that can't be read is left out and named: the item is still worth asking."""

from collections.abc import Mapping
from typing import Any

from engagement.fhirpath import ExpressionFailed
from engagement.fhirpath.strings import compile_pattern
from engagement.questionnaires.expression import read_expression
from engagement.questionnaires.extensions import SUPPORTED, UNSUPPORTED, code_of, extensions
from engagement.questionnaires.form import Note
from engagement.questionnaires.item import Expression, Limits
from engagement.questionnaires.values import Coding, Value, read_value
from engagement.questionnaires.words import Words, read_words

_EXPRESSIONS = ("enableWhenExpression", "initialExpression", "calculatedExpression")


class Extras:
    """What an item's extensions say."""

    def __init__(self, data: Mapping[str, Any], link_id: str, notes: list[Note]) -> None:
        self.notes, self.link_id = notes, link_id
        self.hidden = False
        self.control = self.orientation = self.support_link = ""
        self.entry_format = self.short = Words()
        self.unit: Coding | None = None
        self.units: list[Coding] = []
        self.expressions: dict[str, Expression] = {}
        self.variables: list[Expression] = []
        self.signals: set[str] = set()
        self.bounds: dict[str, Value] = {}
        self.numbers: dict[str, int] = {}
        self.pattern: str | None = None
        for name, extension in extensions(data):
            self._take(name, extension)

    def limits(self, max_length: int | None) -> Limits:
        """The limits of its answers."""
        return Limits(
            minimum=self.bounds.get("minValue"),
            maximum=self.bounds.get("maxValue"),
            min_length=self.numbers.get("minLength"),
            max_length=max_length,
            pattern=self.pattern,
            max_decimals=self.numbers.get("maxDecimalPlaces"),
            min_occurs=self.numbers.get("minOccurs"),
            max_occurs=self.numbers.get("maxOccurs"),
        )

    def _note(self, kind: str, feature: str) -> None:
        self.notes.append(Note(kind=kind, link_id=self.link_id, feature=feature))

    def _take(self, name: str, extension: Mapping[str, Any]) -> None:
        if name in UNSUPPORTED:
            self._note("unsupported", name)
        elif name not in SUPPORTED:
            self.signals.add(str(extension["url"]))
            self._note("ignored", name)
        elif name in _EXPRESSIONS or name == "variable":
            self._expression(name, extension)
        elif name == "regex":
            self._regex(extension)
        elif name == "itemControl":
            self.control = code_of(extension)
        elif name == "choiceOrientation":
            self.orientation = code_of(extension)
        else:
            self._value(name, extension)

    def _value(self, name: str, extension: Mapping[str, Any]) -> None:
        try:
            value = read_value(extension)
        except ValueError as error:
            self._note("unsupported", f"{name} ({error})")
            return
        plain = value.value if value is not None else None
        if any(key.startswith("_value") and _calculated(element) for key, element in extension.items()):
            self._note("unsupported", f"{name} (cqf-calculatedValue)")
        elif value is None:
            self._note("unsupported", f"{name} of this type")
        elif name == "hidden":
            self.hidden = plain is True
        elif name in ("minValue", "maxValue"):
            self.bounds[name] = value
        elif name in ("minLength", "maxDecimalPlaces", "minOccurs", "maxOccurs"):
            if isinstance(plain, int) and not isinstance(plain, bool) and plain >= 0:
                self.numbers[name] = plain
            else:
                self._note("unsupported", f"{name} (no whole number)")
        elif name == "unit" and isinstance(plain, Coding):
            self.unit = plain
        elif name == "unitOption" and isinstance(plain, Coding):
            self.units.append(plain)
        elif name == "supportLink" and isinstance(plain, str):
            self.support_link = plain
        elif name in ("entryFormat", "shortText") and isinstance(plain, str):
            words = read_words(extension, "valueString")
            if name == "entryFormat":
                self.entry_format = words
            else:
                self.short = words

    def _expression(self, name: str, extension: Mapping[str, Any]) -> None:
        expression = read_expression(extension)
        if isinstance(expression, str):
            self._note("unsupported", f"{name} ({expression})")
        elif name == "variable":
            self.variables.append(expression)
        else:
            self.expressions[name] = expression
            if expression.name:
                self.variables.append(expression)  # SDC: what has a name may be used by it below

    def _regex(self, extension: Mapping[str, Any]) -> None:
        pattern = extension.get("valueString")
        try:
            if not isinstance(pattern, str):
                raise ExpressionFailed("no text")
            if len(pattern) > 1 and pattern[0] == pattern[-1] == "/":
                pattern = pattern[1:-1]
            compile_pattern(pattern)
        except ExpressionFailed as error:
            self._note("unsupported", f"regex ({error})")
        else:
            self.pattern = pattern


def _calculated(element: Any) -> bool:
    """Whether a value is worked out elsewhere: a limit such as "today" that we would get wrong."""
    return isinstance(element, Mapping) and any(name.startswith("cqf-") for name, _ in extensions(element))
