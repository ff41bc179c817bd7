"""YAML with the line of every value, so that a fault in a hand-written file can be shown where it stands.

PyYAML's own loading forgets lines, lets the last of two equal keys win in silence and expands aliases without limit;
the people who write study packs and words need the opposite.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp"))

type Place = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong in a file, in words for the person who wrote it. `line` counts from 1."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def in_order(faults: list[Fault]) -> list[Fault]:
    """Faults by file and line, each once."""
    return sorted(set(faults), key=lambda fault: (str(fault.file), fault.line, fault.message))


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a YAML file says; `data` is None for an empty file. A place is a way to a value: ("facts", "cost", "en")."""

    file: Path
    data: Any
    lines: dict[Place, int] = field(default_factory=dict)
    folded: frozenset[Place] = frozenset()
    """The places of texts written with `>`, where one line break stands for a blank line."""

    def line(self, *place: str | int) -> int:
        """The line of a value's key, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def fault(self, message: str, *place: str | int) -> Fault:
        """A fault at this place of the file."""
        return Fault(file=self.file, line=self.line(*place), message=message)

    def at(self, *place: str | int) -> Any:
        """The value at a place; None where there is none."""
        value = self.data
        for step in place:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value


def read_yaml(file: Path) -> tuple[Document | None, list[Fault]]:
    """The file's content with lines, and its faults. No document where the file can't be understood at all.

    Refused: more than 1 MB, text that is not UTF-8, aliases, more than 20 levels, several documents, tags of other
    kinds than plain values. A key written twice is a fault; the first one counts.
    """
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return None, [Fault(file=file, line=1, message=f"can't be read: {error.strerror}")]
    if len(raw) > MAX_BYTES:
        return None, [Fault(file=file, line=1, message="the file is larger than 1 MB")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return None, [Fault(file=file, line=line, message="the text is not UTF-8; save the file as UTF-8")]
    try:
        refused = _check_events(file, text)
        if refused is not None:
            return None, [refused]
        loader = _Loader(text)
        node = loader.get_single_node()
        return (Document(file=file, data=None), []) if node is None else _Reading(file, loader).document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ": ".join(part for part in (error.context, error.problem) if part)
        return None, [Fault(file=file, line=mark.line + 1 if mark else 1, message=f"not readable as YAML: {problem}")]
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return None, [Fault(file=file, line=line, message="a control character that YAML does not allow")]


def _check_events(file: Path, text: str) -> Fault | None:
    """Refuse what would grow or recurse when composed, before it is composed."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            return Fault(
                file=file, line=line, message=f"aliases (*{event.anchor}) are not allowed; write the value out"
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            return Fault(file=file, line=line, message=f"nested more than {MAX_DEPTH} levels deep")
    return None


class _Reading:
    """Turns composed nodes into values while noting lines and faults."""

    def __init__(self, file: Path, loader: Any) -> None:
        self.file = file
        self.loader = loader
        self.lines: dict[Place, int] = {}
        self.folded: set[Place] = set()
        self.faults: list[Fault] = []

    def document(self, node: yaml.Node) -> tuple[Document, list[Fault]]:
        self.lines[()] = node.start_mark.line + 1
        data = self.value(node, ())
        return Document(file=self.file, data=data, lines=self.lines, folded=frozenset(self.folded)), self.faults

    def value(self, node: yaml.Node, place: Place) -> Any:
        if isinstance(node, yaml.MappingNode):
            return dict(self.entries(node, place))
        if isinstance(node, yaml.SequenceNode):
            return [self.item(child, (*place, index)) for index, child in enumerate(node.value)]
        if node.tag not in _PLAIN_TAGS:
            self.fault(node, f"the tag {node.tag} is not allowed")
            return None
        if isinstance(node, yaml.ScalarNode) and node.style == ">":
            self.folded.add(place)
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError):
            self.fault(node, f"'{node.value}' is no valid value; put it in quotes if it is text")
            return None

    def item(self, node: yaml.Node, place: Place) -> Any:
        self.lines[place] = node.start_mark.line + 1
        return self.value(node, place)

    def entries(self, node: yaml.MappingNode, place: Place) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != "tag:yaml.org,2002:str":
                shown = f"'{key}'" if isinstance(key, str) else "a list or mapping"
                self.fault(key_node, f"{shown} can't be a key; put it in quotes if it is text")
                continue
            if key in seen:
                self.fault(key_node, f"'{key}' stands here twice, first on line {seen[key]}")
                continue
            seen[key] = line
            self.lines[*place, key] = line
            yield key, self.value(value_node, (*place, key))

    def fault(self, node: yaml.Node, message: str) -> None:
        self.faults.append(Fault(file=self.file, line=node.start_mark.line + 1, message=message))
