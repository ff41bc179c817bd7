"""One item of the file → `Item`."""

from collections.abc import Mapping, Sequence
from typing import Any

from engagement.questionnaires.errors import BadQuestionnaire
from engagement.questionnaires.extensions import UNSUPPORTED, code_of, extensions
from engagement.questionnaires.form import Note
from engagement.questionnaires.item import AnswerOption, Item, ItemType
from engagement.questionnaires.options import ValueSets, read_option
from engagement.questionnaires.parse_conditions import read_conditions
from engagement.questionnaires.parse_extras import Extras
from engagement.questionnaires.reader import Reader
from engagement.questionnaires.values import Coding, Value, read_value
from engagement.questionnaires.words import Words, read_words

_TYPES: dict[str, ItemType] = {
    "group": "group", "display": "display", "boolean": "boolean", "decimal": "decimal", "integer": "integer",
    "date": "date", "dateTime": "dateTime", "time": "time", "string": "string", "text": "text", "url": "url",
    "choice": "choice", "open-choice": "open-choice", "attachment": "attachment", "reference": "reference",
    "quantity": "quantity",
}  # fmt: skip
_MEANT = {name.lower(): name for name in _TYPES} | {"openchoice": "open-choice", "open_choice": "open-choice"}
_HELP = ("help", "flyover", "instructions")
_WIDE_OPEN = ("optionsOrString", "optionsOrType")
"""R5's answerConstraint where other answers than the options are allowed."""
MOST_READ = 50_000
"""Options of all items that are written out."""
MOST_OFFERED = 500_000
"""Options of all items from value sets, which items may share."""


