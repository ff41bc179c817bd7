"""What `perennial nlu parse` says of a message, from the judges' verdicts and a parse of the bot."""

import json
from collections.abc import Sequence

import pytest
from typer.testing import CliRunner

from service.cli.nlu import app
from service.understanding import Reading, as_json, read_message

SERVED = ("en", "es")


def read(text: str, intent: str, *topics: str, language: str = "en") -> Reading:
    parse = {"intent": {"name": intent, "confidence": 0.9}, "topics": [f"faq/{topic}" for topic in topics]}
    return read_message(text, parse, language=language, served=SERVED)


@pytest.mark.parametrize(
    ("text", "intent", "topics", "in_scope", "triage", "opt_out"),
    [
        ("how much does it cost", "faq/cost", ["cost"], True, "none", "no"),
        ("how much is it and who sees it", "faq/cost", ["cost", "privacy_data_use"], True, "none", "no"),
        ("hello", "greet", [], True, "none", "no"),
        ("can I talk to a person", "ask_person", [], True, "none", "no"),
        ("what is the capital of France", "out_of_scope", [], False, "none", "no"),
        ("asdf qwer", "nlu_fallback", [], False, "none", "no"),
        ("tell me a joke", "small_talk", [], False, "none", "no"),
        ("should I take it with food", "medical_advice", [], False, "advice", "no"),
        ("should I eat before it and what does it cost", "medical_advice", ["cost"], True, "advice", "no"),
        # What ends the turn leaves nothing to answer, whatever was understood.
        ("I want to kill myself", "faq/cost", ["cost"], False, "crisis", "no"),
        ("STOP", "faq/withdraw", ["withdraw"], False, "none", "yes"),
        ("HELP", "ask_person", [], True, "none", "no"),
    ],
)
def test_what_would_be_answered(
    text: str, intent: str, topics: Sequence[str], in_scope: bool, triage: str, opt_out: str
) -> None:
    reading = read(text, intent, *topics)
    assert (reading.in_scope, reading.triage, reading.opt_out) == (in_scope, triage, opt_out)
    assert reading.topics == (tuple(topics) if in_scope else ())


def test_triggers_say_why() -> None:
    (trigger, *_) = read("I want to kill myself", "distress").triggers
    assert "crisis" in trigger
    assert "kill" in trigger


def test_language_is_the_services_own_decision() -> None:
    assert read("cuánto cuesta la prueba genética", "faq/cost", "cost").language == "es"
    assert read("ok", "affirm", language="es").language == "es"


def test_one_line_of_json_with_accents() -> None:
    line = as_json(read("cuánto\ncuesta", "faq/cost", "cost"))
    assert "\n" not in line
    assert "cuánto" in line
    assert set(json.loads(line)) == {
        "text", "language", "intent", "confidence", "in_scope", "topics", "triage", "triggers", "opt_out",
    }  # fmt: skip


def test_parse_wants_one_source() -> None:
    assert CliRunner().invoke(app, ["parse"]).exit_code == 2
