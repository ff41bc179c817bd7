"""The addresses of a measured mail: its picture and its links through us. They carry chance and a seal, nothing of anybody.

Only who has the database can say whose they are; what is forged is seen without it, so a flood costs nothing. A link leads where the
mail's own words lead: the addresses are read from the mail that was sent, and nobody else's can be asked for.
"""

import base64
import binascii
import hmac
import re
import secrets

_CHANCE = 12
_SEAL = 6
"""Octets. The seal keeps guesses from the database; that none is guessed right is the chance's work."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{24}")
URL = re.compile(r"https://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
"""An https address in running text, the stop behind it left out."""


def links_in(text: str) -> list[str]:
    """The https addresses in a text, each once, in order. What they are counted by is their place here, from 1."""
    return list(dict.fromkeys(URL.findall(text)))


class MailDoors:
    """Makes and knows tokens. `key` seals them; `public_url` is ours, where the doors are."""

    def __init__(self, key: bytes, *, public_url: str) -> None:
        self._key, self._base = key, f"{public_url.rstrip('/')}/m"

    def new_token(self) -> str:
        """A token that nobody had before: 96 bits of chance and their seal, 24 characters."""
        chance = secrets.token_bytes(_CHANCE)
        return base64.urlsafe_b64encode(chance + self._seal(chance)).decode()

    def is_ours(self, token: str) -> bool:
        """Whether we have made it; whether it is of a mail that was sent, the database knows."""
        if not _TOKEN.fullmatch(token):
            return False
        try:
            made = base64.urlsafe_b64decode(token)
        except binascii.Error:
            return False
        return hmac.compare_digest(self._seal(made[:_CHANCE]), made[_CHANCE:])

    def picture_url(self, token: str) -> str:
        """Where the mail's picture is."""
        return f"{self._base}/o/{token}.gif"

    def links_url(self, token: str) -> str:
        """Where the mail's links are: add the place of one, from 1."""
        return f"{self._base}/c/{token}/"

    def _seal(self, chance: bytes) -> bytes:
        return hmac.digest(self._key, chance, "sha256")[:_SEAL]
