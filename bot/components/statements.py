"""The labelled statements that the safety judge is taught from, as `conversation/triage/statements` keeps them.

One file a kind and language, one statement a line; a file whose name begins with `harmless` holds what must not alarm.
The service's own reader (conversation/triage/statements.py) needs the service's libraries, and makes statements from
templates too, which teach words and would teach sentence vectors nothing.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import List, Tuple

HARMLESS = "none"


def read_statements(folder: Path) -> List[Tuple[str, str]]:
    """(text, kind) in a fixed order, each text once: where two kinds claim it, the first. FileNotFoundError if none."""
    found = {}
    for path in _files(folder):
        kind = HARMLESS if path.stem.startswith("harmless") else path.stem
        for line in path.read_text(encoding="utf-8").splitlines():
            text = line.strip()
            if text and not text.startswith("#"):
                found.setdefault(text, kind)
    if not found:
        raise FileNotFoundError(f"{folder}: no statements to teach the safety judge from")
    return list(found.items())


def statements_digest(folder: Path) -> str:
    """SHA-256 (hex) over names and contents."""
    digest = hashlib.sha256()
    for path in _files(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(folder: Path) -> List[Path]:
    return sorted(folder.rglob("*.txt"))