class ItemReader:
    """Reads items; faults and notes go to the lists it is given."""

    def __init__(self, reader: Reader, notes: list[Note], value_sets: ValueSets) -> None:
        self.reader = reader
        self.notes = notes
        self.value_sets = value_sets
        self.read_options = self.all_options = 0

    def read(
        self,
        data: Mapping[str, Any],
        path: str,
        *,
        number: int,
        parent: int | None,
        end: int,
        over: tuple[int, ...],
        children: Sequence[Mapping[str, Any]],
    ) -> Item:
        """The item. `children`: the items right below it, not yet read."""
        reader = self.reader
        link_id = reader.text(data, "linkId", path)
        if not link_id and not isinstance(data.get("linkId"), bool | list | dict):
            reader.fault(f"{path}.linkId", "is missing")
        type_, known = self._type(data, path, link_id)
        if not isinstance(data.get("extension") or [], list):
            self.note("unsupported", link_id, "extension that is no array")
        found = Extras(data, link_id, self.notes)
        options = self._options(data, path, link_id, type_)
        repeats = reader.flag(data, "repeats", path, link_id)
        is_question = type_ not in ("group", "display")
        options_missing = type_ == "choice" and not options
        unsupported = not known or (type_ in ("attachment", "reference") and not options)
        if unsupported and known:
            self.note("unsupported", link_id, type_)
        if data.get("modifierExtension"):
            self.note("unsupported", link_id, "modifierExtension")
        initial = self._initial(data, path, link_id, type_, options)
        unit = found.unit or self._unit_of(children, data.get("initial"))
        calculated = found.expressions.get("calculatedExpression")
        any_condition = self._any(data, path, link_id)
        limits = found.limits(reader.whole(data, "maxLength", path, link_id))
        return Item(
            number=number,
            end=end,
            parent=parent,
            over=over,
            path=path,
            link_id=link_id,
            type=type_,
            text=self._words(data, "text", path, link_id),
            prefix=self._words(data, "prefix", path, link_id),
            help=_help(children),
            short=found.short,
            required=reader.flag(data, "required", path, link_id) or bool(limits.min_occurs),
            repeats=repeats,
            read_only=reader.flag(data, "readOnly", path, link_id),
            hidden=found.hidden,
            control=found.control,
            orientation=found.orientation,
            entry_format=found.entry_format,
            support_link=found.support_link,
            options=options,
            limits=limits,
            unit=unit,
            units=tuple(found.units),
            conditions=read_conditions(reader, data, path, link_id, any_=any_condition),
            any_condition=any_condition,
            initial=initial,
            enable_expression=found.expressions.get("enableWhenExpression"),
            initial_expression=found.expressions.get("initialExpression"),
            calculated=calculated if is_question else None,
            variables=tuple(found.variables),
            signals=frozenset(found.signals),
            askable=is_question and not unsupported and not options_missing and calculated is None,
            multiplies=repeats and end > number + 1 and type_ != "display",
            raw=data,
        )

    def note(self, kind: str, link_id: str, feature: str) -> None:
        """Keep what is left out."""
        self.notes.append(Note(kind=kind, link_id=link_id, feature=feature))

    def _words(self, data: Mapping[str, Any], name: str, path: str, link_id: str) -> Words:
        self.reader.text(data, name, path, link_id)
        element = data.get(f"_{name}")
        for inner, _ in extensions(element) if isinstance(element, Mapping) else ():
            if inner in UNSUPPORTED:
                self.note("unsupported", link_id, f"{inner} of {name}")
        return read_words(data, name)

    def _type(self, data: Mapping[str, Any], path: str, link_id: str) -> tuple[ItemType, bool]:
        """The type, and whether it is one that is known: an item of another is left out, what is below it is not."""
        given = self._type_name(data, path, link_id)
        if given in _TYPES:
            return _TYPES[given], True
        if data.get("item"):
            self.note("doubtful", link_id, f"type '{given[:40]}', taken as group")
            return "group", True
        self.note("unsupported", link_id, f"type '{given[:40]}'")
        return "string", False

    def _type_name(self, data: Mapping[str, Any], path: str, link_id: str) -> str:
        given = self.reader.text(data, "type", path, link_id)
        if given not in _TYPES and (meant := _MEANT.get(given.lower())) is not None:
            self.note("doubtful", link_id, f"type '{given[:40]}', taken as {meant}")
            return meant
        if given in ("coding", "string", "integer", "date", "time") and data.get("answerConstraint") in _WIDE_OPEN:
            self.note("doubtful", link_id, f"answerConstraint {data['answerConstraint']} (R5), taken as open-choice")
            return "open-choice"
        if given == "coding":
            self.note("doubtful", link_id, "type coding (R5), taken as choice")
            return "choice"
        if given in ("string", "integer", "date", "time") and data.get("answerOption"):
            self.note("doubtful", link_id, f"answerOption of a {given} (R5), taken as choice")
            return "choice"
        return given

    def _options(self, data: Mapping[str, Any], path: str, link_id: str, type_: ItemType) -> tuple[AnswerOption, ...]:
        listed = self.reader.objects(data, "answerOption", path, link_id)
        if not listed and "option" in data:
            listed = self.reader.objects(data, "option", path, link_id)
            self.note("doubtful", link_id, "option (STU3), taken as answerOption")
        if type_ not in ("choice", "open-choice", "reference"):
            return ()
        self.read_options += len(listed)
        if self.read_options > MOST_READ:
            self._too_many(path, link_id)
        options = tuple(
            option for where, one in listed if (option := read_option(self.reader, one, where, link_id)) is not None
        )
        for _, one in listed:
            for name, _ in extensions(one):
                if name in UNSUPPORTED:
                    self.note("unsupported", link_id, f"{name} of an answerOption")
        address = self.reader.text(data, "answerValueSet", path, link_id)
        older = data.get("options")
        if not address and isinstance(older, Mapping) and isinstance(older.get("reference"), str):
            address = older["reference"]
            self.note("doubtful", link_id, "options (STU3), taken as answerValueSet")
        if options or not address:
            if not options and type_ == "choice":
                self.note("unsupported", link_id, "choice without options")
            return options
        found = self.value_sets.options(address)
        if not found:
            self.note("unsupported", link_id, f"answerValueSet {address[:120]}")
        self.all_options += len(found or ())
        if self.all_options > MOST_OFFERED:
            self._too_many(path, link_id)
        return found or ()

    def _too_many(self, path: str, link_id: str) -> None:
        self.reader.fault(path, "up to here there are more options than can be read", link_id)
        raise BadQuestionnaire(self.reader.faults)

    def _any(self, data: Mapping[str, Any], path: str, link_id: str) -> bool:
        behavior = self.reader.text(data, "enableBehavior", path, link_id).strip().lower()
        several = isinstance(data.get("enableWhen"), list) and len(data["enableWhen"]) > 1
        if behavior not in ("", "all", "any"):
            self.note("unsupported", link_id, f"enableBehavior '{behavior[:20]}', taken as all")
        elif several and not behavior:
            self.note("doubtful", link_id, "several enableWhen without enableBehavior, taken as all")
        return behavior == "any"

    def _initial(
        self, data: Mapping[str, Any], path: str, link_id: str, type_: ItemType, options: Sequence[AnswerOption]
    ) -> tuple[Value, ...]:
        found = [option.value for option in options if option.initial]
        for _, one in self.reader.objects(data, "initial", path, link_id):
            try:
                value = read_value(one)
            except ValueError as error:
                self.note("unsupported", link_id, f"initial ({error})")
                continue
            if value is None:
                if "valueQuantity" not in one:
                    self.note("unsupported", link_id, "initial of this type")
                continue
            chosen = [option.value for option in options if option.value.is_same_choice(value)]
            found.append(chosen[0] if chosen else value)
        if type_ in ("group", "display"):
            return ()
        return tuple(found)

    def _unit_of(self, children: Sequence[Mapping[str, Any]], initial: Any) -> Coding | None:
        """A unit written the older ways: a display item beneath, or an initial quantity, with or without a value."""
        for child in children:
            if child.get("type") == "display" and _control(child) == "unit" and isinstance(child.get("text"), str):
                return Coding(code=child["text"], display=child["text"])
        for one in initial if isinstance(initial, list) else ():
            quantity = one.get("valueQuantity") if isinstance(one, Mapping) else None
            if isinstance(quantity, Mapping):
                texts = {
                    n: text if isinstance(text := quantity.get(n), str) else None for n in ("unit", "code", "system")
                }
                if texts["unit"] or texts["code"]:
                    return Coding(code=texts["code"] or texts["unit"], system=texts["system"], display=texts["unit"])
        return None


def _control(data: Mapping[str, Any]) -> str:
    return next((code_of(extension) for name, extension in extensions(data) if name == "itemControl"), "")


def _help(children: Sequence[Mapping[str, Any]]) -> Words:
    for child in children:
        if child.get("type") == "display" and _control(child) in _HELP:
            return read_words(child, "text")
    return Words()
