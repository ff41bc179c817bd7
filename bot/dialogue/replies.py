"""Collects what the bot says in a turn: content keys with their values, never words."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.core.channels.channel import OutputChannel

_PARTS = {"say", "with", "replies", "input", "purpose"}
_CONFIRMATION = "opt_out_confirmation"
"""The one thing that passes an opt-out."""


class WordsRefused(Exception):
    """A response or action tried to say words, or something that is no content key."""


class Replies(OutputChannel):
    """An output channel that keeps `{"say": key, "with": values, "replies": keys, "input": field, "purpose": why}` in order."""

    def __init__(self) -> None:
        self.collected: List[Dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """Name of the channel, as the tracker records it."""
        return "turns"

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Keeps one reply. WordsRefused unless the message is `custom: {say: key, with: {…}}` and nothing else."""
        custom = message.get("custom")
        others = [
            part
            for part in ("text", "image", "attachment", "buttons", "elements", "quick_replies")
            if message.get(part)
        ]
        if others or not isinstance(custom, dict) or not set(custom) <= _PARTS:
            raise WordsRefused("a reply must be custom: {say: <content key>, with: {<name>: <value>}}")
        key, values = custom.get("say"), custom.get("with") or {}
        replies, field = custom.get("replies") or [], custom.get("input") or ""
        if not isinstance(key, str) or not key or not isinstance(values, dict) or not isinstance(replies, list):
            raise WordsRefused("`say` must be a content key, `with` an object and `replies` a list of content keys")
        if field not in ("", "date", "number"):
            raise WordsRefused("`input` must be date or number")
        if custom.get("purpose", _CONFIRMATION) != _CONFIRMATION:
            raise WordsRefused(f"`purpose` can only be {_CONFIRMATION}; what has none is a reply")
        said: Dict[str, Any] = {"say": key, "with": values}
        if replies:
            said["replies"] = replies
        if field:
            said["input"] = field
        if "purpose" in custom:
            said["purpose"] = custom["purpose"]
        self.collected.append(said)
