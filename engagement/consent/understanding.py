"""What an answer to a teach-back question shows: understanding, the opposite, or nothing that can be relied on.

An option by its number or words counts as it is. An open answer is searched, clause by clause, for the phrases that the
document lists; a phrase behind a "not" says the opposite. Where nothing or both is found, the participant is asked to
choose: whether somebody has understood is never guessed.
"""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cache

from rapidfuzz import fuzz

from engagement.answers import Expectation, Option, Understood, read_answer
from engagement.answers.steering import find_refusal, read_refusal
from engagement.answers.text import Text, fold, read_text, to_words
from engagement.answers.vocabulary import Phrases, Vocabulary, vocabulary
from engagement.consent.document import Check

_CLAUSE = re.compile(r"[.,;:!?\n]+")
ALIKE = 90
"""Least likeness (of 100, letter for letter) of an answer to an option that it repeats."""
_REACH = 3
"""Words that a "not" reaches over: "that is not at all free"."""
NO_DAY = date(2000, 1, 1)
"""Choices are read without a calendar."""


class Shown(StrEnum):
    """What an answer shows. `DONT_KNOW`: they say so, and want it explained."""

    UNDERSTOOD = "understood"
    MISTAKEN = "mistaken"
    DONT_KNOW = "dont_know"
    UNSURE = "unsure"


def read_check(text: str, check: Check, *, language: str) -> Shown:
    """What a participant's answer to this question shows. Pure; any text."""
    said = read_text(text)
    exact = _exact(said, check, language)
    if exact is not None:
        return exact
    for spoken in dict.fromkeys((language, *check.understood)):
        found = read_open(said, check, language=spoken)
        if found is not None:
            return found
    words = vocabulary(language)
    if read_refusal(said, words) is not None:
        return Shown.DONT_KNOW
    chosen = _chosen(text, check, language)
    if chosen is not None:
        return _of_option(chosen, check)
    return Shown.DONT_KNOW if find_refusal(said, words) is not None else Shown.UNSURE


def read_open(said: Text, check: Check, *, language: str) -> Shown | None:
    """What the phrases of one language find in somebody's own words: unsure where they disagree, None where there are none."""
    understood = _phrases(check.understood.get(language, ()))
    mistaken = _phrases(check.mistaken.get(language, ()))
    found = {verdict for clause in _clauses(said) for verdict in _verdicts(clause, understood, mistaken, language)}
    if not found:
        return None
    return found.pop() if len(found) == 1 else Shown.UNSURE


def _verdicts(clause: str, understood: Phrases, mistaken: Phrases, language: str) -> Iterator[Shown]:
    hits = [
        (match.start(), match.end(), verdict)
        for phrases, verdict in ((understood, Shown.UNDERSTOOD), (mistaken, Shown.MISTAKEN))
        for match in phrases.matches(clause)
    ]
    for start, end, verdict in hits:
        if any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in hits):
            continue  # a longer phrase around it says what it means here
        turned = _turned(clause[:start], vocabulary(language))
        if turned is None:
            yield Shown.UNSURE
        elif turned:
            yield Shown.MISTAKEN if verdict is Shown.UNDERSTOOD else Shown.UNDERSTOOD
        else:
            yield verdict


def _turned(before: str, words: Vocabulary) -> bool | None:
    """Whether a "not" stands close before; None for a "no" that opens the clause: it may answer or deny."""
    pieces = before.split()
    near = pieces[-_REACH:]
    turning = [place for place, piece in enumerate(near) if words["turning"].whole(piece)]
    if not turning:
        return False
    if len(pieces) == len(near) and turning == [0] and near[0] == "no":
        return None
    return len(turning) % 2 == 1


def _clauses(said: Text) -> list[str]:
    return [words for part in _CLAUSE.split(said.plain) if (words := to_words(part))]


@cache
def _phrases(entries: tuple[str, ...]) -> Phrases:
    return Phrases(list(entries), "consent")


def _exact(said: Text, check: Check, language: str) -> Shown | None:
    """An option by its number or by its words, slips of the finger aside."""
    for number, option in enumerate(check.options, start=1):
        if said.words == str(number) or fuzz.ratio(said.words, fold(option.in_(language))) >= ALIKE:
            return _of_option(number, check)
    return None


def _chosen(text: str, check: Check, language: str) -> int | None:
    """An option by its place: "the second", "number 2". Part of an option's words is no choice of it."""
    options = tuple(Option(code=str(number), display=str(number)) for number in range(1, len(check.options) + 1))
    reading = read_answer(text, Expectation(kind="choice", options=options), language=language, today=NO_DAY)
    if isinstance(reading, Understood) and len(reading.values) == 1 and isinstance(reading.values[0], Option):
        return int(reading.values[0].code)
    return None


def _of_option(number: int, check: Check) -> Shown:
    return Shown.UNDERSTOOD if number in check.right else Shown.MISTAKEN
