"""Read addresses and message ids out of header text that anybody may have written."""

import re
from collections.abc import Iterable

_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@]{1,64}@[^\s<>()\[\]\\,;:\"@]{1,255}")
_ANGLED = re.compile(r"<\s*([^<>\s]{1,64}@[^<>\s@]{1,255})\s*>")
_MESSAGE_ID = re.compile(r"<\s*([^<>\s]{1,400})\s*>")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,1000}"')
_COMMENT = re.compile(r"\([^()]{0,1000}\)")


def normal_address(address: str) -> str:
    """Lower-case and trimmed: how addresses are compared everywhere. (Local parts are case-mangled on the way.)"""
    return address.strip().strip("<>").strip().strip(".").lower()


def parse_addresses(header: str) -> tuple[str, ...]:
    """All addresses of an address header (RFC 5322 section 3.4), in order, normalised, without repeats.

    A display name never counts: `"boss@clinic.example" <mallory@example.net>` is mallory.
    """
    bare = _QUOTED.sub(" ", header[:20_000])
    found: list[str] = []
    for piece in _split_list(bare):
        angled = _ANGLED.findall(piece)
        plain = [] if angled or "<" in piece else _ADDRESS.findall(_COMMENT.sub(" ", piece))[:1]
        found.extend(angled[-1:] or plain)
    return unique(normal_address(address) for address in found)


def parse_address(header: str) -> str:
    """The first address of a header, or an empty string."""
    return next(iter(parse_addresses(header)), "")


def addresses_in(text: str) -> tuple[str, ...]:
    """Every address that stands anywhere in `text`, normalised, in order."""
    return unique(normal_address(address) for address in _ADDRESS.findall(text))


def parse_message_ids(header: str) -> tuple[str, ...]:
    """The message ids of `Message-ID`, `In-Reply-To` or `References`, without angle brackets."""
    found = _MESSAGE_ID.findall(header[:20_000])
    if not found and "@" in header:
        found = [word for word in header.split() if "@" in word and len(word) <= 400][:1]
    return unique(found)


def split_address(address: str) -> tuple[str, str]:
    """Local part and domain, both normalised; the domain is empty where there is none."""
    local, _, domain = normal_address(address).rpartition("@")
    return (local, domain) if local else (domain, "")


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """The items without empty ones and repeats, in order."""
    return tuple(dict.fromkeys(item for item in items if item))


def _split_list(header: str) -> list[str]:
    return [piece for piece in re.split(r"[,;]", header) if "@" in piece][:200]
