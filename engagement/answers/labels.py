"""One option out of a few words: by label or synonym, number, letter, place in the list, or a close misspelling."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from engagement.answers.expectation import Option
from engagement.answers.text import fold
from engagement.answers.vocabulary import Vocabulary

_CLOSE, _CLOSE_SHORT, _MARGIN = 80.0, 86.0, 8.0
"""rapidfuzz scores (0-100): a misspelling, one of a short word, and how far the next label must be behind."""
_SHORT = 5
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_PLACE = re.compile(r"(\d{1,3})(?:st|nd|rd|th|a|o|ra|ro|da|do|ta|to|er|era)?")
_RANGE = re.compile(r"(\d+)(?: (?:to|a|y|and|through|hasta) | ?- ?)(\d+)")
_MORE = re.compile(r"(\d+) (?:or more|or over|o mas|and over|plus)|(\d+) ?\+|(?:over|more than|mas de) (\d+)")
_LESS = re.compile(r"(?:less than|under|fewer than|menos de|below) (\d+)")


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


def pick(said: str, options: Sequence[Option], words: Vocabulary) -> Pick | None:
    """The option that a piece of a message means, best way first."""
    if found := exact(said, options):
        return Pick((found,))
    return by_place(said, options, words) or by_words(said, options, words) or by_spelling(said, options)


def by_place(said: str, options: Sequence[Option], words: Vocabulary) -> Pick | None:
    """ "2", "b", "option 2", "the second one", "the last one"; a number also where a label's range holds it."""
    if words["last_option"].whole(said):
        return Pick((options[-1],))
    bare = bare_place(said, words)
    ordinals, numbers = words.tables["ordinals"], words.tables["numbers"]
    if len(bare) == 1 and "a" <= bare <= "z":
        place = ord(bare) - ord("a")
        return Pick((options[place],)) if place < len(options) else _by_initial(bare, options)
    match = _PLACE.fullmatch(bare)
    value = int(match[1]) if match else int(ordinals.get(bare, numbers.get(bare, 0)))
    if match is None and not value:
        return None
    numbered = [options[value - 1]] if 0 < value <= len(options) else []
    holding = [option for option in options if _holds(option, value)] if bare.isdigit() else []
    found = tuple(dict.fromkeys(numbered + holding))
    return Pick(found) if found else None


def _by_initial(letter: str, options: Sequence[Option]) -> Pick | None:
    """ "M" of Female, Male, Other: a letter beyond the list's own, and of one label only."""
    found = tuple(option for option in options if any(name.startswith(letter) for name in names_of(option)))
    return Pick(found, corrected=True) if len(found) == 1 else None


def bare_place(said: str, words: Vocabulary) -> str:
    """A place in the list without the words around it: "option 2", "the second one"."""
    end = words["option_word"].start(f"{said} ")
    bare = said[end:].strip() if end else said
    after = words["option_after"].inside(bare)
    return bare[: after.start()].strip() if after and after.end() == len(bare) and after.start() > 0 else bare


def _holds(option: Option, value: int) -> bool:
    label = option.display.lower()
    if found := _RANGE.search(label):
        return int(found[1]) <= value <= int(found[2])
    if found := _MORE.search(label):
        bounds = [int(group) for group in found.groups() if group]
        return value > bounds[0] or (value == bounds[0] and not found[3])
    if found := _LESS.search(label):
        return value < int(found[1])
    return False


def by_words(said: str, options: Sequence[Option], words: Vocabulary) -> Pick | None:
    """The one label, or the few, that all the words of weight stand in: "nearly every" of "Nearly every day"."""
    content = {word for word in said.split() if not words["little_words"].whole(word)}
    if not content or all(len(word) < 3 for word in content):
        return None
    found = tuple(option for option in options if any(content <= set(name.split()) for name in names_of(option)))
    return Pick(found) if found else None


def by_spelling(said: str, options: Sequence[Option]) -> Pick | None:
    """The label that is closest in spelling, if it is close, and the others within the margin."""
    if len(said) < 3:
        return None
    scores = {option: max(score(said, name) for name in names_of(option) or ("",)) for option in options}
    best = max(scores.values(), default=0.0)
    if best < (_CLOSE_SHORT if len(said) <= _SHORT else _CLOSE):
        return None
    return Pick(tuple(option for option in options if scores[option] > best - _MARGIN), corrected=True)


def score(said: str, name: str) -> float:
    """How alike two folded texts are, 0 to 100, words in any order."""
    if not name or abs(len(said) - len(name)) > max(len(said), len(name)) * 0.4:
        return 0.0
    return max(fuzz.ratio(said, name), fuzz.token_sort_ratio(said, name) - 2)
