"""What the learned judge sees of a sentence: its words, pairs and pieces of words, and what a listed word stands for.

`No nausea`, `can't breathe`, `does it cause nausea?` and `my dad had a stroke` hold the words of trouble without being it (or
because of a `not`), so each word carries how it is meant: denied (`-`), beyond one's power (`~`), asked or supposed (`?`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from conversation.text_model import WordClasses, pieces_of, read_lexicon

FOLDER = Path(__file__).parent / "lexicon"

_DIGIT = re.compile("[0-9]")
"""`101` and `103` are one word, `000`: how long a number is tells more than which."""

SCOPE = 7
"""Words that a `not` reaches, unless a clause ends before."""


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The classes of words, and the grammar that turns a sense.

    `denials` reach over the words after them, `unable` too (`no` before one of `unable_after`, past a pronoun, counts as such);
    `breaks` end their reach; `asks` first, or `turned` first and one of `subjects` second, make a question.
    """

    classes: WordClasses
    denials: frozenset[str]
    unable: frozenset[str]
    unable_after: frozenset[str]
    pronouns: frozenset[str]
    breaks: frozenset[str]
    asks: frozenset[str]
    turned: frozenset[str]
    subjects: frozenset[str]


GRAMMAR = tuple(each.name for each in fields(Lexicon) if each.type == "frozenset[str]" or each.type == frozenset[str])


@cache
def load_lexicon(folder: Path = FOLDER) -> Lexicon:
    """All languages in one: a message may mix them. `BrokenPatterns` names a bad file."""
    classes, grammar = read_lexicon(folder, GRAMMAR)
    return Lexicon(classes=classes, **grammar)


def features_of(sentence: str, lexicon: Lexicon) -> set[str]:
    """The features of one folded sentence (`split_sentences`); deterministic, some ten a word."""
    words = _DIGIT.sub("0", sentence).split()
    asked = "?" if _asks(words, lexicon) else ""
    marks = list(_marks(words, lexicon))
    found = {"b:short" if len(words) < 4 else "b:long", f"a:{asked}"}
    classes = lexicon.classes.of(words)
    line: list[str] = []
    for word, mark, of in zip(words, marks, classes, strict=True):
        line.append(of or word)
        found.add(f"w:{mark}{word}")
        if asked:
            found.add(f"q:{mark}{word}")
        if of:
            found.add(f"c:{mark}{asked}{of}")
        found.update(f"p:{mark}{piece}" for piece in pieces_of(word))
    for size, name in ((2, "d"), (3, "t")):
        for row in (words, line):
            for place in range(len(row) - size + 1):
                found.add(f"{name}:" + " ".join(row[place : place + size]))
    present = sorted({mark + of for mark, of in zip(marks, classes, strict=True) if of})
    for place, one in enumerate(present):
        for other in present[place + 1 :]:
            found.add(f"x:{one}+{other}")
    return found


def _asks(words: list[str], lexicon: Lexicon) -> bool:
    if not words or words[-1] == "?" or words[0] in lexicon.asks:
        return bool(words)
    return len(words) > 1 and words[0] in lexicon.turned and words[1] in lexicon.subjects


def _marks(words: list[str], lexicon: Lexicon) -> Iterator[str]:
    """Each word's mark: `-` within a denial's reach, `~` within that of `can't`; else nothing."""
    mark, left = "", 0
    for place, word in enumerate(words):
        if word in lexicon.breaks:
            left = 0
        yield mark if left > 0 else ""
        left -= 1
        if word in lexicon.unable:
            mark, left = "~", SCOPE
        elif word in lexicon.denials:
            after = [each for each in words[place + 1 : place + 3] if each not in lexicon.pronouns]
            mark, left = ("~" if after and after[0] in lexicon.unable_after else "-"), SCOPE
