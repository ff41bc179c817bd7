"""What every shipped questionnaire keeps to: plain words in both languages, reasons for asking, a way to the end."""

import re
from collections.abc import Iterator

import pytest

from engagement.questionnaires import Form, Item, is_complete, to_response
from engagement.questionnaires.words import Words
from engagement.reading_level import check_reading_level
from engagement.words.segments import count_segments
from tests.unit.studies.scripts import SCRIPTS
from tests.unit.studies.shipped import LINKS, NAMES, expressions, form, pack_file, play

SENSITIVE = "https://perennial.example/fhir/StructureDefinition/sensitive"
VALIDATED = {"interest", "down", "sleep", "energy", "appetite", "failure", "focus", "pace", "self_harm", "hard"}
"""Items of the PHQ-9: their wording is part of the instrument and is not made easier."""

every = pytest.mark.parametrize(("slug", "name"), NAMES)


def is_sensitive(asked: Form, item: Item) -> bool:
    above: Item | None = item
    while above is not None:
        if SENSITIVE in above.signals:
            return True
        above = None if above.parent is None else asked.items[above.parent]
    return False


def said(item: Item) -> Iterator[Words]:
    yield from (item.text, item.prefix, item.help, item.entry_format, *(option.words for option in item.options))
    for unit in (item.unit, *item.units):
        if unit is not None and unit.display:
            yield Words(unit.display, (("es", unit.display),))


def test_there_are_questionnaires() -> None:
    assert set(SCRIPTS) == set(NAMES)


@every
def test_the_engine_supports_all_of_it(slug: str, name: str) -> None:
    asked = form(slug, name)
    assert [note for note in asked.notes if note.kind != "ignored"] == []
    assert {note.feature for note in asked.notes} <= {SENSITIVE}
    assert asked.status == "active"
    assert asked.url == f"https://perennial.example/fhir/Questionnaire/{slug}-{name}"
    assert re.fullmatch(r"\d+\.\d+\.\d+", asked.version)
    assert [link_id for link_id in asked.by_link if not re.fullmatch(r"[a-z][a-z0-9_]*", link_id)] == []


@every
def test_every_text_is_there_in_spanish(slug: str, name: str) -> None:
    asked = form(slug, name)
    assert asked.language == "en"
    words = [asked.title, *(words for item in asked.items for words in said(item) if words)]
    assert [each.default for each in words if "es" not in dict(each.translations)] == []
    assert [each.default for each in words for _, text in each.translations if not text.strip()] == []


@every
def test_every_question_says_why_it_is_asked(slug: str, name: str) -> None:
    assert [item.link_id for item in form(slug, name).items if item.askable and not item.help] == []


@every
def test_texts_are_plain(slug: str, name: str) -> None:
    fixed = VALIDATED if name == "phq9" else set()
    hard = [
        (item.link_id, language, words.in_(language), grade)
        for item in form(slug, name).items
        for words in ((item.help,) if item.link_id in fixed else (item.text, item.help))
        for language in ("en", "es")
        if (grade := check_reading_level(words.in_(language), language)) is not None and not item.hidden
    ]
    assert hard == []


@every
def test_a_choice_is_short(slug: str, name: str) -> None:
    for item in form(slug, name).items:
        assert len(item.options) <= 7, item.link_id
        for option in item.options:
            longest = max(len(option.words.in_(language)) for language in ("en", "es"))
            assert longest <= 30, (item.link_id, option.words)


@every
def test_what_may_go_by_sms_names_no_condition_and_fits(slug: str, name: str) -> None:
    asked = form(slug, name)
    terms = [term.lower() for term in pack_file(slug, "study.yml")["sensitive_terms"]]
    for item in asked.items:
        if is_sensitive(asked, item):
            continue
        for language in ("en", "es"):
            lines = [words.in_(language) for words in said(item)]
            assert [line for line in lines for term in terms if term in line.lower()] == [], item.link_id
            options = [f"{number}. {each.words.in_(language)}" for number, each in enumerate(item.options, start=1)]
            assert count_segments("\n".join([item.text.in_(language), *options])) <= 3, (item.link_id, language)


@every
def test_whoever_answers_comes_to_the_end_in_either_language(slug: str, name: str) -> None:
    """English and Spanish answers to the same effect make the same response."""
    asked, free = form(slug, name), {item.link_id for item in form(slug, name).items if item.type == "text"}
    reached: set[str] = set()
    for script in SCRIPTS[slug, name]:
        made = []
        for language in ("en", "es"):
            answers = {link_id: texts[language == "es"] for link_id, texts in script.items()}
            state, links = play(asked, answers, language=language)
            assert is_complete(state)
            assert script.keys() <= set(links)
            assert {note for note in state.notes if note.kind == "unsupported"} == set()
            items = to_response(state, texts=False)["item"]
            made.append((links, [entry for entry in items if entry["linkId"] not in free]))
            reached |= set(links)
        assert made[0] == made[1]
    assert [item.link_id for item in asked.items if item.askable and item.link_id not in reached] == []


@pytest.mark.parametrize("slug", sorted({slug for slug, _ in NAMES}))
def test_conditions_ask_for_items_that_are_there(slug: str) -> None:
    for questionnaire, name, text in expressions(slug):
        links = LINKS.findall(text)
        assert links, name
        assert [link_id for link_id in links if form(slug, questionnaire).item(link_id) is None] == [], name


@pytest.mark.parametrize("slug", sorted({slug for slug, _ in NAMES}))
def test_scores_are_calculated_and_texts_about_them_are_in_both_languages(slug: str) -> None:
    eligibility, check_ins = pack_file(slug, "eligibility.yml"), pack_file(slug, "check_ins.yml")
    texts = [each["meaning"] for each in eligibility["criteria"]]
    for each in check_ins["check_ins"]:
        asked = form(slug, each["questionnaire"])
        for link_id in each["scores"]:
            item = asked.item(link_id)
            assert item is not None, link_id
            assert item.calculated is not None, link_id
        texts += [each["title"], *(threshold["meaning"] for threshold in each["thresholds"])]
        terms = [term.lower() for term in pack_file(slug, "study.yml")["sensitive_terms"]]
        assert [term for term in terms for title in each["title"].values() if term in title.lower()] == []
    assert [each for each in texts if set(each) != {"en", "es"}] == []
    used = {eligibility["questionnaire"], *(each["questionnaire"] for each in check_ins["check_ins"])}
    assert used == {name for other, name in NAMES if other == slug}


@pytest.mark.parametrize("slug", sorted({slug for slug, _ in NAMES}))
def test_the_last_question_is_whether_to_write_about_other_studies(slug: str) -> None:
    last = [item for item in form(slug, "prescreen").items if item.askable][-1]
    assert (last.link_id, last.type, is_sensitive(form(slug, "prescreen"), last)) == ("recontact", "boolean", False)
