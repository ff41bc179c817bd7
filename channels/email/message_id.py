"""Our own Message-IDs: made from the outbox id, so a repeated send has the same name and a reply names its cause."""

import re
from hashlib import sha256
from uuid import UUID

DERIVED = "@perennial.invalid"
"""How a derived Message-ID ends: nobody else knows it, so it is never sent (RFC 2606 keeps the domain unused)."""

_OURS = re.compile(r"perennial\.([0-9a-f]{32})@([^@\s<>]+)", re.IGNORECASE)


def make_message_id(outbox_id: UUID, domain: str) -> str:
    """The Message-ID (without angle brackets, RFC 5322 section 3.6.4) of one send."""
    return f"perennial.{outbox_id.hex}@{domain.lower()}"


def read_message_id(message_id: str, domain: str = "") -> UUID | None:
    """The outbox id in a Message-ID of ours; None for any other. An empty `domain` takes any."""
    match = _OURS.fullmatch(message_id.strip().strip("<>"))
    if match is None or domain.lower() not in ("", match[2].lower()):
        return None
    return UUID(match[1])


def derive_message_id(raw: bytes) -> str:
    """A name for a mail that has none: the same bytes get the same name, so a repeat is known.

    Trace headers differ between two deliveries of one mail, so the lines that relays prepend are left out.
    """
    head, separator, body = raw.partition(b"\r\n\r\n")
    if not separator:
        head, separator, body = raw.partition(b"\n\n")
    kept = re.sub(
        rb"(?im)^(?:received|return-path|delivered-to|x-original-to|arc-[a-z-]+|authentication-results|x-received):"
        rb"[^\n]*\n?(?:[ \t][^\n]*\n?)*",
        b"",
        head,
    )
    return f"derived.{sha256(kept.strip() + b'\n\n' + body.strip()).hexdigest()[:40]}{DERIVED}"
