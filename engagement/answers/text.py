"""A participant's text made comparable: lower case without accents, every folded place traceable to the original."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

MAX_CHARACTERS = 4_000
"""More than this is never read; free text is kept whole."""
READ_CHARACTERS = 600
"""An answer to a closed question that is longer is a story: only its beginning is read."""

_APOSTROPHE = re.compile(r"(?<=[a-z])['’‘`´ʼ](?=[a-z])")
_NOT_WORDS = re.compile(r"[^\w☀-➿\U0001f000-\U0001faff]+|_+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_SENTENCE = re.compile(r"[^.!?;\n]*(?:\.(?=\d)[^.!?;\n]*)*[.!?;\n]*")
_BEFORE = {
    "º": "°", "ª": "a", "½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "’": "'", "‘": "'", "`": "'", "´": "'",
    "′": "'", "″": '"', "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "⁄": "/", "×": "x",
}  # fmt: skip
_KEYCAP = "⃣"


@dataclass(frozen=True)
class Text:
    """`plain`: folded, punctuation kept, one space between words; `places[i]`: where `plain[i]` stands in `original`."""

    original: str
    plain: str
    places: tuple[int, ...]

    @cached_property
    def words(self) -> str:
        """Only words, numbers and pictures, one space apart; a letter stretched over three or more counts once."""
        return to_words(self.plain)

    def original_from(self, start: int, end: int | None = None) -> str:
        """The original behind `plain[start:end]`."""
        if start >= len(self.places):
            return ""
        stop = len(self.original) if end is None or end >= len(self.places) else self.places[end]
        return self.original[self.places[start] : stop].strip()

    def cut(self, start: int, end: int | None = None) -> "Text":
        """A part of the text as a text of its own."""
        return read_text(self.original_from(start, end))

    def sentences(self) -> tuple["Text", ...]:
        """The text's sentences, end marks kept."""
        found = (match.span() for match in _SENTENCE.finditer(self.plain) if match[0].strip(" .!?;\n"))
        return tuple(self.cut(*span) for span in found)


def to_words(plain: str) -> str:
    """See `Text.words`."""
    return _STRETCHED.sub(r"\1", _NOT_WORDS.sub(" ", plain)).strip()


def fold(text: str) -> str:
    """Words in plain lower case, no punctuation: how option labels and unit names are compared."""
    return read_text(text).words


def read_text(text: str) -> Text:
    """Folds the first `MAX_CHARACTERS` of any text; marks, accents, joiners and skin tones go, ñ becomes n."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text[:MAX_CHARACTERS]):
        if len(folded) > MAX_CHARACTERS:
            break
        for letter in _letters(character):
            if letter == " " and folded and folded[-1] == " ":
                continue
            folded.append(letter)
            places.append(place)
    plain = "".join(folded)
    gone = {match.start() for match in _APOSTROPHE.finditer(plain)}
    if gone:
        places = [place for index, place in enumerate(places) if index not in gone]
        plain = _APOSTROPHE.sub("", plain)
    return Text(original=text, plain=plain, places=tuple(places))


def _letters(character: str) -> str:
    if character < "\x7f":
        return " " if character in "\t\r\v\f\x1c\x1d\x1e\x1f" else character.lower()
    if character in _BEFORE:
        return _BEFORE[character]
    if "\U0001f3fb" <= character <= "\U0001f3ff" or character == _KEYCAP:
        return ""
    kept = []
    for part in unicodedata.normalize("NFKD", character.casefold()):
        category = unicodedata.category(part)
        if category in ("Mn", "Me", "Cf", "Cs", "Co"):
            continue
        kept.append(" " if category.startswith("Z") or category == "Cc" else part)
    return "".join(kept)
