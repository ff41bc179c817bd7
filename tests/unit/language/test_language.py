"""Which language: measured on the short messages of the opt-out corpus and on the statements of triage, both ways round."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from conversation.language import LanguageReason, decide_language
from conversation.language.letters import count_runs, letters_of, load_letters, word_likelihoods, write_letters
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


def fresh(section: str) -> list[str]:
    corpus = yaml.safe_load((UNIT / "language" / "corpus" / "fresh.yml").read_text(encoding="utf-8"))
    return [line for line in corpus[section].splitlines() if line]


@pytest.mark.parametrize("language", SERVED)
def test_words_that_two_languages_share_seldom_hide_a_language(language: str) -> None:
    """Mostly fragments of two or three words, a third of them alike in both languages: the hard end."""
    cases = [text for text in fresh(language) if sum(map(str.isalpha, text)) >= 8]
    (other,) = set(SERVED) - {language}
    kept = [text for text in cases if decide_language(text, current=language, served=SERVED).language != language]
    missed = [text for text in cases if decide_language(text, current=other, served=SERVED).language != language]
    assert len(cases) >= 115
    assert len(kept) <= 0.01 * len(cases), kept
    assert len(missed) <= 0.1 * len(cases), missed


@pytest.mark.parametrize("text", fresh("never"))
@pytest.mark.parametrize("current", SERVED)
def test_names_and_set_words_never_switch(text: str, current: str) -> None:
    assert not decide_language(text, current=current, served=SERVED).switched


def test_letters_tell_words_that_no_list_has() -> None:
    for word, better in (("heaviness", 0), ("lighthouse", 0), ("lloviznaba", 1), ("enflaqueci", 1)):
        likelihoods = word_likelihoods(word, SERVED)
        assert likelihoods
        assert likelihoods[better] > likelihoods[1 - better] + 5, word
    assert word_likelihoods("heaviness", ("en", "fr")) is None


def test_a_model_of_letters_adds_up() -> None:
    model = letters_of(count_runs({"ana": 2, "nan": 1}))
    assert model.log_likelihood("ana") > model.log_likelihood("nan") > model.log_likelihood("xyz")
    assert model._probability("_", "a") + model._probability("_", "n") < 1


def test_without_its_file_the_word_lists_and_the_detector_judge(tmp_path: Path) -> None:
    assert load_letters(tmp_path / "letters.json.gz") == {}
    (tmp_path / "two.json.gz").write_bytes(b"no gzip")
    assert load_letters(tmp_path / "two.json.gz") == {}
    write_letters({"en": {"_a": 2}}, "runs", tmp_path / "three.json.gz")
    assert load_letters(tmp_path / "three.json.gz")["en"].runs == {"_a": 2}


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
        "how do you say fever in Spanish",
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
