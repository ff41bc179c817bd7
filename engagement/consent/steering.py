"""What a participant wants of the walk-through, where the whole message says so: on, back, more, the document, a break."""

from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from engagement.answers.steering import read_command, without_fillers
from engagement.answers.text import Text
from engagement.answers.vocabulary import Phrases, entries, vocabulary

_FOLDER = Path(__file__).with_name("words")
_ENGLISH = "en"


class Wish(StrEnum):
    """What may be wished for. `NEXT` is also what agreeing means where nothing is asked."""

    DOCUMENT = "document"
    DECLINE = "decline"
    REPEAT = "repeat"
    MORE = "more"
    NEXT = "next"
    LATER = "later"
    BACK = "back"
    PERSON = "person"
    HELP = "help"


_COMMANDS = {
    "back": Wish.BACK,
    "pause": Wish.LATER,
    "person": Wish.PERSON,
    "help": Wish.HELP,
    "why": Wish.MORE,
    "skip": Wish.NEXT,
    "restart": Wish.REPEAT,
}
"""Commands of questionnaires that people carry over."""
_LISTED = (Wish.DOCUMENT, Wish.DECLINE, Wish.REPEAT, Wish.MORE, Wish.NEXT, Wish.LATER)


def read_wish(said: Text, *, language: str) -> Wish | None:
    """The wish that is the whole message, politeness aside; the other languages' words count too."""
    for spoken in dict.fromkeys((language, *_languages())):
        words, common = _words(spoken), vocabulary(spoken)
        bare = without_fillers(said.words, common)
        for wish in _LISTED:
            if words[wish.value].whole(said.words) or (bare and words[wish.value].whole(bare)):
                return wish
        command = read_command(said, common)
        if command is not None and command.kind in _COMMANDS:
            return _COMMANDS[command.kind]
    return None


@cache
def _languages() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yml")))


@cache
def _words(language: str) -> dict[str, Phrases]:
    """The phrase lists of a language; English where there are none."""
    spoken = language if language in _languages() else _ENGLISH
    said = yaml.safe_load((_FOLDER / f"{spoken}.yml").read_text(encoding="utf-8"))["phrases"]
    return {name: Phrases(entries(listed), f"{spoken}.yml, {name}") for name, listed in said.items()}
