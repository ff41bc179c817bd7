"""Words of a date or a time turned to a short code, the same in every language, that one grammar reads.

"5 de marzo de 2024" and "5th of March, 2024" become `5 of m3 of 2024` and `5 th of m3 , 2024`; numbers in words become
digits. A word without meaning here is `x`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from rapidfuzz import fuzz, process

from engagement.answers.numbers import Token, find_numbers, tokens_of
from engagement.answers.setting import Setting
from engagement.answers.text import to_words

_DIGITS = re.compile(r"\d+")
_LONGEST, _MOST_PARTS = 5, 4
_FUZZY_LETTERS, _FUZZY_SCORE = 6, 86
_MARKS = frozenset("/-.:,'~?")


@dataclass(frozen=True)
class Code:
    """One code and the places of the text it stands for."""

    said: str
    start: int
    end: int


def encode(plain: str, setting: Setting, table: str) -> tuple[Code, ...]:
    """The codes of folded text by the language's table `dates` or `clock`."""
    tokens = tuple(part for token in tokens_of(plain) for part in _apart(token))
    numbers = {number.start: number for number in find_numbers(tokens, setting, whole=table == "clock")}
    meanings: Mapping[str, str] = setting.words.tables[table]
    ordinals = setting.words.tables["ordinals"]
    codes: list[Code] = []
    place = 0
    while place < len(tokens):
        found = _phrase(tokens, place, meanings)
        number = numbers.get(place)
        token = tokens[place]
        if found and (number is None or found[1] >= number.end or not number.spelled or found[0] != "art"):
            code, end = found
            codes.append(Code(code, token.start, tokens[end - 1].end))
            place = end
        elif token.said in ordinals and not token.said[0].isdigit():
            _ordinal(codes, int(ordinals[token.said]), token)
            place += 1
        elif number is not None and (number.spelled or not token.said.isdigit()) and number.value > 0:
            end = max(number.end, place + 1)
            codes.append(Code(_written(number.value), token.start, tokens[end - 1].end))
            place = end
        else:
            codes.append(Code(_single(token.said, meanings), token.start, token.end))
            place += 1
    return _spelled_years(codes, plain)


def joined(codes: tuple[Code, ...]) -> str:
    """The codes as the grammar reads them: one space after each."""
    return "".join(f"{code.said} " for code in codes)


def _apart(token: Token) -> list[Token]:
    """ "3.4.24" and "5,2024" are several numbers here; 1.5 is one."""
    digits = list(_DIGITS.finditer(token.said))
    if not 1 < len(digits) <= _MOST_PARTS or (len(digits) == 2 and "." in token.said and len(digits[1][0]) == 1):
        return [token]
    pieces = re.finditer(r"\d+|[.,]", token.said)
    return [Token(piece[0], token.start + piece.start(), token.start + piece.end()) for piece in pieces]


def _phrase(tokens: tuple[Token, ...], place: int, meanings: Mapping[str, str]) -> tuple[str, int] | None:
    for length in range(min(_LONGEST, len(tokens) - place), 0, -1):
        said = " ".join(token.said for token in tokens[place : place + length])
        if said in meanings:
            return meanings[said], place + length
    return None


def _ordinal(codes: list[Code], value: int, token: Token) -> None:
    start = token.start
    if codes and value < 10 and codes[-1].said in ("20", "30"):
        before = codes.pop()
        value, start = value + int(before.said), before.start
    codes.append(Code(str(value), start, token.end))
    codes.append(Code("th", token.end, token.end))


def _written(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.2f}"


def _single(said: str, meanings: Mapping[str, str]) -> str:
    if said.isascii() and said.isdigit():
        return said
    if said == "&":
        return "and"
    if said in _MARKS or re.fullmatch(r"\d+\.\d", said):
        return said
    word = to_words(said)
    if len(word) >= _FUZZY_LETTERS:
        close = process.extractOne(word, _long_words(tuple(meanings)), scorer=fuzz.ratio, score_cutoff=_FUZZY_SCORE)
        if close and meanings[close[0]][0] in "mw" and meanings[close[0]][1:].isdigit():
            return meanings[close[0]]
    return "x"


@cache
def _long_words(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if len(word) >= _FUZZY_LETTERS - 1)


def _spelled_years(codes: list[Code], plain: str) -> tuple[Code, ...]:
    """ "Nineteen eighty four" is one year."""
    made: list[Code] = []
    for code in codes:
        if (
            made
            and made[-1].said in ("19", "20")
            and re.fullmatch(r"[1-9]\d", code.said)
            and not plain[made[-1].start].isdigit()
            and not plain[code.start].isdigit()
        ):
            before = made.pop()
            made.append(Code(before.said + code.said, before.start, code.end))
        else:
            made.append(code)
    return tuple(made)
