"""Read the machine part of reports: blocks of `Name: value` lines, as in delivery-status and feedback-report."""

import re
from email.message import Message

from channels.email.mime import children, text_of


def report_blocks(part: Message) -> list[dict[str, str]]:
    """The blocks of a report part, names in lower case, the first value of each name; at most 100 blocks."""
    inner = children(part)
    if inner:
        texts = ["".join(f"{name}: {value}\n" for name, value in child.items()) + _rest(child) for child in inner]
    else:
        texts = re.split(r"\n\s*\n", text_of(part))
    blocks = [_block(text) for text in texts[:100]]
    return [block for block in blocks if block]


def _rest(part: Message) -> str:
    payload = part.get_payload()
    return f"\n{payload}" if isinstance(payload, str) else ""


def _block(text: str) -> dict[str, str]:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", text[:50_000])
    found: dict[str, str] = {}
    for line in unfolded.splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found.setdefault(name.strip().lower(), value.strip())
    return found
