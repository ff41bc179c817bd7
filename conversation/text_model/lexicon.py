"""Words by what they stand for: a listed word counts by its class too, so that a sentence in new words is known by its build."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from conversation.language.patterns import list_of, read_word_files

PIECES = (3, 4, 5)
"""Letters of the pieces of a word (its ends are marked `_`), by which a misspelt or unseen word is known."""


@dataclass(frozen=True, kw_only=True)
class WordClasses:
    """Folded word or phrase → the class it stands for, and the most words a phrase has."""

    classes: Mapping[str, str]
    longest: int

    def of(self, words: list[str]) -> list[str]:
        """Each word's class, '' where it stands in none; a phrase counts before its words."""
        found = [""] * len(words)
        place = 0
        while place < len(words):
            for size in range(min(self.longest, len(words) - place), 0, -1):
                of = self.classes.get(" ".join(words[place : place + size]))
                if of:
                    found[place : place + size] = [of] * size
                    place += size - 1
                    break
            place += 1
        return found


def read_lexicon(folder: Path, grammar: Collection[str]) -> tuple[WordClasses, dict[str, frozenset[str]]]:
    """The classes of all languages in one (a message may mix them), and the sections of `grammar`, which are no classes.

    `BrokenPatterns` names a bad file.
    """
    classes: dict[str, str] = {}
    turning: dict[str, set[str]] = {name: set() for name in grammar}
    for language, content in read_word_files(folder).items():
        for name in content:
            entries = list_of(content, name, f"{folder.parent.name}/{folder.name}/{language}.yml")
            if name in turning:
                turning[name].update(entries)
                continue
            for entry in entries:
                classes.setdefault(entry, str(name).upper())
    longest = max((entry.count(" ") + 1 for entry in classes), default=1)
    return WordClasses(classes=classes, longest=longest), {name: frozenset(words) for name, words in turning.items()}


def pieces_of(word: str) -> Iterator[str]:
    """The pieces of a word of four letters or more; a shorter one is too common in others."""
    if len(word) > 3:
        whole = f"_{word}_"
        for size in PIECES:
            for place in range(len(whole) - size + 1):
                yield whole[place : place + size]
