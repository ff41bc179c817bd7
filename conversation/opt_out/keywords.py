"""The set words: the whole message is one of them, and nothing else."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from conversation.language.patterns import BrokenPatterns, list_of, read_word_files
from conversation.language.text import fold

FOLDER = Path(__file__).parent


class Keyword(StrEnum):
    """What a set word asks for."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


@cache
def keyword_table(folder: Path = FOLDER) -> Mapping[str, Keyword]:
    """Folded set word → keyword, all languages; `BrokenPatterns` if one word means two things."""
    table: dict[str, Keyword] = {}
    for language, content in read_word_files(folder).items():
        where = f"opt_out/{language}.yml"
        section = content.get("keywords")
        if not isinstance(section, dict):
            raise BrokenPatterns(f"{where}: 'keywords' must name STOP, START and HELP")
        for name, meaning in Keyword.__members__.items():
            for word in list_of(section, name, where):
                if table.setdefault(fold(word), meaning) is not meaning:
                    raise BrokenPatterns(f"{where}: '{word}' cannot mean {name} and {table[fold(word)]}")
    return table


def keyword(text: str) -> Keyword | None:
    """The set word that `text` is as a whole, in any language, whatever its case, accents, quotes, punctuation, emoji.

    Words of all languages count for everybody: a Spanish speaker knows STOP, and no language may be needed to leave.
    """
    return keyword_table().get(fold(text))
