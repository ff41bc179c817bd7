"""Folding: what people type, made comparable, so that one pattern meets `Don't`, `dont` and `DON’T`.

Opt-out and triage judge folded sentences; what a coordinator sees is always the original text.
"""

import re
import unicodedata

_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´ʼ](?=\w)")
_ENDS = re.compile(r"[.!?;¡¿…\n\r]+|(?<=\S)\s[-–—]\s")
_COMMA = re.compile(r"[,:()]")
_OTHER = re.compile(r"[^a-z0-9,%/]+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")


def strip_accents(text: str) -> str:
    """Lower case without accents (ñ becomes n); compatibility forms such as full-width letters made plain."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def fold(text: str) -> str:
    """Words of `text` in plain lower case, one space apart, no punctuation at all (`Opt-out!` → `opt out`)."""
    joined = _APOSTROPHES.sub("", strip_accents(text))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", joined).split())


def split_sentences(text: str) -> tuple[str, ...]:
    """The folded sentences of `text`; a comma, colon or bracket is a word `,`, a question ends in `?`."""
    plain = _APOSTROPHES.sub("", strip_accents(text))
    found = []
    position = 0
    ends = [*_ENDS.finditer(plain), None]
    for end in ends:
        piece = plain[position : end.start() if end else len(plain)]
        words = _OTHER.sub(" ", _COMMA.sub(" , ", _STRETCHED.sub(r"\1\1", piece))).split()
        while words and words[0] == ",":
            words.pop(0)
        while words and words[-1] == ",":
            words.pop()
        if words:
            found.append(" ".join([*words, "?"] if end and "?" in end.group() else words))
        position = end.end() if end else position
    return tuple(found)
