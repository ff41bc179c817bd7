"""One option out of a few words: by label or synonym, by the words of weight in it, or by a close misspelling.

Words that turn the sense ("not", "no", "less") must stand in both or in neither: "not well" is never "Well".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from engagement.answers.expectation import Option
from engagement.answers.text import fold
from engagement.answers.vocabulary import Vocabulary

_CLOSE, _CLOSE_SHORT, _MARGIN = 80.0, 86.0, 8.0
"""rapidfuzz scores (0-100): a misspelling, one of a short word, and how far the next label must be behind."""
_SHORT = 5
_TELLING = 3
_REACH = 4
"""How far up kinship is followed: a mom is a mother, a parent, a relative."""
_WORD = re.compile(r"\S+")
_IN_BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class Pick:
    """The options that some words may mean: one, or several that are equally close. `corrected`: a misspelling."""

    options: tuple[Option, ...]
    corrected: bool = False


@lru_cache(maxsize=4096)
def names_of(option: Option) -> tuple[str, ...]:
    """What an option may be called, folded; longest first."""
    written = (option.display, _IN_BRACKETS.sub(" ", option.display), *option.synonyms)
    code = (option.code,) if len(option.code) > 2 and option.code.isalpha() else ()
    found = {fold(name.replace("_", " ").replace("-", " ")): None for name in (*written, *code)}
    return tuple(sorted((name for name in found if name), key=len, reverse=True))


def exact(said: str, options: Sequence[Option]) -> Option | None:
    """The option of exactly this name."""
    return next((option for option in options if said and said in names_of(option)), None)


def by_words(said: str, options: Sequence[Option], words: Vocabulary) -> Pick | None:
    """The one label, or the few, that all the words of weight stand in: "nearly every" of "Nearly every day".

    One thing and several are the same word here, and "mom" is a mother. A count before it changes nothing: "two cousins".
    """
    content = [word for word in said.split() if not words["little_words"].whole(word)]
    if len(content) > 1 and words["option_after"].whole(content[-1]):
        del content[-1]
    found = _by_content(content, said, options, words)
    if found is None and len(content) > 1 and _is_count(content[0], words):
        found = _by_content(content[1:], said, options, words)
    return found


def _by_content(content: list[str], said: str, options: Sequence[Option], words: Vocabulary) -> Pick | None:
    if all(len(word) < _TELLING or words["not_telling"].whole(word) for word in content):
        return None
    names = [(option, name) for option in options for name in names_of(option) if not _lessens(name, said, words)]
    if _is_of_kin(content, words):
        names = [(option, name) for option, name in names if set(content) <= set(name.split())]
    for reach in range(_REACH):
        fitting = [
            (option, name)
            for option, name in names
            if all(_stands_in(word, name.split(), reach, words) for word in content)
        ]
        if not fitting:
            continue
        found = _phrased(said, tuple(dict.fromkeys(option for option, _ in fitting)))
        if len(found) == 1 and all(_turned_before(name, content, words) for option, name in fitting if option in found):
            return None
        return Pick(found)
    return None


def _is_of_kin(content: list[str], words: Vocabulary) -> bool:
    """ "My dad's mother" is neither of the two."""
    kin = words.tables["kin"]
    return sum(word in kin or word in kin.values() for word in content) > 1


def _stands_in(word: str, name: list[str], reach: int, words: Vocabulary) -> bool:
    """Is the word there, or one that includes it within `reach` steps ("mom" → mother → parent), or that it includes?"""
    if words["turning"].whole(word):
        return word in name
    kin = words.tables["kin"]
    for other in name:
        if singular(word) == singular(other) or _above(other, word, kin):
            return True
    above = word
    for _ in range(reach):
        above = kin.get(above) or kin.get(singular(above), "")
        if above in name:
            return True
    return False


def _above(word: str, wanted: str, kin: Mapping[str, str]) -> bool:
    """Does `wanted` include `word`: "parent" a mother?"""
    seen = 0
    while (word := kin.get(word, "")) and seen < len(kin):
        if word == singular(wanted):
            return True
        seen += 1
    return False


def singular(word: str) -> str:
    """Without the s of several; good enough to compare words, in both languages."""
    return word[:-1] if len(word) > _TELLING and word.endswith("s") and not word.endswith("ss") else word


def _is_count(word: str, words: Vocabulary) -> bool:
    return word.isdigit() or word in words.tables["numbers"] or word in words.tables["groups"]


def _phrased(said: str, found: tuple[Option, ...]) -> tuple[Option, ...]:
    """Of several, the one in whose name the very words stand together."""
    if " " not in said or len(found) == 1:
        return found
    phrased = tuple(option for option in found if any(f" {said} " in f" {name} " for name in names_of(option)))
    return phrased if len(phrased) == 1 else found


def _turned_before(name: str, content: list[str], words: Vocabulary) -> bool:
    """Does the name turn what was said: "difficult" of "Not difficult at all"?"""
    said = {singular(word) for word in content}
    first = next((match.start() for match in _WORD.finditer(name) if singular(match[0]) in said), len(name))
    return any(match[0] not in content for match in words["turning"].matches(name[:first]))


def _lessens(name: str, said: str, words: Vocabulary) -> bool:
    return words["lessening"].inside(name) is not None and words["lessening"].inside(said) is None


def by_spelling(said: str, options: Sequence[Option], words: Vocabulary) -> Pick | None:
    """The label that is closest in spelling, if it is close, and the others within the margin."""
    if len(said) < _TELLING:
        return None
    scores = {option: max(_alike(said, name, words) for name in names_of(option) or ("",)) for option in options}
    best = max(scores.values(), default=0.0)
    if best < (_CLOSE_SHORT if len(said) <= _SHORT else _CLOSE):
        return None
    return Pick(tuple(option for option in options if scores[option] > best - _MARGIN), corrected=True)


def _alike(said: str, name: str, words: Vocabulary) -> float:
    """0 where one of the two is turned and the other is not, or a number was said that the label has not."""
    counts = {word for word in said.split() if _is_count(word, words)} - set(words.tables["links"])
    counted = all(word in name if word.isdigit() else word in name.split() for word in counts)
    if is_turned(said, words) is not is_turned(name, words) or not counted:
        return 0.0
    return 0.0 if _lessens(name, said, words) or _lessens(said, name, words) else score(said, name)


def is_turned(said: str, words: Vocabulary) -> bool:
    """Is there a "not", a "never", a "less" in it?"""
    return words["turning"].inside(said) is not None


def score(said: str, name: str) -> float:
    """How alike two folded texts are, 0 to 100, words in any order."""
    if not name or abs(len(said) - len(name)) > max(len(said), len(name)) * 0.4:
        return 0.0
    return max(fuzz.ratio(said, name), fuzz.token_sort_ratio(said, name) - 2)
