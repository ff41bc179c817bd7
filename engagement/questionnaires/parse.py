"""FHIR R4 Questionnaire → `Form`: strict where reading on would be guessing, with notes on what is left out."""

from collections.abc import Mapping
from typing import Any

from engagement.questionnaires.errors import BadQuestionnaire, Fault
from engagement.questionnaires.expression import read_expression
from engagement.questionnaires.extensions import UNSUPPORTED, extensions
from engagement.questionnaires.form import Form, Note
from engagement.questionnaires.graph import build_graph
from engagement.questionnaires.item import Expression, Item, Place
from engagement.questionnaires.json_text import BadJson, read_json
from engagement.questionnaires.options import ValueSets
from engagement.questionnaires.parse_item import ItemReader
from engagement.questionnaires.reader import Reader
from engagement.questionnaires.words import read_words

MOST_VARIABLES = 1_000
"""Of the whole questionnaire."""
MOST_ITEMS = 10_000
"""Several times the largest published form."""
DEEPEST = 60
"""Items within items."""


def parse_questionnaire(source: bytes | str | Mapping[str, Any]) -> Form:
    """The questionnaire in `source` (JSON, or JSON that was read), also where it comes as the only one of a Bundle.

    `BadQuestionnaire` carries every fault with path and linkId.
    """
    try:
        data = source if isinstance(source, Mapping) else read_json(source)
    except BadJson as error:
        raise BadQuestionnaire([Fault(path="", message=str(error))]) from None
    beside: list[Mapping[str, Any]] = []
    if data.get("resourceType") == "Bundle":
        data, beside = _unwrapped(data)
    return _Parser(data, beside).form()


def _unwrapped(bundle: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """The one questionnaire of a Bundle, and what comes with it."""
    entries = bundle.get("entry")
    resources = [
        entry["resource"]
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping) and isinstance(entry.get("resource"), Mapping)
    ]
    found = [one for one in resources if one.get("resourceType") == "Questionnaire"]
    if len(found) != 1:
        raise BadQuestionnaire([Fault(path="entry", message=f"a Bundle with {len(found)} Questionnaires, not one")])
    return found[0], resources


