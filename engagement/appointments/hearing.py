"""What a reply to a reminder says: they come, they can't, or something else. Pure."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from engagement.answers.steering import without_fillers
from engagement.answers.text import Text, read_text, to_words
from engagement.answers.vocabulary import Phrases, Vocabulary, entries, languages, vocabulary

_FOLDER = Path(__file__).with_name("words")
_CLAUSE = re.compile(r"[.,;!?\n]+")


class Reply(StrEnum):
    """`MOVE`: another time is wanted, or none at all: a person sorts it out."""

    CONFIRM = "confirm"
    MOVE = "move"


@cache
def _words(language: str) -> Mapping[str, Phrases]:
    said = yaml.safe_load((_FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    return {name: Phrases(entries(text), f"{language}.yml, {name}") for name, text in said.items()}


def hear_reply(text: str, *, language: str) -> Reply | None:
    """Read the answer to "can you come?"; None where it is none: a question, or talk of something else.

    "I can't make it" is a wish to move, whatever stands around it: a seat kept by mistake costs more than a call.
    `language`: the conversation's; the other languages' words are tried too.
    """
    said = read_text(text)
    for spoken in sorted(languages(), key=lambda each: each != language[:2]):
        reply = _hear(said, _words(spoken), vocabulary(spoken))
        if reply is not None:
            return reply
    return None


def _hear(said: Text, words: Mapping[str, Phrases], spoken: Vocabulary) -> Reply | None:
    if words["keep"].inside(said.words):
        return Reply.CONFIRM
    if words["move"].inside(said.words):
        return Reply.MOVE
    clauses = [clause for part in _CLAUSE.split(said.plain) if (clause := to_words(part))]
    # "Good" may be all that they say; "good question" is none of it.
    for clause in dict.fromkeys((*clauses[:1], said.words)):
        for plain in dict.fromkeys((clause, without_fillers(clause, spoken))):
            if words["confirm"].whole(plain) or _is(spoken, ("yes", "yes_whole"), plain):
                return Reply.CONFIRM
            if _is(spoken, ("no", "no_whole"), plain):
                return Reply.MOVE
    return None


def _is(spoken: Vocabulary, names: tuple[str, ...], clause: str) -> bool:
    return any(spoken[name].whole(clause) for name in names)
