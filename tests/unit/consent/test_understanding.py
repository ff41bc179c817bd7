"""What answers to the teach-back show: tables of answers as people give them, for both packs, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from engagement.consent import Check
from engagement.consent.understanding import Shown, read_check
from tests.unit.consent.documents import document

TABLES = Path(__file__).with_name("tables")
DOCUMENTS = {folder.name: document(folder.name) for folder in sorted(TABLES.iterdir())}


def check_of(slug: str, name: str) -> Check:
    """ "voluntary 1" → the first question of that concept."""
    concept, _, number = name.partition(" ")
    return next(each for each in DOCUMENTS[slug].concepts if each.id == concept).checks[int(number) - 1]


def cases() -> Iterator[tuple[str, str, str, Shown, str]]:
    for file in sorted(TABLES.glob("*/*.yml")):
        for name, rows in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            for shown, answers in rows.items():
                yield from ((file.parent.name, file.stem, name, Shown(shown), answer) for answer in answers)


CASES = list(cases())


@pytest.mark.parametrize(("slug", "language", "name", "shown", "answer"), CASES)
def test_an_answer(slug: str, language: str, name: str, shown: Shown, answer: str) -> None:
    assert read_check(answer, check_of(slug, name), language=language) is shown


@pytest.mark.parametrize("slug", DOCUMENTS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_question_is_in_the_tables(slug: str, language: str) -> None:
    wanted = {f"{concept.id} {number}" for concept in DOCUMENTS[slug].concepts for number in (1, 2)}
    assert {name for pack, spoken, name, _, _ in CASES if (pack, spoken) == (slug, language)} == wanted


@pytest.mark.parametrize("slug", DOCUMENTS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_options_by_number_and_by_their_words(slug: str, language: str) -> None:
    for concept in DOCUMENTS[slug].concepts:
        for check in concept.checks:
            for number, option in enumerate(check.options, start=1):
                wanted = Shown.UNDERSTOOD if number in check.right else Shown.MISTAKEN
                for said in (str(number), f"{number}.", option.in_(language), option.in_(language).upper()):
                    assert read_check(said, check, language=language) is wanted, said
