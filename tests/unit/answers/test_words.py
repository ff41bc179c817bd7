"""The word files: the same sections in both languages, written so that they can match, and no unit without its names."""

import re

import pytest

from engagement.answers.text import fold, read_text
from engagement.answers.units import unit_named, unit_of
from engagement.answers.vocabulary import BrokenWords, Phrases, languages, read_words, vocabulary

APART = {"clock": {"past", "plus", "minus", "to"}, "dates": {"part", "skip"}}
"""What one language's grammar has and the other's has not: "half past eight", "ocho y media"."""


def test_both_languages_have_the_same_sections() -> None:
    assert languages() == ("en", "es")
    english, spanish = (read_words(language) for language in languages())
    assert english["phrases"].keys() == spanish["phrases"].keys()
    assert english["tables"].keys() == spanish["tables"].keys()


@pytest.mark.parametrize("table", ["clock", "dates"])
def test_both_languages_speak_of_the_same_things(table: str) -> None:
    english, spanish = (set(vocabulary(language).tables[table].values()) for language in languages())
    fixed = {code for code in english ^ spanish if code.startswith("fixed")}
    assert (english ^ spanish) - fixed <= APART[table]


@pytest.mark.parametrize("language", languages())
def test_table_words_are_folded(language: str) -> None:
    tables = vocabulary(language).tables
    words = [word for name in tables if name != "links" for word in tables[name]]
    assert len(words) > 200
    assert [word for word in words if fold(word) != word] == []


@pytest.mark.parametrize("language", languages())
def test_phrases_have_no_accent_capital_or_apostrophe(language: str) -> None:
    for name, said in read_words(language)["phrases"].items():
        assert re.findall(r"[A-ZÁÉÍÓÚÑáéíóúñ'’]", said) == [], name


def test_an_expression_that_cannot_be_used_is_named() -> None:
    with pytest.raises(BrokenWords, match=r"en\.yml, yes"):
        Phrases(["(a"], "en.yml, yes")


def test_every_unit_is_found_by_its_names() -> None:
    for code, said in read_words("units").items():
        unit = unit_of(code)
        assert unit is not None
        for name in (*said.get("names", ()), *said.get("weak", ())):
            assert unit_named(name, said["dimension"]) == unit, name
        assert said.get("partner", code) in read_words("units")


def test_a_folded_place_leads_back_to_the_original() -> None:
    text = read_text("  ¡Año  Ñandú, DON’T ½!")
    assert text.words == "ano nandu dont 1 2"
    assert text.original_from(text.plain.index("nandu"), text.plain.index(",")) == "Ñandú"
