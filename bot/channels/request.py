"""Reads a request for a turn: bytes in, a value or a clear error out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Collection, Dict, Optional

MAX_TEXT = 4_000
MAX_ID = 200


class BadRequest(Exception):
    """The request cannot be read; says what is wrong, never what was sent."""


@dataclass(frozen=True)
class TurnRequest:
    """One message of a participant, and what the service knows that the dialogue needs."""

    conversation: str
    turn: str
    previous: Optional[str]
    text: str
    slots: Dict[str, Any]
    metadata: Dict[str, Any]


def parse_turn(body: bytes, known_slots: Collection[str]) -> TurnRequest:
    """Raises BadRequest for anything but an object with the fields of TurnRequest; `previous`, `slots` and `metadata` may
    be left out. `text` holds at most MAX_TEXT characters."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(data, dict):
        raise BadRequest("the body must be an object")
    unknown = sorted(set(data) - set(TurnRequest.__dataclass_fields__))
    if unknown:
        raise BadRequest(f"unknown field: {unknown[0][:40]!r}")
    for name in ("conversation", "turn"):
        value = data.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= MAX_ID:
            raise BadRequest(f"`{name}` must be a string of 1 to {MAX_ID} characters")
    previous = data.get("previous")
    if previous is not None and not isinstance(previous, str):
        raise BadRequest("`previous` must be a string or null")
    text = data.get("text")
    if not isinstance(text, str):
        raise BadRequest("`text` must be a string")
    if len(text) > MAX_TEXT:
        raise BadRequest(f"`text` must hold at most {MAX_TEXT} characters")
    # Half of an emoji, cut off on its way, is no Unicode text: nothing behind here could handle it.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    slots, metadata = data.get("slots", {}), data.get("metadata", {})
    if not isinstance(slots, dict) or not isinstance(metadata, dict):
        raise BadRequest("`slots` and `metadata` must be objects")
    strangers = sorted(set(slots) - set(known_slots))
    if strangers:
        raise BadRequest(f"no such slot: {strangers[0][:40]!r}")
    return TurnRequest(data["conversation"], data["turn"], previous, text, slots, metadata)
