"""Reads a folder of approved words, one folder a language, one file a theme, and finds all its faults."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engagement.words.approvals import APPROVAL_ID
from engagement.words.checks import check_across, check_wording
from engagement.words.wording import CHANNELS, Wording, normalised
from engagement.yaml_lines import Document, Fault, in_order, read_yaml

KEY = re.compile(r"[a-z][a-z0-9_]*(?:/[a-z][a-z0-9_]*)*")
_LANGUAGE = re.compile(r"[a-z]{2}")


def load_words(
    folder: Path, *, study: str = "", shared: Sequence[Wording] | None = None
) -> tuple[list[Wording], list[Fault]]:
    """The texts of `content/` or `studies/<slug>/content/` by key, language and channel, with all their faults.

    `study`: the slug that the texts belong to. `shared`: the texts of `content/`, whose quick replies a study may use;
    without them a study's quick replies are not checked. A folder that is not there holds no texts.
    """
    words: list[Wording] = []
    faults: list[Fault] = []
    first: dict[tuple[str, str], Wording] = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        parts = file.relative_to(folder).parts
        if any(part.startswith(".") for part in parts) or parts[0] == "approvals":
            continue
        if len(parts) != 2 or not _LANGUAGE.fullmatch(parts[0]) or file.suffix != ".yml":
            faults.append(Fault(file=file, line=1, message="not a file of words: they are <language>/<theme>.yml"))
            continue
        found, broken = _read_file(file, language=parts[0], study=study)
        faults += broken
        for wording in found:
            earlier = first.setdefault((wording.key, wording.language), wording)
            if earlier.file != wording.file:
                if not wording.channel:
                    message = f"'{wording.key}' stands already in {earlier.file.name}, line {earlier.line}"
                    faults.append(Fault(file=file, line=wording.line, message=message))
                continue
            words.append(wording)
    for wording in words:
        faults += check_wording(wording)
    faults += check_across(words, shared=shared)
    return sorted(words, key=lambda word: (word.key, word.language, word.channel)), in_order(faults)


def _read_file(file: Path, *, language: str, study: str) -> tuple[list[Wording], list[Fault]]:
    document, faults = read_yaml(file)
    if document is None:
        return [], faults
    if not isinstance(document.data, dict):
        return [], [*faults, document.fault("a file of words has 'approval' and 'texts'")]
    faults += [
        document.fault(f"unknown field '{name}'", name) for name in document.data if name not in ("approval", "texts")
    ]
    approval = document.at("approval")
    if not isinstance(approval, str) or not APPROVAL_ID.fullmatch(approval):
        faults.append(document.fault("approval: the approval id is missing, such as PRN-WORDS-1", "approval"))
        approval = ""
    texts = document.at("texts")
    if not isinstance(texts, dict) or not texts:
        return [], [*faults, document.fault("texts: there are no texts", "texts")]
    words: list[Wording] = []
    for key, entry in texts.items():
        found, broken = _read_entry(document, key, entry, language=language, study=study, approval=approval)
        words += found
        faults += broken
    return words, faults


def _read_entry(
    document: Document, key: str, entry: Any, *, language: str, study: str, approval: str
) -> tuple[list[Wording], list[Fault]]:
    place = ("texts", key)
    faults: list[Fault] = []
    if not KEY.fullmatch(key):
        faults.append(document.fault(f"'{key}': keys are small letters, digits and _ with / between", *place))
    if not isinstance(entry, dict):
        return [], [*faults, document.fault(f"{key}: has no fields; 'text' is missing", *place)]
    allowed = ("text", *CHANNELS, "replies")
    faults += [document.fault(f"{key}: unknown field '{name}'", *place, name) for name in entry if name not in allowed]
    replies = entry.get("replies", [])
    if not isinstance(replies, list) or not all(isinstance(reply, str) for reply in replies):
        faults.append(document.fault(f"{key}: replies is a list of keys", *place, "replies"))
        replies = []
    if "text" not in entry:
        faults.append(document.fault(f"{key}: 'text' is missing", *place))
    words: list[Wording] = []
    for name in ("text", *CHANNELS):
        if name not in entry:
            continue
        text = entry[name]
        if not isinstance(text, str) or not text.strip():
            given = isinstance(text, bool | int | float | list | dict)
            problem = "is not a text; put it in quotes" if given else "is empty"
            faults.append(document.fault(f"{key}: '{name}' {problem}", *place, name))
            continue
        words.append(
            Wording(
                key=key,
                language=language,
                channel="" if name == "text" else name,
                study=study,
                text=normalised(text, folded=(*place, name) in document.folded),
                replies=tuple(replies),
                approval_id=approval,
                file=document.file,
                line=document.line(*place, name),
            )
        )
    return words, faults
