"""Reads study packs and finds all their faults, those of their own words included."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engagement.consent import load_consents
from engagement.consent.pages import ONLY_ON_PAGES
from engagement.errors import EngagementError
from engagement.instruments import load_instruments
from engagement.plans import load_plan
from engagement.studies.by_sms import check_filled, check_sensitive, texts_by_sms
from engagement.studies.pack import StudyPack
from engagement.studies.rules import check_rules
from engagement.words import Wording, load_words, read_approvals
from engagement.words.checks import may_go_by_sms
from engagement.words.placeholders import FACTS, parse_placeholders
from engagement.yaml_lines import Document, Fault, Place, in_order, read_yaml

STUDY_FILE = "study.yml"
_KNOWN_FILES = re.compile(
    r"study\.yml|README\.md|content/.+|eligibility\.yml|check_ins\.yml|plans\.yml|questionnaires/[^/]+\.json"
    r"|consent/[^/]+/[a-z]+\.yml"
)
_WHOLE = "study.yml is a mapping of fields; see docs/adding-a-study.md"
_FILES = (
    "unknown file; a pack has study.yml, README.md, content/, questionnaires/*.json, eligibility.yml, check_ins.yml, plans.yml "
    "and consent/<version>/"
)
_FIELDS = "must have fields of its own"
_SAID = {
    "missing": "is missing",
    "string_type": "must be text; put a number in quotes",
    "string_too_short": "is empty or too short",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "too_short": "must have at least one entry",
    "mapping_type": _FIELDS,
    "dict_type": _FIELDS,
    "model_type": _FIELDS,
}
"""pydantic's kinds of error in the words of someone who writes YAML."""


class BadStudyPack(EngagementError):
    """A study pack has faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = list(faults)


def check_pack(folder: Path, *, shared: Path | None = None) -> list[Fault]:
    """Every fault of the pack in `studies/<slug>/`, by file and line.

    `shared`: the folder of the words for all studies; if not said, `content/` beside `studies/`.
    """
    return _read_pack(folder, shared)[1]


def load_pack(folder: Path, *, shared: Path | None = None) -> StudyPack:
    """The pack in `studies/<slug>/`; `BadStudyPack` carries all faults."""
    pack, faults = _read_pack(folder, shared)
    if pack is None or faults:
        raise BadStudyPack(faults)
    return pack


def check_packs(folder: Path, *, shared: Path | None = None) -> list[Fault]:
    """Every fault of all packs in `studies/`, and what two packs claim at once."""
    return _read_packs(folder, shared)[1]


def load_packs(folder: Path, *, shared: Path | None = None) -> dict[str, StudyPack]:
    """Slug → pack, of all in `studies/`. `BadStudyPack` with all faults, also of what two of them claim."""
    packs, faults = _read_packs(folder, shared)
    if faults:
        raise BadStudyPack(faults)
    return packs


def pack_folders(folder: Path) -> list[Path]:
    """The folders of `studies/` that are packs: all but hidden ones."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _read_packs(folder: Path, shared: Path | None) -> tuple[dict[str, StudyPack], list[Fault]]:
    packs: dict[str, StudyPack] = {}
    faults: list[Fault] = []
    claims: dict[tuple[str, str], dict[str, Fault]] = {}
    for path in pack_folders(folder):
        pack, found = _read_pack(path, shared)
        faults += found
        if pack is not None:
            packs[pack.slug] = pack
        document, _ = read_yaml(path / STUDY_FILE)
        if document is None:
            continue
        for kind, value, place in _claims(document):
            fault = document.fault(f"the {kind} '{value}' belongs to another study too", *place)
            claims.setdefault((kind, value), {}).setdefault(path.name, fault)
    for claimed in claims.values():
        for slug, fault in claimed.items() if len(claimed) > 1 else ():
            others = ", ".join(other for other in claimed if other != slug)
            faults.append(replace(fault, message=f"{fault.message}: {others}"))
    return packs, in_order(faults)


