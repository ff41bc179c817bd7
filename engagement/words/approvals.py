"""Approvals: files with the hashes of the texts somebody approved, so an edited text loses its approval by itself."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from engagement.errors import EngagementError
from engagement.words.wording import Wording
from engagement.yaml_lines import Document, Fault, in_order, read_yaml

APPROVAL_ID = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*(?:\.\d+)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BadApprovals(EngagementError):
    """An approval file is broken."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who approved which texts on which day. `texts`: hash → label of the text, for people to read."""

    id: str
    approved_by: str
    approved_on: datetime.date
    texts: Mapping[str, str] = field(default_factory=dict)


def read_approvals(folder: Path) -> tuple[list[Approval], list[Fault]]:
    """All approvals of `<folder>/approvals/*.yml`, by id, with the faults of the files."""
    approvals: list[Approval] = []
    faults: list[Fault] = []
    for file in sorted((folder / "approvals").glob("*.yml")):
        document, broken = read_yaml(file)
        if document is not None:
            broken += _faults(document)
        faults += broken
        if document is not None and not broken:
            said = document.data
            approvals.append(
                Approval(
                    id=file.stem,
                    approved_by=said["approved_by"],
                    approved_on=said["approved_on"],
                    texts=said["texts"],
                )
            )
    return approvals, in_order(faults)


def _faults(document: Document) -> list[Fault]:
    said = document.data
    if not isinstance(said, dict):
        return [document.fault("an approval has approved_by, approved_on and texts")]
    faults = [document.fault(f"unknown field '{name}'", name) for name in said if name not in Approval.__annotations__]
    if not APPROVAL_ID.fullmatch(document.file.stem):
        faults.append(document.fault("the file's name is the approval id, such as PRN-WORDS-1"))
    by, on, texts = (said.get(name) for name in ("approved_by", "approved_on", "texts"))
    if not isinstance(by, str) or not by.strip():
        faults.append(document.fault("approved_by: the name of who approved is missing", "approved_by"))
    if not isinstance(on, datetime.date) or isinstance(on, datetime.datetime):
        faults.append(document.fault("approved_on: a day such as 2026-11-24 is missing", "approved_on"))
    if not isinstance(texts, dict):
        return [*faults, document.fault("texts: the list of hashes is missing", "texts")]
    return faults + [
        document.fault("a text is named by the 64 letters of its SHA-256, with its key as value", "texts", sha256)
        for sha256, label in texts.items()
        if not _SHA256.fullmatch(sha256) or not isinstance(label, str)
    ]


def load_approvals(folder: Path) -> dict[str, str]:
    """Hash → approval id, of `content/` or of a pack's `content/`. `BadApprovals` where a file is broken."""
    approvals, faults = read_approvals(folder)
    if faults:
        raise BadApprovals(faults)
    return {sha256: approval.id for approval in approvals for sha256 in approval.texts}


def decide_approval(
    earlier: Iterable[Approval], *, approval_id: str, by: str, on: datetime.date, words: Iterable[Wording]
) -> Approval:
    """The approval to write for these texts. An approval on record is never given another name or day.

    The same person goes on with it on the same day; else it becomes the next part of it: PRN-WORDS-1.2.
    """
    parts = {approval.id: approval for approval in earlier}
    texts = {wording.sha256: wording.label for wording in words}
    name, part = approval_id, 1
    while name in parts:
        known = parts[name]
        if (known.approved_by, known.approved_on) == (by, on):
            texts = {**known.texts, **texts}
            break
        part += 1
        name = f"{approval_id}.{part}"
    return Approval(id=name, approved_by=by, approved_on=on, texts=texts)


def write_approval(folder: Path, approval: Approval) -> Path:
    """Write `<folder>/approvals/<id>.yml` and return its path."""
    said: dict[str, Any] = {
        "approved_by": approval.approved_by,
        "approved_on": approval.approved_on,
        "texts": dict(sorted(approval.texts.items(), key=lambda item: (item[1], item[0]))),
    }
    file = folder / "approvals" / f"{approval.id}.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=200), encoding="utf-8")
    return file
