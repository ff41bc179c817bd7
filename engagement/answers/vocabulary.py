"""The words that reading knows, one YAML file a language; Python knows none.

Entries of phrase lists are small regular expressions over folded words (no accents, no punctuation, ñ as n), so that
people who know the words can add to them: `(a|b)`, `(a )?` and the like.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from engagement.errors import EngagementError

_FOLDER = Path(__file__).with_name("words")


class BrokenWords(EngagementError):
    """A word file of the answers cannot be used."""


class Phrases:
    """A list of phrases, tried as one expression at word boundaries."""

    def __init__(self, entries: list[str], where: str) -> None:
        longest_first = sorted(set(entries), key=lambda entry: (-len(entry), entry))
        body = "|".join(longest_first) or r"(?!)"
        try:
            self._whole = re.compile(rf"(?:{body})")
            self._inside = re.compile(rf"(?<![^\W_])(?:{body})(?![^\W_])")
        except re.error as error:
            raise BrokenWords(f"{where}: {error}") from error

    def whole(self, words: str) -> bool:
        """Is the whole text one of the phrases?"""
        return self._whole.fullmatch(words) is not None

    def start(self, words: str) -> int:
        """The end of the longest phrase that the text starts with, whole words only; 0 where there is none."""
        match = self._inside.match(words)
        return match.end() if match else 0

    def inside(self, words: str) -> re.Match[str] | None:
        """The first phrase anywhere in the text."""
        return self._inside.search(words)

    def matches(self, words: str) -> list[re.Match[str]]:
        """All phrases in the text, left to right."""
        return list(self._inside.finditer(words))


@dataclass(frozen=True)
class Vocabulary:
    """One language's words: phrase lists, and tables of word → value."""

    language: str
    phrases: Mapping[str, Phrases]
    tables: Mapping[str, Mapping[str, Any]]

    def __getitem__(self, name: str) -> Phrases:
        return self.phrases[name]


@cache
def languages() -> tuple[str, ...]:
    """The languages there are words for."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("??.yml")))


@cache
def vocabulary(language: str) -> Vocabulary:
    """The words of a language ("es", "es-MX"); English where there are none."""
    short = language[:2].lower()
    short = short if short in languages() else "en"
    content = read_words(short)
    try:
        phrases = {name: Phrases(entries(said), f"{short}.yml, {name}") for name, said in content["phrases"].items()}
        tables = {name: _table(said) for name, said in content["tables"].items()}
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise BrokenWords(f"{short}.yml: {error!r}") from error
    return Vocabulary(language=short, phrases=phrases, tables=tables)


@cache
def read_words(name: str) -> dict[str, Any]:
    """The content of `words/<name>.yml`."""
    content = yaml.safe_load((_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise BrokenWords(f"{name}.yml is no mapping")
    return content


def entries(said: list[str] | str) -> list[str]:
    """A list, or a text with entries between line ends and ` | `."""
    if isinstance(said, list):
        return [str(entry) for entry in said]
    return [entry.strip() for line in said.splitlines() for entry in line.split(" | ") if entry.strip()]


def _table(said: Mapping[str, Any]) -> dict[str, Any]:
    """value → "word | word", turned to word → value."""
    return {word: value for value, words in said.items() for word in entries(words)}
