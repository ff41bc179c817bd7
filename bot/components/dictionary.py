"""Tells words from noise: "frumious vortig nambo" must not be read as whatever its letters happen to resemble.

A classifier on letters and vectors always finds something that is nearest. So a message in which not one word was ever
seen (in the examples, in an encoder's vocabulary, or but for a slip of the finger) is not read at all.
"""

from __future__ import annotations

import re
from typing import Callable, Dict, Iterable, List

from components.ngrams import fold

# Letters only: numbers and signs are nobody's words and nobody's noise.
_WORD = re.compile(r"[^\W\d_]+")

# Shorter words are too near to one another for a slip to tell anything, or to say that a message is noise.
_LEAST_FOR_SLIP = 5
_LEAST_FOR_NOISE = 3


class Dictionary:
    """The words of the examples, folded."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = set(words)
        self._by_length: Dict[int, List[str]] = {}
        for word in sorted(self._words):
            self._by_length.setdefault(len(word), []).append(word)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Dictionary:
        """All words of `texts`."""
        return cls({word for text in texts for word in _WORD.findall(fold(text))})

    def words(self) -> List[str]:
        """In order."""
        return sorted(self._words)

    def is_noise(self, text: str, knows: Callable[[str], bool]) -> bool:
        """Whether `text` has words and none of them is one. `knows`: further words (lower case, accents kept)."""
        spoken = _WORD.findall(text.lower())
        if not any(len(word) >= _LEAST_FOR_NOISE for word in spoken):
            return False
        return not any(fold(word) in self._words or knows(word) for word in spoken) and not any(
            self._is_slip(fold(word)) for word in spoken
        )

    def _is_slip(self, word: str) -> bool:
        if len(word) < _LEAST_FOR_SLIP:
            return False
        lengths = range(len(word) - 1, len(word) + 2)
        return any(one_slip_apart(word, other) for length in lengths for other in self._by_length.get(length, ()))


def one_slip_apart(one: str, other: str) -> bool:
    """Whether a letter added, left out, replaced, or two neighbours swapped make the one the other."""
    if len(one) > len(other):
        one, other = other, one
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return len(other) - len(one) == 1 and one[start:] == other[start + 1 :]
    swapped = one[start + 1 : start + 2] + one[start : start + 1] + one[start + 2 :]
    return one[start + 1 :] == other[start + 1 :] or swapped == other[start:]