class _Parser:
    """`beside`: resources that came with the questionnaire; their value sets count as contained."""

    def __init__(self, data: Mapping[str, Any], beside: list[Mapping[str, Any]]) -> None:
        self.data = data
        self.beside = beside
        self.notes: list[Note] = []
        self.reader = Reader(self.notes)
        self.items: list[Item] = []
        self.by_link: dict[str, int] = {}
        self.variables: list[Expression] = []
        self.launch: list[str] = []

    def form(self) -> Form:
        data, reader = self.data, self.reader
        if data.get("resourceType") != "Questionnaire":
            message = f"is {str(data.get('resourceType'))[:40]!r}, not a Questionnaire"
            raise BadQuestionnaire([Fault(path="resourceType", message=message)])
        status = reader.text(data, "status", "")
        if status not in ("draft", "active", "retired", "unknown"):
            self.notes.append(Note(kind="doubtful", link_id="", feature=f"status '{status[:40]}'"))
        self._extensions()
        self._items()
        if len(self.variables) + sum(len(item.variables) for item in self.items) > MOST_VARIABLES:
            reader.fault("extension(variable)", f"there are more than {MOST_VARIABLES} variables")
        if reader.faults:
            raise BadQuestionnaire(reader.faults)
        form = Form(
            url=reader.text(data, "url", ""),
            version=reader.text(data, "version", ""),
            status=status,
            language=reader.text(data, "language", ""),
            title=read_words(data, "title"),
            items=tuple(self.items),
            by_link=self.by_link,
            variables=tuple(self.variables),
            children=(children := _children(self.items)),
            tops=tuple(Place(number) for number in children[0]),
            has_expressions=any(i.enable_expression or i.calculated or i.initial_expression for i in self.items),
            launch=tuple(self.launch),
            graph=build_graph(tuple(self.items), self.by_link, tuple(self.variables), reader),
            notes=tuple(self.notes),
            raw=data,
        )
        if reader.faults:
            raise BadQuestionnaire(reader.faults)
        return form

    def _extensions(self) -> None:
        if self.data.get("modifierExtension"):
            self.notes.append(Note(kind="unsupported", link_id="", feature="modifierExtension"))
        for name, extension in extensions(self.data):
            if name == "variable" or (name == "calculatedExpression" and self._names(extension)):
                self._variable(extension)
            elif name == "launchContext":
                self._launch(extension.get("extension"))
            elif name in UNSUPPORTED:
                self.notes.append(Note(kind="unsupported", link_id="", feature=name))
            elif name != "translation":
                self.notes.append(Note(kind="ignored", link_id="", feature=name))

    def _launch(self, parts: Any) -> None:
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, Mapping) and part.get("url") == "name":
                coding = part.get("valueCoding")
                name = coding.get("code") if isinstance(coding, Mapping) else part.get("valueId")
                if isinstance(name, str):
                    self.launch.append(name)

    @staticmethod
    def _names(extension: Mapping[str, Any]) -> bool:
        """Whether an expression of the whole has a name: then it is a variable, whatever it is called."""
        value = extension.get("valueExpression")
        return isinstance(value, Mapping) and isinstance(value.get("name"), str)

    def _variable(self, extension: Mapping[str, Any]) -> None:
        expression = read_expression(extension)
        if isinstance(expression, str):
            self.notes.append(Note(kind="unsupported", link_id="", feature=f"variable ({expression})"))
        else:
            self.variables.append(expression)

    def _items(self) -> None:
        """Depth first, without recursion: a hostile file may nest as deep as it likes."""
        top = self.reader.objects(self.data, "item", "")
        items = ItemReader(self.reader, self.notes, ValueSets(self.data, self.beside))
        waiting: list[tuple[str, Mapping[str, Any], int | None, int]]
        waiting = [(path, data, None, 1) for path, data in reversed(top)]
        pending: list[tuple[Mapping[str, Any], str, int | None, int, list[Mapping[str, Any]]]] = []
        parents: list[int | None] = []
        while waiting:
            path, data, parent, depth = waiting.pop()
            if len(pending) >= MOST_ITEMS:
                raise BadQuestionnaire([Fault(path="item", message=f"there are more than {MOST_ITEMS} items")])
            if depth > DEEPEST:
                raise BadQuestionnaire([Fault(path=path, message=f"items nest deeper than {DEEPEST}")])
            number = len(pending)
            inner = self.reader.objects(data, "item", path)
            pending.append((data, path, parent, number, [child for _, child in inner]))
            parents.append(parent)
            waiting += [(where, child, number, depth + 1) for where, child in reversed(inner)]
        ends = _ends(parents)
        over: list[tuple[int, ...]] = []
        for data, path, parent, number, children in pending:
            above = () if parent is None else over[parent]
            if parent is not None and self.items[parent].multiplies:
                above = (*above, parent)
            over.append(above)
            item = items.read(data, path, number=number, parent=parent, end=ends[number], over=above, children=children)
            self.items.append(item)
            if item.link_id in self.by_link:
                other = self.items[self.by_link[item.link_id]].path
                self.reader.fault(f"{path}.linkId", f"the same linkId stands at {other}", item.link_id)
            elif item.link_id:
                self.by_link[item.link_id] = number
        for item in self.items:
            for condition in item.conditions:
                if condition.question not in self.by_link:
                    feature = f"enableWhen of the unknown linkId {condition.question[:60]}"
                    self.notes.append(Note(kind="doubtful", link_id=item.link_id, feature=feature))


def _ends(parents: list[int | None]) -> list[int]:
    """For each item of a depth-first list, the number after its last descendant."""
    ends = list(range(1, len(parents) + 1))
    for number in range(len(parents) - 1, -1, -1):
        parent = parents[number]
        if parent is not None:
            ends[parent] = max(ends[parent], ends[number])
    return ends


def _children(items: list[Item]) -> tuple[tuple[int, ...], ...]:
    found: list[list[int]] = [[] for _ in range(len(items) + 1)]
    for item in items:
        found[0 if item.parent is None else item.parent + 1].append(item.number)
    return tuple(map(tuple, found))
