"""The addresses we hand out: each carries a signed name, so a reply proves whose it is and a bounce which send failed.

`From` is free text that anybody can write. A reply address that only we could have made is the proof instead; it is as
secret as the mails it was sent in. One key, one purpose each: an address for replies cannot pass as one for bounces.
"""

import hmac
from base64 import b32decode, b32encode
from binascii import Error as Base32Error
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from channels.email.address import split_address

_SIGNATURE_BYTES = 14
"""112 bits; with the 16 bytes of the UUID the token is exactly 48 base32 letters, no padding."""
_TOKEN_LETTERS = 48


class Purpose(StrEnum):
    """The word before the plus sign. RFC 5321 section 4.5.3.1.1 allows 64 octets; the longest here has 60."""

    REPLY = "reply"
    UNSUBSCRIBE = "unsubscribe"
    BOUNCE = "bounce"


@dataclass(frozen=True, kw_only=True)
class AddressBook:
    """Makes and reads the signed addresses of one domain. `key` is at least 16 secret bytes."""

    domain: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < 16:
            raise ValueError("the key for e-mail addresses needs at least 16 bytes")

    def reply_address(self, participant_id: UUID) -> str:
        """Where this participant's replies go: put it into Reply-To."""
        return self._make(Purpose.REPLY, participant_id)

    def unsubscribe_address(self, participant_id: UUID) -> str:
        """The mailto of List-Unsubscribe."""
        return self._make(Purpose.UNSUBSCRIBE, participant_id)

    def bounce_address(self, outbox_id: UUID) -> str:
        """The envelope sender of one send: its bounces name the send even where they quote nothing of it."""
        return self._make(Purpose.BOUNCE, outbox_id)

    def read(self, address: str, purpose: Purpose) -> UUID | None:
        """The UUID an address of ours carries; None for every other address. Case does not matter."""
        local, domain = split_address(address)
        if domain != self.domain.lower():
            return None
        word, _, token = local.partition("+")
        return self.read_token(token, purpose) if word == purpose else None

    def read_token(self, token: str, purpose: Purpose) -> UUID | None:
        """The UUID of a token (the part after the plus sign), checked in constant time; None if it is not ours."""
        if len(token) != _TOKEN_LETTERS or not token.isascii():
            return None
        try:
            raw = b32decode(token.upper())
        except Base32Error:
            return None
        name, signature = raw[:16], raw[16:]
        return UUID(bytes=name) if hmac.compare_digest(signature, self._sign(purpose, name)) else None

    def _make(self, purpose: Purpose, name: UUID) -> str:
        token = b32encode(name.bytes + self._sign(purpose, name.bytes)).decode().lower()
        return f"{purpose}+{token}@{self.domain}"

    def _sign(self, purpose: Purpose, name: bytes) -> bytes:
        message = b"perennial e-mail address\0" + purpose.encode() + b"\0" + name
        return hmac.digest(self.key, message, sha256)[:_SIGNATURE_BYTES]


def tokens_in(addresses: tuple[str, ...], purpose: Purpose, own_domain: str) -> tuple[str, ...]:
    """The unverified tokens of this purpose among `addresses`; an empty `own_domain` takes any domain."""
    found = []
    for address in addresses:
        local, domain = split_address(address)
        word, plus, token = local.partition("+")
        if word == purpose and plus and len(token) == _TOKEN_LETTERS and own_domain.lower() in ("", domain):
            found.append(token)
    return tuple(dict.fromkeys(found))
