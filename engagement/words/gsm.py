"""The alphabet of SMS: which characters travel in GSM-7, and which typographic ones have an equal there.

One character outside it turns the whole message into UCS-2 and more than halves its room (160 to 70), so a curly quote
in an approved text costs a second message. Source: 3GPP TS 23.038 (GSM 03.38), section 6.2.1.
"""

import unicodedata
from collections.abc import Mapping

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""One septet each. The 128th, escape, is no character."""

EXTENSION = frozenset("\f^{}\\[~]|€")
"""Two septets each: escape and one more."""

_EQUALS: Mapping[str, str] = {
    **dict.fromkeys("‘’‚‛′´ʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‹›", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\t\u00a0\u1680\u202f\u205f\u3000", " "),
    **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    **dict.fromkeys("•‣·", "-"),
    **dict.fromkeys("\u2028\u2029", "\n"),
    **dict.fromkeys("\u200b\u2060\ufeff\u00ad", ""),
    "…": "...",
    "⁄": "/",
    "×": "x",
}
"""Lossless enough: a reader takes the one for the other. No letter is here: á is never turned into a."""

_TABLE = str.maketrans(dict(_EQUALS))


def is_gsm(text: str) -> bool:
    """Whether every character of `text` is in GSM-7."""
    return all(c in BASIC or c in EXTENSION for c in text)


def to_gsm(text: str) -> str:
    """`text` in GSM-7 where only typography keeps it out; else `text` as it was, composed (NFC, so é is one letter).

    A text that needs UCS-2 anyway, as most Spanish ones do, keeps its quotes and dashes: replacing them gains nothing.
    """
    composed = unicodedata.normalize("NFC", text)
    plain = composed.translate(_TABLE)
    return plain if is_gsm(plain) else composed
