"""Where a text may be cut: after a word, a sentence, a paragraph; in need between graphemes.

A grapheme is what a reader sees as one sign, however many code points it takes.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)

_SPACE = re.compile(r"[^\S\xa0\u202f]+")
"""A no-break space (5 mg) is not white space here."""
_SENTENCE_END = re.compile(r"[.!?…。！？]+[\"'”’»)\]]*$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(¿¡\"'])(?:Dr|Dra|Mr|Mrs|Ms|Sr|Sra|Srta|St|vs|etc|approx|e\.g|i\.e|p\. ?ej|EE|UU|Núm|[A-Z])\.$",
    re.IGNORECASE,
)
_ZWJ = "\u200d"


class Break(IntEnum):
    """How good a cut is here."""

    WORD = 1
    SENTENCE = 2
    PARAGRAPH = 3


@dataclass(frozen=True, kw_only=True)
class Cut:
    """The text up to `end` may be one message, the rest from `resume` on the next; white space between them is lost."""

    end: int
    resume: int
    kind: Break


def cuts(text: str) -> Iterator[Cut]:
    """Every cut of `text` at white space, in order; last its end, as a paragraph. Space at the ends is ignored."""
    stop = len(text.rstrip())
    for gap in _SPACE.finditer(text):
        if 0 < gap.start() < stop:
            yield Cut(
                end=gap.start(), resume=gap.end(), kind=_kind(text[max(0, gap.start() - 40) : gap.start()], gap.group())
            )
    if stop:
        yield Cut(end=stop, resume=len(text), kind=Break.PARAGRAPH)


def _kind(tail: str, gap: str) -> Break:
    if "\n" in gap:
        return Break.PARAGRAPH
    if _SENTENCE_END.search(tail) and not _ABBREVIATION.search(tail):
        return Break.SENTENCE
    return Break.WORD


def graphemes(text: str) -> list[str]:
    """`text` in signs: a letter with its marks, an emoji with its skin tone, joined family or flag.

    The part of Unicode's UAX #29 that occurs in SMS: marks, joiners, variation selectors, modifiers, tags, flags.
    Not Hangul jamo (NFC has composed them).
    """
    found: list[str] = []
    for character in text:
        if found and _continues(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _continues(sign: str, character: str) -> bool:
    if character == _ZWJ or sign.endswith(_ZWJ):
        return True
    if unicodedata.category(character) in ("Mn", "Me", "Mc"):
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f":
        return True
    if _is_regional(character) and _is_regional(sign[0]):
        return sum(map(_is_regional, sign)) == 1
    return sign == "\r" and character == "\n"


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
