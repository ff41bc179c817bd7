"""What the learned judge sees of a sentence: its words, pairs and pieces of words, and what a listed word stands for.

`No nausea`, `can't breathe`, `does it cause nausea?` and `my dad had a stroke` hold the words of trouble without being it (or
because of a `not`), so each word carries how it is meant: denied (`-`), beyond one's power (`~`), asked or supposed (`?`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conversation.language.patterns import list_of, read_word_files

FOLDER = Path(__file__).parent / "lexicon"

SCOPE = 7
"""Words that a `not` reaches, unless a clause ends before."""

PIECES = (3, 4, 5)
"""Letters of the pieces of a word (its ends are marked `_`), by which a misspelt or unseen word is known."""

DENIALS = frozenset(
    [
        "no",
        "not",
        "never",
        "without",
        "dont",
        "didnt",
        "doesnt",
        "havent",
        "hasnt",
        "hadnt",
        "isnt",
        "arent",
        "wasnt",
        "werent",
        "wont",
        "wouldnt",
        "nobody",
        "noone",
        "none",
        "nor",
        "neither",
        "nothing",
        "zero",
        "aint",
        "sin",
        "nunca",
        "jamas",
        "ningun",
        "ninguna",
        "ninguno",
        "tampoco",
        "nadie",
        "ni",
        "nada",
    ]
)
UNABLE = frozenset(["cant", "cannot", "couldnt", "unable", "barely", "hardly"])
UNABLE_AFTER_NO = frozenset(
    [
        "puedo",
        "pude",
        "podia",
        "puede",
        "logro",
        "aguanto",
        "aguante",
        "dejo",
        "deja",
        "para",
        "paro",
        "longer",
        "not",
        "able",
        "more",
    ]
)
BREAKS = frozenset(
    [
        ",",
        "but",
        "and",
        "however",
        "except",
        "though",
        "although",
        "then",
        "pero",
        "y",
        "aunque",
        "porque",
        "despues",
        "entonces",
    ]
)
ASKS = frozenset(
    "what whats which how hows who when where why if whether does do can could will would should may might any anyone wonder"
    " que cual cuales como cuando cuanto cuanta cuantos cuantas donde quien si puedo puede pueden podria debo y".split()
)
"""First words that make a question or a supposition, with or without its mark."""
TURNED = frozenset("is are am was were has have did hay es son tiene".split())
"""Verbs that ask when they stand first and one of `SUBJECTS` second (`is it …`; but `is making me sick` tells)."""
SUBJECTS = frozenset("i you he she we they it this that these those there the a an my your any anyone people".split())


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """Folded word or phrase → the class it stands for, and the most words a phrase has."""

    classes: Mapping[str, str]
    longest: int


@cache
def load_lexicon(folder: Path = FOLDER) -> Lexicon:
    """All languages in one: a message may mix them. `BrokenPatterns` names a bad file."""
    classes: dict[str, str] = {}
    for language, content in read_word_files(folder).items():
        for name in content:
            for entry in list_of(content, name, f"triage/lexicon/{language}.yml"):
                classes.setdefault(entry, str(name).upper())
    return Lexicon(classes=classes, longest=max(entry.count(" ") + 1 for entry in classes))


def features_of(sentence: str, lexicon: Lexicon) -> set[str]:
    """The features of one folded sentence (`split_sentences`); deterministic, some ten a word."""
    words = sentence.split()
    asked = "?" if _asks(words) else ""
    marks = list(_marks(words))
    found = {"b:short" if len(words) < 4 else "b:long", f"a:{asked}"}
    classes = _classes(words, lexicon)
    line: list[str] = []
    for word, mark, of in zip(words, marks, classes, strict=True):
        line.append(of or word)
        found.add(f"w:{mark}{word}")
        if asked:
            found.add(f"q:{mark}{word}")
        if of:
            found.add(f"c:{mark}{asked}{of}")
        if len(word) > 3:
            whole = f"_{word}_"
            for size in PIECES:
                for place in range(len(whole) - size + 1):
                    found.add(f"p:{mark}{whole[place : place + size]}")
    for size, name in ((2, "d"), (3, "t")):
        for row in (words, line):
            for place in range(len(row) - size + 1):
                found.add(f"{name}:" + " ".join(row[place : place + size]))
    present = sorted({mark + of for mark, of in zip(marks, classes, strict=True) if of})
    for place, one in enumerate(present):
        for other in present[place + 1 :]:
            found.add(f"x:{one}+{other}")
    return found


def _asks(words: list[str]) -> bool:
    if not words or words[-1] == "?" or words[0] in ASKS:
        return bool(words)
    return len(words) > 1 and words[0] in TURNED and words[1] in SUBJECTS


def _marks(words: list[str]) -> Iterator[str]:
    """Each word's mark: `-` within a denial's reach, `~` within `can't`'s; else nothing."""
    mark, left = "", 0
    for place, word in enumerate(words):
        if word in BREAKS:
            left = 0
        yield mark if left > 0 else ""
        left -= 1
        if word in UNABLE:
            mark, left = "~", SCOPE
        elif word in DENIALS:
            after = words[place + 1] if place + 1 < len(words) else ""
            after = words[place + 2] if after in ("me", "lo", "la", "se") and place + 2 < len(words) else after
            mark, left = ("~" if after in UNABLE_AFTER_NO else "-"), SCOPE


def _classes(words: list[str], lexicon: Lexicon) -> list[str]:
    """Each word's class, '' where it stands in none; a phrase counts before its words."""
    found = [""] * len(words)
    place = 0
    while place < len(words):
        for size in range(min(lexicon.longest, len(words) - place), 0, -1):
            of = lexicon.classes.get(" ".join(words[place : place + size]))
            if of:
                found[place : place + size] = [of] * size
                place += size - 1
                break
        place += 1
    return found