def _claims(document: Document) -> list[tuple[str, str, Place]]:
    """What one study alone may have: kind, value and place."""
    claims: list[tuple[str, Any, Place]] = []
    for kind, place in (("number", ("sms", "numbers")), ("address", ("email", "local_parts"))):
        values = document.at(*place)
        claims += [(kind, value, (*place, i)) for i, value in enumerate(values if isinstance(values, list) else ())]
    sites = document.at("sites")
    for i in range(len(sites) if isinstance(sites, list) else 0):
        claims.append(("site token", document.at("sites", i, "token"), ("sites", i, "token")))
    return [(kind, value, place) for kind, value, place in claims if isinstance(value, str)]


def _read_pack(folder: Path, shared: Path | None) -> tuple[StudyPack | None, list[Fault]]:
    shared = shared or folder.parent.parent / "content"
    shared_words, _ = load_words(shared)
    own, faults = load_words(folder / "content", study=folder.name, shared=shared_words)
    faults += read_approvals(folder / "content")[1]
    faults += _unknown_files(folder)
    document, broken = read_yaml(folder / STUDY_FILE)
    faults += broken
    if document is None:
        return None, in_order(faults)
    if not isinstance(document.data, dict):
        return None, in_order([*faults, document.fault(_WHOLE)])
    pack, misfits = _fit(document)
    faults += misfits
    faults += check_rules(document, slug=folder.name, known_languages={word.language for word in shared_words})
    by_sms = texts_by_sms(own, shared_words)
    faults += check_sensitive(document, by_sms)
    if pack is not None and not faults:
        faults += check_filled(document, pack, by_sms)
    faults += _unknown_words(document, own)
    if pack is not None:
        faults += load_instruments(folder, study=folder.name, languages=pack.languages)[2]
        keys = {word.key for word in (*own, *shared_words)}
        faults += load_plan(folder, stages=pack.stages, words=keys, measured=pack.email.measured)[1]
        _, words, broken = load_consents(folder, study=folder.name, languages=pack.languages)
        said = [word for word in words if word.key.rpartition("/")[2] not in ONLY_ON_PAGES]
        faults += [*broken, *check_sensitive(document, may_go_by_sms(said))]
    return pack, in_order(faults)


def _fit(document: Document) -> tuple[StudyPack | None, list[Fault]]:
    """The file as a model, or what does not fit."""
    try:
        return StudyPack.model_validate(document.data), []
    except ValidationError as error:
        return None, [_fault(document, dict(problem)) for problem in error.errors()]


def _fault(document: Document, problem: dict[str, Any]) -> Fault:
    place: Place = tuple(step for step in problem["loc"] if step != "[key]")
    dotted = ".".join(map(str, place))
    if problem["type"] == "extra_forbidden":
        return document.fault(f"unknown field '{dotted}'", *place)
    said = _SAID.get(problem["type"]) or str(problem["msg"]).removeprefix("Value error, ")
    return document.fault(f"{dotted}: {said}", *place)


def _unknown_files(folder: Path) -> list[Fault]:
    return [
        Fault(file=path, line=1, message=_FILES)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not _KNOWN_FILES.fullmatch(path.relative_to(folder).as_posix())
        and not path.name.startswith(".")
    ]


def _unknown_words(document: Document, own: Sequence[Wording]) -> list[Fault]:
    """Texts of the study in a language that it does not speak, or with facts that it does not give."""
    faults: list[Fault] = []
    facts, languages = document.at("facts"), document.at("languages")
    spoken = {word.language for word in own}
    for word in own:
        for language in languages if isinstance(languages, list) and not word.channel else ():
            if isinstance(language, str) and language not in spoken:
                message = f"{word.key}: has no text in {language}"
                faults.append(Fault(file=word.file, line=word.line, message=message))
        if isinstance(languages, list) and word.language not in languages and not word.channel:
            message = f"{word.key}: '{word.language}' is not among the languages of study.yml"
            faults.append(Fault(file=word.file, line=word.line, message=message))
        for name in parse_placeholders(word.text):
            fact = name.removeprefix("fact.")
            if fact != name and isinstance(facts, dict) and fact not in {*facts, *FACTS}:
                message = f"{word.key}: {{{name}}} is no fact of study.yml"
                faults.append(Fault(file=word.file, line=word.line, message=message))
    return faults
