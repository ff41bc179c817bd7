"""An option by its place in the list: "2", "b", "option 2", "the second one", "the last one".

A letter is a place only alone, as "option a", or in a list of letters: "a friend" is no "a".
"""

import re
from collections.abc import Sequence

from engagement.answers.expectation import Option
from engagement.answers.labels import Pick, by_spelling, by_words, exact, names_of
from engagement.answers.text import fold
from engagement.answers.vocabulary import Vocabulary

_PLACE = re.compile(r"(\d{1,3})(?:st|nd|rd|th|a|o|ra|ro|da|do|ta|to|er|era)?")
_RANGE = re.compile(r"(\d+)(?: (?:to|a|y|and|through|hasta) | ?- ?)(\d+)")
_MORE = re.compile(r"(\d+) (?:or more|or over|o mas|and over|plus)|(\d+) ?\+|(?:over|more than|mas de) (\d+)")
_LESS = re.compile(r"(?:less than|under|fewer than|menos de|below) (\d+)")
_LETTER = re.compile(r"[a-z]")
_FAR = 4
"""From the fifth place on a letter may as well be the first of a label: "f" for father."""


def pick(said: str, options: Sequence[Option], words: Vocabulary) -> Pick | None:
    """The option that a piece of a message means, best way first."""
    if found := exact(said, options):
        return Pick((found,))
    return by_place(said, options, words) or by_words(said, options, words) or by_spelling(said, options, words)


def by_place(said: str, options: Sequence[Option], words: Vocabulary, *, listed: bool = False) -> Pick | None:
    """A number, a letter, an ordinal; a number also where a label's range holds it. `listed`: one of several places."""
    if words["last_option"].whole(said):
        return Pick((options[-1],))
    bare = bare_place(said, words)
    ordinals, numbers = words.tables["ordinals"], words.tables["numbers"]
    if _LETTER.fullmatch(bare):
        return _by_letter(bare, options, words, alone=bare == said and not listed, listed=listed)
    if bare == said and words.tables["links"].get(bare) == "article":
        return None
    match = _PLACE.fullmatch(bare)
    value = int(match[1]) if match else int(ordinals.get(bare, numbers.get(bare, 0)))
    if match is None and not value:
        return None
    numbered = [options[value - 1]] if 0 < value <= len(options) else []
    holding = [option for option in options if _holds(option, value)] if bare.isdigit() else []
    found = tuple(dict.fromkeys(numbered + holding))
    return Pick(found) if found else None


def is_letter(said: str) -> bool:
    """One letter and nothing else, not even "option" before it."""
    return _LETTER.fullmatch(said) is not None


def is_place(said: str, words: Vocabulary) -> bool:
    """Does it have the form of a place in a list, whatever the list?"""
    bare = bare_place(said, words)
    known = bare in words.tables["ordinals"] or bare in words.tables["numbers"]
    return known or _LETTER.fullmatch(bare) is not None or _PLACE.fullmatch(bare) is not None


def _by_letter(letter: str, options: Sequence[Option], words: Vocabulary, *, alone: bool, listed: bool) -> Pick | None:
    place = ord(letter) - ord("a")
    if place >= len(options):
        return None if listed or words["little_words"].whole(letter) else _by_initial(letter, options)
    if not alone:
        return Pick((options[place],))
    others = [option for option in options if option != options[place] and _first_letter(option, words) == letter]
    return Pick((options[place], *(others if place >= _FAR else ())))


def _first_letter(option: Option, words: Vocabulary) -> str:
    name = fold(option.display).split()
    return next((word[0] for word in name if not words["little_words"].whole(word)), "")


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
