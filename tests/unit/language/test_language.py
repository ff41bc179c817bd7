"""Which language: measured on the short messages of the opt-out corpus and on the statements of triage, both ways round."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from conversation.language import LanguageReason, decide_language
from conversation.triage.statements import read_statements

UNIT = Path(__file__).parent.parent
SERVED = ("en", "es")


def messages(language: str) -> Iterator[str]:
    corpus = yaml.safe_load((UNIT / "opt_out" / "corpus" / f"{language}.yml").read_text(encoding="utf-8"))
    lines = [line for section in corpus.values() for line in section.splitlines()]
    statements = [each.text for each in read_statements() if each.language == language and each.weight == 1.0]
    yield from (line for line in (*lines, *statements) if sum(map(str.isalpha, line)) >= 8)


@pytest.mark.parametrize("language", SERVED)
@pytest.mark.parametrize("current", SERVED)
def test_short_messages_of_patients(language: str, current: str) -> None:
    cases = list(messages(language))
    wrong = [text for text in cases if decide_language(text, current=current, served=SERVED).language != language]
    assert len(cases) >= 2000
    assert len(wrong) <= 0.05 * len(cases), wrong


NEVER = """STOP|HELP|OK|Ok ok ok ok|5|12345678901|🙂|🙂🙂🙂🙂🙂🙂🙂🙂|jaja|jajajajaja
hahahahaha|ALTO|CANCELAR|UNSUBSCRIBE|INFORMACION|AYUDA
Juan Carlos Rodríguez|maria fernanda lopez|John Smith|Elizabeth Montgomery|Guadalupe Hernández
a@example.org|https://example.org/hola-como-estas|LRRK2 G2019S
10/12/2026||   |no no no no no"""


@pytest.mark.parametrize("text", NEVER.replace("\n", "|").split("|"))
@pytest.mark.parametrize("current", SERVED)
def test_what_never_switches(text: str, current: str) -> None:
    decision = decide_language(text, current=current, served=SERVED)
    assert (decision.language, decision.switched) == (current, False)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("español", "es"),
        ("ESPAÑOL", "es"),
        ("en español por favor", "es"),
        ("Spanish please", "es"),
        ("habla español?", "es"),
        ("do you speak Spanish?", "es"),
        ("can we do this in spanish", "es"),
        ("no hablo inglés", "es"),
        ("I don't speak English, sorry", "es"),
        ("english", "en"),
        ("in English please", "en"),
        ("ingles", "en"),
        ("can you text me in english", "en"),
        ("no hablo español", "en"),
    ],
)
@pytest.mark.parametrize("current", SERVED)
def test_a_word_from_the_participant_decides(text: str, language: str, current: str) -> None:
    decision = decide_language(text, current=current, served=SERVED)
    assert (decision.language, decision.reason) == (language, LanguageReason.ASKED)
    assert decision.switched is (language != current)


@pytest.mark.parametrize(
    "text",
    [
        "my mom only speaks Spanish",
        "the form was in Spanish",
        "Please not in Spanish anymore",
        "I am taking a spanish class",
    ],
)
def test_speaking_of_a_language_is_not_asking_for_it(text: str) -> None:
    assert decide_language(text, current="en", served=SERVED).language == "en"


def test_asking_for_a_language_that_is_not_served_changes_nothing() -> None:
    assert decide_language("español", current="en", served=("en",)).switched is False


def test_a_stored_language_that_is_not_served_becomes_the_first_served() -> None:
    assert decide_language("ok", current="fr", served=SERVED).language == "en"


def test_a_language_without_a_word_file_rests_on_the_detector() -> None:
    served = ("en", "fr")
    text = "Bonjour, je voudrais savoir combien de temps durent les résultats"
    assert decide_language(text, current="en", served=served).language == "fr"
    assert decide_language("How long do the results take to come back?", current="fr", served=served).language == "en"


def test_the_same_answer_every_time_and_from_every_thread() -> None:
    texts = [*messages("es")][:60] * 3
    once = [decide_language(text, current="en", served=SERVED) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: decide_language(text, current="en", served=SERVED), texts)) == once


@pytest.mark.parametrize(
    "text", ["\x00" * 20, "‮" * 20, "Привет как дела", "你好你好你好你好你好", "a" * 20000, "?!" * 3000]
)
def test_odd_input_keeps_the_language_on_record(text: str) -> None:
    assert decide_language(text, current="es", served=SERVED).language == "es"
