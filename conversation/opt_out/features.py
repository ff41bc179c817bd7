"""What the learned judge of opt-outs sees of a sentence: words, pairs, triples, pieces of words, and what a word stands for.

`Quit texting my cell` and `lose my number` have few words in common with other opt-outs but are built alike, so the words of
`lexicon/` count by their class too (`END WRITING ME`).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conversation.text_model import WordClasses, pieces_of, read_lexicon

FOLDER = Path(__file__).parent / "lexicon"

TELLING = frozenset({"END", "TAKEN", "LEAVE", "SWITCH", "WRITING", "WRITE", "THING", "LIST", "WRONG", "LEGAL"})
LONG = 12
"""A sentence of more words than this has one of these classes, or is no opt-out."""

SCOPE = 6
"""Words that a `not` reaches, unless a clause ends before."""


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The classes of words; `denials` reach over the words after them, `breaks` end their reach."""

    classes: WordClasses
    denials: frozenset[str]
    breaks: frozenset[str]


@cache
def load_lexicon(folder: Path = FOLDER) -> Lexicon:
    """All languages in one: a message may mix them. `BrokenPatterns` names a bad file."""
    classes, grammar = read_lexicon(folder, ("denials", "breaks"))
    return Lexicon(classes=classes, **grammar)


def features_of(sentence: str, lexicon: Lexicon) -> frozenset[str]:
    """The features of one folded sentence (`split_sentences`), none where it can't be an opt-out; deterministic."""
    words = sentence.split()
    classes = lexicon.classes.of(words)
    present = sorted({of for of in classes if of})
    if len(words) > LONG and not TELLING & set(present):
        return frozenset()
    denied = _denied(words, lexicon)
    line = [of or word for of, word in zip(classes, words, strict=True)]
    turned = [f"-{each}" if no and of else each for each, of, no in zip(line, classes, denied, strict=True)]
    found = {f"n:{min(len(words), 12) // 2}", f"f:{line[0]}", f"l:{line[-1]}"}
    if words[-1] == "?":
        found.update(f"q:{each}" for each in present)
    for word, of, no in zip(words, classes, denied, strict=True):
        found.add(f"w:{word}")
        if of:
            found.add(f"c:{'-' if no else ''}{of}")
        else:
            found.update(f"p:{piece}" for piece in pieces_of(word))
    for row in (["^", *words, "$"], ["^", *_merged(line), "$"], ["^", *_merged(turned), "$"]):
        for size in (2, 3, 4):
            found.update("d:" + " ".join(row[at : at + size]) for at in range(len(row) - size + 1))
    present = sorted({each for each, of in zip(turned, classes, strict=True) if of})
    found.update(f"x:{one}+{other}" for at, one in enumerate(present) for other in present[at + 1 :])
    return frozenset(found)


def _denied(words: list[str], lexicon: Lexicon) -> list[bool]:
    """Is each word within a denial's reach?"""
    found, left = [], 0
    for word in words:
        if word in lexicon.breaks:
            left = 0
        found.append(left > 0)
        left = SCOPE if word in lexicon.denials else left - 1
    return found


def _merged(line: list[str]) -> list[str]:
    """A phrase, and words of one class in a row, as one."""
    return [each for at, each in enumerate(line) if not at or each != line[at - 1] or each.islower()]
