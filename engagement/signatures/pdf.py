"""The signed document as a PDF/UA-1 file (ISO 14289-1): tagged for screen readers, made the moment it is signed."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import typst

from engagement.signatures.record import AGREES, MAX_NAME, SignatureRecord
from engagement.signatures.sheet import Sheet

_TEMPLATE = Path(__file__).with_name("copy.typ").read_bytes()
_NOT_SHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')
_MOST_REPLACED = 2 * MAX_NAME + 50

LABELS = (
    *("document", "permissions", "agreement", "assent", "signatures", "record", "proof", "proof_text", "fingerprint"),
    *("yes", "no", "name", "time", "for_name", "relationship", "answer", "reason", "identity"),
)
"""What `labels` must hold, beside `role_<role>`, `answer_<answer>`, `proof_<how>` and `channel_<channel>`."""


class UnprintableCopy(Exception):
    """The signed document can't be made into a file."""


def render_copy(
    sheet: Sheet, signed: Sequence[tuple[SignatureRecord, str]], labels: Mapping[str, str], *, author: str
) -> bytes:
    """The PDF of a document and its signatures (record and its hash, in order). `author`: the study's name."""
    answers = {answered.id: answered.granted for record, _ in signed for answered in record.permissions}
    data = {
        "title": sheet.title,
        "author": author,
        "language": sheet.language,
        "version": sheet.version,
        "sha256": sheet.sha256,
        "labels": {name: labels[name] for name in LABELS},
        "parts": [asdict(part) for part in sheet.parts],
        "permissions": [
            {"text": line.text, "answer": labels["yes" if answers.get(line.id) else "no"]} for line in sheet.permissions
        ],
        "agreement": sheet.agreement,
        "assent": list(sheet.assent),
        "signatures": [
            {
                "role": labels[f"role_{record.role}"],
                "meaning": record.meaning,
                "facts": _facts(record, labels),
                "sha256": sha256,
            }
            for record, sha256 in signed
        ],
    }
    return _compile(json.dumps(data, ensure_ascii=False))


def written_time(record: SignatureRecord) -> str:
    """Date, time and zone as a person reads them, such as "2026-11-25 14:03:22 CST (UTC-06:00)"."""
    local: datetime = record.local_time
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S %Z} (UTC{offset[:3]}:{offset[3:]})"


def _facts(record: SignatureRecord, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    proofs = dict.fromkeys(
        labels[f"proof_{proof.how}"] + (f" ({labels[f'channel_{proof.channel}']})" if proof.channel else "")
        for proof in record.identity
    )
    rows = [
        ("name", record.name),
        ("for_name", record.for_name),
        ("relationship", record.relationship),
        ("answer", labels[f"answer_{record.answer}"] if record.answer != AGREES else ""),
        ("reason", record.reason),
        ("time", written_time(record)),
        ("identity", "; ".join(proofs)),
    ]
    return [(labels[name], value) for name, value in rows if value]


def _compile(data: str) -> bytes:
    """PDF/UA refuses what no font can show. The fonts that typst brings come first, then the machine's; what neither shows is
    written as its code point, so that no name keeps somebody from their copy.
    """
    own_fonts = True
    for _ in range(_MOST_REPLACED):
        try:
            made: bytes = typst.compile(
                _TEMPLATE, sys_inputs={"data": data}, pdf_standards=["ua-1"], ignore_system_fonts=own_fonts
            )
        except typst.TypstError as error:
            refused = _NOT_SHOWN.search(str(error))
            if refused is None:
                raise UnprintableCopy(type(error).__name__) from None  # its message may hold a name
            if own_fonts:
                own_fonts = False
                continue
            text = refused.group(1)
            data = data.replace(text, "".join(f"[U+{ord(sign):04X}]" for sign in text))
        else:
            return made
    raise UnprintableCopy("too much of it has no font")
