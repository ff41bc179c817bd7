"""How hard a text is to read: words for participants stay at or below US 8th grade.

Syllables are counted by pyphen's hyphenation patterns and by groups of vowels, whichever finds more: hyphenation alone
leaves out breaks that printers avoid and would make a text look easier than it is.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import pyphen

HARDEST_GRADE = 8.0

_PLACEHOLDER = re.compile(r"\{[^{}\s]*\}")
_ADDRESS = re.compile(
    r"\b(?:https?://\S+|\S+@\S+\.\w+|(?:[\w-]+\.)+(?:com|org|gov|net|edu|info|mx|es|example)(?:/\S*)?)"
)
_NUMBER = re.compile(r"\+?\(?\d[\d\s().,:/-]*\d|\d")
_SENTENCE_END = re.compile(r"[.!?…]+(?=[\s\"')»”]|$)|\n+|:(?=\s)")
_ABBREVIATION = re.compile(r"\b(?:[ap]\. ?m|Dra?|Sra?|Mrs?|Ms|e\.g|i\.e|EE\. ?UU)\.", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENGLISH_VOWELS = re.compile(r"[aeiouy]+")
_ENGLISH_HIATUS = re.compile(r"(?<![ctsgxnl])i(?=[ao](?!ge))|(?<=[aeiou][dr])ea$|eo$|(?<![gq])u(?=a)")
"""Two vowels that are two syllables: variant, area, video, usual; but nation, million, marriage, quality."""
_SILENT_END = re.compile(r"(?:[^laeiouy]e|[^aeiouydt]ed|[^aeiouyscgzxh]es|[^aeiouycgsxz]hes)$")
_SPANISH_CONSONANT = re.compile(r"(?<=[qg])u(?=[eiéí])|y(?=[aeiouáéíóú])")
"""A `u` that only hardens the consonant before it, and `y` before a vowel."""
_SPANISH_NUCLEUS = re.compile(r"[iuü]?[aeoáéó](?:[iuyü](?![aeoáéó]))?|[iuüy]+[íú]?|[íú]")


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What the formulas are made of."""

    sentences: int
    words: int
    syllables: int


class NoFormula(ValueError):
    """There is no reading formula for this language."""


def count(text: str, language: str) -> Counts:
    """Sentences, words and syllables of a text; placeholders, addresses and numbers are no words."""
    plain = _ABBREVIATION.sub(" ", text)
    for ignored in (_PLACEHOLDER, _ADDRESS, _NUMBER):
        plain = ignored.sub(" ", plain)
    sentences = [part for part in _SENTENCE_END.split(plain) if _WORD.search(part)]
    words = _WORD.findall(plain)
    return Counts(
        sentences=len(sentences), words=len(words), syllables=sum(syllables(word, language) for word in words)
    )


@cache
def syllables(word: str, language: str) -> int:
    """Syllables of one word, at least 1."""
    folded = unicodedata.normalize("NFC", word).lower()
    hyphens = len(_patterns(language).positions(folded)) + 1
    if language == "es":
        vowels = len(_SPANISH_NUCLEUS.findall(_SPANISH_CONSONANT.sub("j", folded)))
    else:
        vowels = len(_ENGLISH_VOWELS.findall(folded)) + len(_ENGLISH_HIATUS.findall(folded))
        vowels -= bool(_SILENT_END.search(folded))
    return max(hyphens, vowels, 1)


@cache
def _patterns(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang={"en": "en_US", "es": "es"}[language])


def flesch_kincaid_grade(counts: Counts) -> float:
    """US school grade: 0.39 · words/sentences + 11.8 · syllables/words - 15.59.

    Kincaid, Fishburne, Rogers and Chissom, "Derivation of new readability formulas" (1975).
    """
    return 0.39 * counts.words / counts.sentences + 11.8 * counts.syllables / counts.words - 15.59


def fernandez_huerta(counts: Counts) -> float:
    """Ease of a Spanish text, 100 easy to 0 hard: 206.84 - 60 · syllables/words - 1.02 · words/sentences.

    Fernández Huerta, "Medidas sencillas de lecturabilidad" (1959); the second term in the form of Law (2011), who found
    that it takes words per sentence.
    """
    return 206.84 - 60 * counts.syllables / counts.words - 1.02 * counts.words / counts.sentences


def reading_level(text: str, language: str) -> float:
    """The school grade a text asks for, comparable between languages; 0 for a text without words.

    Spanish: Fernández Huerta's ease, 60 being the 8th grade (his table: 60-70 is 7th to 8th grade) and ten
    points a grade. `NoFormula` for other languages than English and Spanish.
    """
    if language not in ("en", "es"):
        raise NoFormula(language)
    counts = count(text, language)
    if not counts.words:
        return 0.0
    if language == "es":
        return max(0.0, (140 - fernandez_huerta(counts)) / 10)
    return max(0.0, flesch_kincaid_grade(counts))


def check_reading_level(text: str, language: str, *, hardest: float = HARDEST_GRADE) -> float | None:
    """The grade, to one decimal, of a text that is too hard, else None; a language without a formula passes."""
    try:
        grade = round(reading_level(text, language), 1)
    except NoFormula:
        return None
    return grade if grade > hardest else None
