"""The formulas against texts counted by hand, and what is no word."""

import pytest

from engagement.reading_level import Counts, NoFormula, check_reading_level, count, reading_level, syllables

EASY = {"en": "The cat sat. It was hot. We ran home.", "es": "El sol da luz. El gato va. Yo leo un libro."}
HARD = {
    "en": "Participation necessitates comprehensive documentation regarding pharmacological susceptibility.",
    "es": "La participación requiere documentación comprensiva relacionada con la susceptibilidad farmacológica.",
}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The test is free. You can stop at any time.", "en", Counts(sentences=2, words=10, syllables=11)),
        ("La prueba es gratis. Puede salir.", "es", Counts(sentences=2, words=6, syllables=10)),
        ("One\n\nTwo", "en", Counts(sentences=2, words=2, syllables=2)),
        ("From 8 a. m. to 6 p. m. at 3.5 of it", "en", Counts(sentences=1, words=5, syllables=5)),
        ("", "en", Counts(sentences=0, words=0, syllables=0)),
    ],
)
def test_counts(text: str, language: str, expected: Counts) -> None:
    assert count(text, language) == expected


def test_flesch_kincaid_by_hand() -> None:
    assert reading_level("The test is free. You can stop at any time.", "en") == pytest.approx(
        max(0.0, 0.39 * 10 / 2 + 11.8 * 11 / 10 - 15.59)
    )
    assert reading_level("Genetic counselors explain results.", "en") == pytest.approx(0.39 * 4 + 11.8 * 10 / 4 - 15.59)


def test_fernandez_huerta_by_hand() -> None:
    ease = 206.84 - 60 * 10 / 6 - 1.02 * 6 / 2
    assert reading_level("La prueba es gratis. Puede salir.", "es") == pytest.approx((140 - ease) / 10)


@pytest.mark.parametrize("language", ["en", "es"])
def test_easy_and_hard(language: str) -> None:
    assert check_reading_level(EASY[language], language) is None
    assert (check_reading_level(HARD[language], language) or 0) > 12


@pytest.mark.parametrize(
    "more",
    ["{contact.coordinator}", "https://example.org/genetics/overview", "medlineplus.gov/genetics", "+1 202-555-0143"],
)
def test_what_is_no_word(more: str) -> None:
    assert count(f"Call us at {more} now", "en") == count("Call us at now", "en")


@pytest.mark.parametrize(
    ("word", "language", "number"),
    [
        ("genetic", "en", 3),
        ("laboratory", "en", 5),
        ("used", "en", 1),
        ("tested", "en", 2),
        ("table", "en", 2),
        ("the", "en", 1),
        ("you", "en", 1),
        ("variant", "en", 3),
        ("idea", "en", 3),
        ("trial", "en", 2),
        ("nation", "en", 2),
        ("million", "en", 2),
        ("quality", "en", 3),
        ("quiere", "es", 2),
        ("guerra", "es", 2),
        ("día", "es", 2),
        ("ciudad", "es", 2),
        ("cuídese", "es", 3),
        ("ayuda", "es", 3),
        ("ahora", "es", 3),
        ("averigüe", "es", 4),
        ("y", "es", 1),
    ],
)
def test_syllables(word: str, language: str, number: int) -> None:
    assert syllables(word, language) == number


def test_other_languages_have_no_formula() -> None:
    with pytest.raises(NoFormula):
        reading_level("Bonjour.", "fr")
    assert check_reading_level("Bonjour.", "fr") is None
