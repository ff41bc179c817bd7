"""What an answer to an invitation says: yes, not now, never again, or something else. Pure."""

from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from engagement.answers import Expectation, LooksLikeQuestion, Understood, read_answer
from engagement.answers.steering import without_fillers
from engagement.answers.text import read_text
from engagement.answers.vocabulary import Phrases, entries, languages, vocabulary

_FOLDER = Path(__file__).with_name("words")
_YES_OR_NO = Expectation(kind="boolean")
_ANY_DAY = date(2000, 1, 1)
"""A yes or a no is the same on every day."""


class Interest(StrEnum):
    """`LATER`: a plain no as well. Nobody who says no to one study has said no to all."""

    YES = "yes"
    LATER = "later"
    NEVER = "never"


@cache
def _words(language: str) -> dict[str, Phrases]:
    said = yaml.safe_load((_FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    return {name: Phrases(entries(text), f"{language}.yml, {name}") for name, text in said.items()}


def hear_interest(text: str, *, language: str) -> Interest | None:
    """Read the answer to "would you like to hear of another study?"; None where it is none.

    What ends things is heard before what begins them: an invitation less costs nothing. `language`: the conversation's; the
    other languages' words are tried too.
    """
    said = read_text(text)
    reading = read_answer(text, _YES_OR_NO, language=language, today=_ANY_DAY)
    for spoken in sorted(languages(), key=lambda each: each != language[:2]):
        words = _words(spoken)
        plainly = {said.words, without_fillers(said.words, vocabulary(spoken))}
        if words["never"].inside(said.words):
            return Interest.NEVER
        if words["later"].inside(said.words):
            return Interest.LATER
        if any(map(words["gladly"].whole, plainly)) and not isinstance(reading, LooksLikeQuestion):
            return Interest.YES
    if isinstance(reading, Understood):
        return Interest.YES if reading.values[0] is True else Interest.LATER
    return None
