"""Personal data at rest: AES-256-GCM per value, the row bound as associated data, found again by blind index.

A sealed value is `key id | 0x00 | 12-byte nonce | ciphertext and tag`, so each value names its key and keys can rotate
while the service runs. The blind index is HMAC-SHA-256 (RFC 2104) under a key derived (HKDF, RFC 5869) from the same
data key, written `key id:hex`; a look-up asks for the index under every known key.
"""

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


class CryptoError(Exception):
    """A value cannot be opened: its key is not known, or it was altered or moved to another row."""


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """The data keys, by id (32 bytes each). `active` seals; all of them open."""

    active: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.active not in self.keys:
            raise CryptoError("The active data key is not among the keys.")
        if any(len(key) != 32 for key in self.keys.values()):
            raise CryptoError("A data key must be 32 bytes.")

    @cached_property
    def _ciphers(self) -> dict[str, AESGCM]:
        return {name: AESGCM(key) for name, key in self.keys.items()}

    @cached_property
    def _index_keys(self) -> dict[str, bytes]:
        return {
            name: HKDF(algorithm=SHA256(), length=32, salt=None, info=b"perennial blind index").derive(key)
            for name, key in self.keys.items()
        }

    def seal(self, text: str, *, place: str, row: UUID) -> bytes:
        """Encrypt `text` for the column `place` ("table.column") of the row `row`."""
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self.active].encrypt(nonce, text.encode(), _bound_to(place, row))
        return self.active.encode() + b"\0" + nonce + sealed

    def open(self, sealed: bytes, *, place: str, row: UUID) -> str:
        """Decrypt what `seal` made for the same place and row, else `CryptoError`."""
        name, _, rest = bytes(sealed).partition(b"\0")
        cipher = self._ciphers.get(name.decode("ascii", "replace"))
        if cipher is None:
            raise CryptoError("The value names a data key that is not configured.")
        try:
            return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], _bound_to(place, row)).decode()
        except (InvalidTag, ValueError):  # ValueError: cut short
            raise CryptoError from None

    def key_of(self, sealed: bytes) -> str:
        """The id of the key that sealed a value."""
        return bytes(sealed).partition(b"\0")[0].decode("ascii", "replace")

    def index(self, value: str) -> str:
        """The blind index of a value under the active key."""
        return self._index_under(self.active, value)

    def indexes(self, value: str) -> list[str]:
        """The blind index under every known key: what a look-up compares with, whatever key the row was written by."""
        return [self._index_under(name, value) for name in self.keys]

    def _index_under(self, name: str, value: str) -> str:
        return f"{name}:{hmac.digest(self._index_keys[name], value.encode(), 'sha256').hex()}"


def _bound_to(place: str, row: UUID) -> bytes:
    return f"{place}:{row}".encode()


def parse_keyring(text: str) -> Keyring:
    """Read `id:base64,id:base64…` (the first is active), else `CryptoError` that repeats nothing of the keys."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, colon, encoded = part.partition(":")
        try:
            key = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            key = b""
        if not colon or not name.isascii() or not name.isalnum() or len(key) != 32 or name in keys:
            raise CryptoError(
                "Data keys are written id:base64 (32 bytes each, ids of letters and digits), comma-separated."
            )
        keys[name] = key
    if not keys:
        raise CryptoError("No data key is configured.")
    return Keyring(active=next(iter(keys)), keys=keys)


def make_key(name: str) -> str:
    """A fresh random data key as `parse_keyring` reads it."""
    return f"{name}:{urlsafe_b64encode(os.urandom(32)).decode().rstrip('=')}"


def fingerprint(text: str) -> str:
    """SHA-256 of a text, in hex: names a content version."""
    return hashlib.sha256(text.encode()).hexdigest()
