"""What is known of each language: its words, marks and names, from `words/<language>.yml`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conversation.language.index import PatternIndex
from conversation.language.patterns import compile_all, list_of, read_word_files
from conversation.language.text import fold

FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A word file, read; its sections are explained at the top of `words/en.yml`."""

    words: frozenset[str]
    endings: tuple[str, ...]
    marks: frozenset[str]
    neutral: frozenset[str]
    names: frozenset[str]
    asks: PatternIndex
    not_asks: PatternIndex


@cache
def load_evidence(folder: Path = FOLDER) -> dict[str, Evidence]:
    """Language → its evidence; `BrokenPatterns` names a bad file."""
    loaded = {}
    for language, content in read_word_files(folder).items():
        where = f"language/words/{language}.yml"
        loaded[language] = Evidence(
            words=frozenset(list_of(content, "words", where)),
            endings=tuple(list_of(content, "endings", where)),
            marks=frozenset(str(content.get("marks") or "")),
            neutral=frozenset(list_of(content, "neutral", where)),
            names=frozenset(list_of(content, "names", where)),
            asks=PatternIndex(compile_all(list_of(content, "asks", where), {}, where)),
            not_asks=PatternIndex(compile_all(list_of(content, "not_asks", where), {}, where)),
        )
    return loaded


@cache
def word_owners(languages: tuple[str, ...]) -> dict[str, str]:
    """Word → the language that alone of `languages` has it."""
    owners: dict[str, str] = {}
    shared: set[str] = set()
    for language, found in load_evidence().items():
        if language in languages:
            words = found.words | found.neutral
            shared |= words & owners.keys()
            owners.update(dict.fromkeys(words, language))
    return {word: language for word, language in owners.items() if word not in shared}


@cache
def neutral_words(languages: tuple[str, ...]) -> frozenset[str]:
    """Words that tell nothing: set words, laughs, thanks that everybody knows."""
    return frozenset().union(*(found.neutral for language, found in load_evidence().items() if language in languages))


def common_words(language: str) -> frozenset[str]:
    """The everyday words of a language, folded; none where it has no word file."""
    evidence = load_evidence().get(language)
    return evidence.words | evidence.neutral if evidence else frozenset()


def leaning(text: str, languages: tuple[str, ...]) -> dict[str, int]:
    """Language → how many words of `text` belong to it and to no other of `languages`; a language without words: 0."""
    owners = word_owners(languages)
    counted = dict.fromkeys(languages, 0)
    for word in fold(text).split():
        if word in owners:
            counted[owners[word]] += 1
    return counted


@cache
def people_names(languages: tuple[str, ...]) -> frozenset[str]:
    """Names of people that are no word of any of the languages."""
    names = frozenset().union(*(found.names for found in load_evidence().values()))
    return names - frozenset().union(*(common_words(language) for language in languages))


@cache
def marks_of(languages: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Language → the characters that it alone of `languages` uses."""
    marks = {language: found.marks for language, found in load_evidence().items() if language in languages}
    return {
        language: own.difference(*(other for name, other in marks.items() if name != language))
        for language, own in marks.items()
    }
