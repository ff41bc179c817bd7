"""What answers to the teach-back show: tables of answers as people give them, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from engagement.consent import Check
from engagement.consent.understanding import Shown, read_check
from tests.unit.consent.documents import DOCUMENT

TABLES = Path(__file__).with_name("tables")


def check_of(name: str) -> Check:
    """ "voluntary 1" → the first question of that concept."""
    concept, _, number = name.partition(" ")
    return next(each for each in DOCUMENT.concepts if each.id == concept).checks[int(number) - 1]


def cases() -> Iterator[tuple[str, str, Shown, str]]:
    for language in ("en", "es"):
        for name, rows in yaml.safe_load((TABLES / f"{language}.yml").read_text(encoding="utf-8")).items():
            for shown, answers in rows.items():
                yield from ((language, name, Shown(shown), answer) for answer in answers)


CASES = list(cases())


@pytest.mark.parametrize(("language", "name", "shown", "answer"), CASES)
def test_an_answer(language: str, name: str, shown: Shown, answer: str) -> None:
    assert read_check(answer, check_of(name), language=language) is shown


def test_every_question_is_in_both_tables() -> None:
    wanted = {f"{concept.id} {number}" for concept in DOCUMENT.concepts for number in (1, 2)}
    assert {name for language, name, _, _ in CASES if language == "en"} == wanted
    assert {name for language, name, _, _ in CASES if language == "es"} == wanted


@pytest.mark.parametrize("language", ["en", "es"])
def test_options_by_number_and_by_their_words(language: str) -> None:
    for concept in DOCUMENT.concepts:
        for check in concept.checks:
            for number, option in enumerate(check.options, start=1):
                wanted = Shown.UNDERSTOOD if number in check.right else Shown.MISTAKEN
                for said in (str(number), f"{number}.", option.in_(language), option.in_(language).upper()):
                    assert read_check(said, check, language=language) is wanted, said
