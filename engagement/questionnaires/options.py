"""What there is to choose: answerOption, or a value set that the questionnaire carries along."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engagement.questionnaires.extensions import extensions
from engagement.questionnaires.form import Note
from engagement.questionnaires.item import AnswerOption
from engagement.questionnaires.reader import Reader
from engagement.questionnaires.values import Coding, Value, read_value, read_weight
from engagement.questionnaires.words import Words, read_translations, read_words

MOST_OPTIONS = 5_000
"""Of one value set; what a set has beyond them is left out."""
DEEPEST_SETS = 20
"""Value sets that include one another."""


class ValueSets:
    """The `contained` value sets and code systems of a questionnaire, by id; each is read once. `beside`: others at hand."""

    def __init__(self, data: Mapping[str, Any], beside: Sequence[Mapping[str, Any]] = ()) -> None:
        self.resources: dict[str, Mapping[str, Any]] = {}
        self.code_systems: dict[str, Mapping[str, Any]] = {}
        for resource in (*_objects(data.get("contained")), *beside):
            if resource.get("resourceType") == "ValueSet":
                for name in (resource.get("id"), resource.get("url")):
                    if isinstance(name, str):
                        self.resources.setdefault(name, resource)
            elif resource.get("resourceType") == "CodeSystem" and isinstance(resource.get("url"), str):
                self.code_systems[resource["url"]] = resource
        self.known: dict[str, tuple[AnswerOption, ...] | None] = {}

    def options(self, address: str, depth: int = 0) -> tuple[AnswerOption, ...] | None:
        """What "#id" (or the address of a contained set) offers; None where it is not here or can't be listed."""
        if depth > DEEPEST_SETS:
            return None
        name = address.removeprefix("#").partition("|")[0]
        if name not in self.known:
            self.known[name] = None  # a set that includes itself finds nothing there
            listed = self._listed(name, depth)
            self.known[name] = None if listed is None else tuple(listed)
        return self.known[name]

    def _listed(self, name: str, depth: int) -> list[AnswerOption] | None:
        resource = self.resources.get(name)
        if resource is None:
            return None
        expansion = resource.get("expansion")
        if isinstance(expansion, Mapping) and isinstance(expansion.get("contains"), list):
            return [_option(concept, concept.get("system")) for concept in _contains(expansion["contains"])][
                :MOST_OPTIONS
            ]
        compose = resource.get("compose")
        includes = compose.get("include") if isinstance(compose, Mapping) else None
        if not isinstance(compose, Mapping) or not isinstance(includes, list):
            return None
        found: list[AnswerOption] = []
        for include in _objects(includes):
            part = self._included(include, depth)
            if part is None:
                return None
            found += part
            if len(found) > MOST_OPTIONS:
                break
        excluded = {
            (exclude.get("system"), concept.get("code"))
            for exclude in _objects(compose.get("exclude"))
            for concept in _objects(exclude.get("concept"))
        }
        return [o for o in found if (_coding(o).system, _coding(o).code) not in excluded][:MOST_OPTIONS]

    def _included(self, include: Mapping[str, Any], depth: int) -> list[AnswerOption] | None:
        system = include.get("system")
        concepts = include.get("concept")
        if isinstance(concepts, list):
            return [_option(concept, system) for concept in _objects(concepts) if isinstance(concept.get("code"), str)]
        if include.get("filter"):
            return None
        sets = include.get("valueSet")
        if isinstance(sets, list) and system is None:
            parts = [self.options(address, depth + 1) for address in sets if isinstance(address, str)]
            return None if None in parts else [option for part in parts if part for option in part]
        code_system = self.code_systems.get(system) if isinstance(system, str) else None
        if code_system is None or not isinstance(code_system.get("concept"), list):
            return None
        return [_option(concept, system) for concept in _contains(code_system["concept"], below="concept")]


def _objects(found: Any) -> list[Mapping[str, Any]]:
    """The objects of what should be an array of them."""
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _contains(members: Any, below: str = "contains") -> Iterator[Mapping[str, Any]]:
    """Concepts that can be chosen, nested ones after their parents."""
    waiting = list(reversed(members))
    while waiting:
        concept = waiting.pop()
        if not isinstance(concept, Mapping):
            continue
        if not concept.get("abstract") and not concept.get("inactive") and isinstance(concept.get("code"), str):
            yield concept
        inner = concept.get(below)
        if isinstance(inner, list):
            waiting += reversed(inner)


def _option(concept: Mapping[str, Any], system: Any) -> AnswerOption:
    texts = {
        name: text if isinstance(text := concept.get(name), str) else None for name in ("code", "display", "version")
    }
    weight = read_weight(concept)
    coding = Coding(**texts, system=system if isinstance(system, str) else None, weight=weight)
    translations = [*read_translations(concept.get("_display"))]
    for designation in _objects(concept.get("designation")):
        if isinstance(designation.get("language"), str):
            translations.append((designation["language"], str(designation.get("value", ""))))
    words = Words(coding.display or coding.code or "", tuple(translations))
    return AnswerOption(value=Value("Coding", coding), words=words, weight=weight)


def _coding(option: AnswerOption) -> Coding:
    return option.value.value if isinstance(option.value.value, Coding) else Coding()


def read_option(reader: Reader, data: Mapping[str, Any], path: str, link_id: str) -> AnswerOption | None:
    """One answerOption; None (and a note) where it has no value."""
    try:
        value = read_value(data)
    except ValueError as error:
        value, why = None, str(error)
    else:
        why = "without a value of a known type"
    if value is None or value.value in (Coding(), ""):
        reader.notes.append(Note(kind="unsupported", link_id=link_id, feature=f"answerOption ({why})"))
        return None
    weight = read_weight(data)
    prefix, exclusive = "", False
    for name, extension in extensions(data):
        if name == "optionPrefix" and isinstance(extension.get("valueString"), str):
            prefix = extension["valueString"]
        exclusive = exclusive or (name == "optionExclusive" and extension.get("valueBoolean") is True)
    coding = value.value
    if isinstance(coding, Coding):
        if coding.weight is None and weight is not None:
            value = Value("Coding", replace(coding, weight=weight))
        weight = weight if weight is not None else coding.weight
        words = read_words(data["valueCoding"], "display")
        words = words if words else Words(coding.code or "", words.translations)
    else:
        name = next(name for name in data if name.startswith("value"))
        shown = value.value if isinstance(value.value, str) else _shown(value)
        words = Words(shown, read_translations(data.get(f"_{name}")))
    initial = reader.flag(data, "initialSelected", path, link_id)
    return AnswerOption(value=value, words=words, prefix=prefix, initial=initial, exclusive=exclusive, weight=weight)


def _shown(value: Value) -> str:
    data = getattr(value.value, "data", None)
    if isinstance(data, Mapping):
        return str(data.get("display") or data.get("reference") or "")
    return str(value.value)
