"""The words that reading wishes and changes knows, one YAML file a language (`words/`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from engagement.answers.vocabulary import Phrases, entries

_FOLDER = Path(__file__).with_name("words")


@dataclass(frozen=True, kw_only=True)
class Words:
    """What one language's file holds. `questions` ask about leaving; `before` ends a text that turns a wish round.

    `per_year` has a number n or m, as in `numbers` or in digits.
    """

    wishes: Mapping[str, Phrases]
    questions: Phrases
    before: re.Pattern[str]
    purposes: Mapping[str, Phrases]
    off: Phrases
    on: Phrases
    only: Phrases
    channels: Mapping[str, Phrases]
    per_year: Phrases
    numbers: Mapping[str, int]
    nothing: Phrases


@cache
def words(language: str) -> Words:
    """The words of a language that there are words for."""
    content: dict[str, Any] = yaml.safe_load((_FOLDER / f"{language}.yml").read_text(encoding="utf-8"))

    def phrases(name: str) -> Phrases:
        return Phrases(entries(content[name]), f"{language}.yml, {name}")

    def table(name: str) -> dict[str, Phrases]:
        return {key: Phrases(entries(said), f"{language}.yml, {key}") for key, said in content[name].items()}

    before = "|".join(entries(content["not_wishes"]))
    return Words(
        wishes=table("wishes"),
        questions=phrases("questions"),
        before=re.compile(rf"(?<![^\W_])(?:{before})$"),
        purposes=table("purposes"),
        off=phrases("off"),
        on=phrases("on"),
        only=phrases("only"),
        channels=table("channels"),
        per_year=phrases("per_year"),
        numbers=content["numbers"],
        nothing=phrases("nothing"),
    )


def all_words(language: str) -> tuple[Words, ...]:
    """The conversation's language first, then the others: people mix."""
    known = sorted(path.stem for path in _FOLDER.glob("??.yml"))
    first = language[:2].lower() if language[:2].lower() in known else "en"
    return (words(first), *(words(other) for other in known if other != first))
