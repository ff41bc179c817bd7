"""Which patterns can meet a text at all: a message of thirty words need not be held against seven hundred patterns.

Each pattern is read once for what any of its matches must contain: a word that begins in one of a few ways. A text is
held only against the patterns whose beginnings it has. A pattern that can't be read is always tried, so an index
never loses a match (tests hold every corpus against the patterns alone).
"""

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

KEY = 4
"""Letters of a word's beginning that are compared."""

MOST = 1500
"""Beginnings a pattern may have before it is tried always instead."""

COMMON = 40.0
"""How much more a word of one or two letters weighs in a choice: nearly every message has it."""

_ZERO_WIDTH = (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT)
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_SPACE = ord(" ")
Ops = Sequence[tuple[Any, Any]]


class _Unreadable(Exception):
    """No short list of beginnings stands for this part."""


class PatternIndex:
    """Patterns in order, found by the words of a text; `pick` gives the places of those that may match."""

    def __init__(self, patterns: Iterable[re.Pattern[str]]) -> None:
        self.patterns = tuple(patterns)
        self._always: list[int] = []
        self._by_key: dict[str, list[int]] = {}
        for place, pattern in enumerate(self.patterns):
            keys = _keys_of(pattern.pattern)
            if keys is None:
                self._always.append(place)
            for key in keys or ():
                self._by_key.setdefault(key, []).append(place)

    def pick(self, text: str) -> list[int]:
        """Places, rising, of the patterns that may match `text` (folded words, one space apart)."""
        found = set(self._always)
        for key in {word[:KEY] for word in text.split()} & self._by_key.keys():
            found.update(self._by_key[key])
        return sorted(found)

    def meets(self, text: str) -> bool:
        """Is any of the patterns found in `text`?"""
        return any(self.patterns[place].search(text) for place in self.pick(text))

    def cut(self, text: str) -> str:
        """`text` with every match put as `_`, pattern by pattern."""
        for place in self.pick(text):
            text = self.patterns[place].sub("_", text)
        return text


@cache
def _keys_of(pattern: str) -> frozenset[str] | None:
    try:
        return _best(list(_parser.parse(pattern)))
    except _Unreadable:
        return None


def _best(ops: Ops) -> frozenset[str]:
    """The beginnings, one of which a match of `ops` must have, at the word where they are rarest."""
    solid = [op for op in ops if op[0] not in _ZERO_WIDTH]
    choices = list(_choices(solid))
    if not choices:
        raise _Unreadable
    return min(choices, key=lambda keys: sum(COMMON if len(key) <= 2 else 1.0 for key in keys))


def _choices(ops: Ops) -> Iterator[frozenset[str]]:
    if len(ops) == 1 and ops[0][0] in (_constants.SUBPATTERN, _constants.BRANCH):
        kind, value = ops[0]
        branches = [value[-1]] if kind is _constants.SUBPATTERN else value[1]
        with contextlib.suppress(_Unreadable):
            yield frozenset().union(*(_best(list(branch)) for branch in branches))
    starts = True
    for place, op in enumerate(ops):
        if starts:
            try:
                keys = {text for text, _ in _beginnings(ops[place:], {("", False)})}
            except _Unreadable:
                keys = set()
            if keys and "" not in keys:
                yield frozenset(keys)
        starts = _ends_a_word(op, starts)


def _ends_a_word(op: tuple[Any, Any], before: bool) -> bool:
    """Does a word surely begin after `op`, where one began before it or not (`before`)?"""
    kind, value = op
    if kind is _constants.LITERAL:
        return bool(value == _SPACE)
    if kind in _ZERO_WIDTH:
        return before
    if kind in _REPEATS:
        return _sequence_ends(list(value[2]), before) and (value[0] > 0 or before)
    if kind is _constants.SUBPATTERN:
        return _sequence_ends(list(value[-1]), before)
    if kind is _constants.BRANCH:
        return all(_sequence_ends(list(branch), before) for branch in value[1])
    return False


def _sequence_ends(ops: Ops, before: bool) -> bool:
    for op in ops:
        before = _ends_a_word(op, before)
    return before


Beginnings = set[tuple[str, bool]]
"""The first letters of a word, and whether no more are needed: `KEY` letters, or the word's end."""


def _beginnings(ops: Ops, begun: Beginnings) -> Beginnings:
    for op in ops:
        whole = {each for each in begun if each[1]}
        if len(whole) == len(begun):
            return begun
        begun = whole | _extend(op, begun - whole)
        if len(begun) > MOST:
            raise _Unreadable
    return begun


def _extend(op: tuple[Any, Any], begun: Beginnings) -> Beginnings:
    kind, value = op
    if kind in _ZERO_WIDTH:
        return begun
    if kind is _constants.LITERAL:
        return {_add(text, value) for text, _ in begun}
    if kind is _constants.IN and all(each[0] is _constants.LITERAL for each in value):
        return {_add(text, code) for text, _ in begun for _, code in value}
    if kind is _constants.SUBPATTERN:
        return _beginnings(list(value[-1]), begun)
    if kind is _constants.BRANCH:
        return set().union(*(_beginnings(list(branch), begun) for branch in value[1]))
    if kind in _REPEATS:
        least, most, inner = value
        done: Beginnings = set() if least else set(begun)
        for times in range(1, min(int(most), KEY + 1) + 1):
            begun = _beginnings(list(inner), begun)
            done |= begun if times >= least else {each for each in begun if each[1]}
            begun = {each for each in begun if not each[1]}
            if not begun:
                break
        return done
    raise _Unreadable


def _add(text: str, code: int) -> tuple[str, bool]:
    if code == _SPACE:
        if not text:
            raise _Unreadable
        return text, True
    return text + chr(code), len(text) + 1 == KEY
