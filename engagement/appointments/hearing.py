"""What a reply to a reminder says: they come, they can't, or something else. Pure."""

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


class Reply(StrEnum):
    """`MOVE`: another time is wanted, or none at all: a person sorts it out."""

    CONFIRM = "confirm"
    MOVE = "move"


@cache
def _words(language: str) -> dict[str, Phrases]:
    said = yaml.safe_load((_FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    return {name: Phrases(entries(text), f"{language}.yml, {name}") for name, text in said.items()}


def hear_reply(text: str, *, language: str) -> Reply | None:
    """Read the answer to "can you come?"; None where it is none: a question, or talk of something else.

    "I can't make it" is a wish to move, whatever stands around it: a seat kept by mistake costs more than a call.
    `language`: the conversation's; the other languages' words are tried too.
    """
    said = read_text(text)
    reading = read_answer(text, _YES_OR_NO, language=language, today=_ANY_DAY)
    for spoken in sorted(languages(), key=lambda each: each != language[:2]):
        words = _words(spoken)
        keeps = words["keep"].inside(said.words)
        if not keeps and words["move"].inside(said.words):
            return Reply.MOVE
        plainly = {said.words, without_fillers(said.words, vocabulary(spoken))}
        if keeps or (any(map(words["confirm"].whole, plainly)) and not isinstance(reading, LooksLikeQuestion)):
            return Reply.CONFIRM
    if isinstance(reading, Understood):
        return Reply.CONFIRM if reading.values[0] is True else Reply.MOVE
    return None
