"""Opt-out in set words and in free words, measured on our own corpora; `held.yml` was set aside while tuning."""

from pathlib import Path

import pytest
import yaml

from conversation.language.patterns import BrokenPatterns
from conversation.messages import ChannelName
from conversation.opt_out import Keyword, OptOutVerdict, judge_opt_out, keep, keyword, narrowed
from conversation.opt_out.free_text import _load
from conversation.opt_out.keywords import keyword_table

CORPUS = Path(__file__).parent / "corpus"


def lines(file: str, section: str) -> list[str]:
    content = yaml.safe_load((CORPUS / f"{file}.yml").read_text(encoding="utf-8"))
    return [line for line in content.get(section, "").splitlines() if line]


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        "Stop.",
        "STOP!!!",
        '"STOP"',
        "“Stop”",
        "stop 🛑",
        " stop\n",
        "STOPALL",
        "stop all",
        "UNSUBSCRIBE",
        "End",
        "QUIT",
        "cancel",
        "REVOKE",
        "OPTOUT",
        "opt out",
        "OPT-OUT",
        "ALTO",
        "¡Alto!",
        "parar",
        "PARE",
        "Baja",
        "cancelar",
        "detener",
        "terminar",
        "fin",
        "salir",
        "ＳＴＯＰ",
    ],
)
def test_stop_words(text: str) -> None:
    assert keyword(text) is Keyword.STOP
    assert judge_opt_out(text) is OptOutVerdict.YES


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("START", Keyword.START),
        ("unstop", Keyword.START),
        ("EMPEZAR", Keyword.START),
        ("Iniciar", Keyword.START),
        ("comenzar", Keyword.START),
        ("reanudar", Keyword.START),
        ("Help", Keyword.HELP),
        ("INFO", Keyword.HELP),
        ("AYUDA", Keyword.HELP),
        ("información", Keyword.HELP),
    ],
)
def test_start_and_help_words(text: str, meaning: Keyword) -> None:
    assert keyword(text) is meaning
    assert judge_opt_out(text) is OptOutVerdict.NO


@pytest.mark.parametrize(
    "text",
    ["yes", "no", "sí", "ok", "", "   ", "🙂", "5", "stop it", "the end", "help me", "start over", "Can you help?"],
)
def test_ordinary_answers_are_no_set_words(text: str) -> None:
    assert keyword(text) is None


@pytest.mark.parametrize("file", ["en", "es", "held"])
def test_recall_of_free_text_opt_outs(file: str) -> None:
    cases = lines(file, "yes")
    missed = [text for text in cases if judge_opt_out(text) is not OptOutVerdict.YES]
    assert len(missed) <= 0.05 * len(cases), missed


@pytest.mark.parametrize("file", ["en", "es"])
def test_doubtful_wishes_are_asked_about(file: str) -> None:
    cases = lines(file, "ask")
    wrong = [(text, judge_opt_out(text)) for text in cases if judge_opt_out(text) is not OptOutVerdict.ASK]
    assert len(wrong) <= 0.05 * len(cases), wrong


@pytest.mark.parametrize("text", ["I want out", "want out", "quiero salirme"])
def test_the_study_or_the_messages_is_asked(text: str) -> None:
    assert judge_opt_out(text) is OptOutVerdict.ASK


@pytest.mark.parametrize("file", ["en", "es", "held"])
def test_no_false_opt_out(file: str) -> None:
    assert [text for text in lines(file, "no") if judge_opt_out(text) is OptOutVerdict.YES] == []


@pytest.mark.parametrize("file", ["en", "es", "held"])
def test_harmless_messages_are_hardly_ever_asked_about(file: str) -> None:
    cases = lines(file, "no")
    asked = [text for text in cases if judge_opt_out(text) is OptOutVerdict.ASK]
    assert len(asked) <= 0.02 * len(cases), asked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no more emails", {ChannelName.EMAIL}),
        ("stop emailing me", {ChannelName.EMAIL}),
        ("stop texting, email is fine", {ChannelName.SMS}),
        ("stop texting me, you can email me", {ChannelName.SMS}),
        ("don't email me, text me instead", {ChannelName.EMAIL}),
        ("no more texts, just email", {ChannelName.SMS}),
        ("email only please", {ChannelName.SMS, ChannelName.WEBCHAT}),
        ("solo por correo", {ChannelName.SMS, ChannelName.WEBCHAT}),
        ("no más correos", {ChannelName.EMAIL}),
        ("no me manden textos, mejor por correo", {ChannelName.SMS}),
        ("please stop texting me", None),
        ("stop", None),
        ("ya no me escriban", None),
        ("stop texting and emailing me", None),
        ("no quiero recibir más mensajes", None),
    ],
)
def test_an_opt_out_can_be_narrowed(text: str, expected: set[ChannelName] | None) -> None:
    assert narrowed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "KEEP",
        "keep",
        "No",
        "no, keep them",
        "don't stop",
        "I want to keep them please",
        "SEGUIR",
        "quiero seguir",
        "no",
        "sigan escribiendo",
        "Continue.",
        "nvm",
    ],
)
def test_keeping_the_messages(text: str) -> None:
    assert keep(text)


@pytest.mark.parametrize("text", ["yes", "stop", "sí", "STOP", "remove me", "alto", "", "what?", "no more"])
def test_not_keeping(text: str) -> None:
    assert not keep(text)


@pytest.mark.parametrize("text", ["", " ", "\x00", "🛑🛑", "?" * 5000, "stop " * 2000, "а" * 300, "‮stop"])
def test_odd_input_is_judged(text: str) -> None:
    assert judge_opt_out(text) in OptOutVerdict
    assert narrowed(text) is None
    assert keep(text) is False


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("yes: [", "not readable"),
        ("- a", "must be a mapping"),
        ("keywords: {STOP: [a]}\nask: ['(']", "not valid"),
        ("keywords: {STOP: [a]}\nask: ['<nobody> x']", "unknown group <nobody>"),
        ("keywords: {STOP: [a]}\nask: [no]", "must be a list of words"),
        ("keywords: {STOP: [a]}\nonly: {pigeon: [a]}", "must map channels"),
    ],
)
def test_a_broken_word_file_is_named(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "xx.yml").write_text(content, encoding="utf-8")
    with pytest.raises(BrokenPatterns, match=says) as caught:
        _load(tmp_path)
    assert "xx.yml" in str(caught.value)


def test_one_word_cannot_mean_two_things(tmp_path: Path) -> None:
    (tmp_path / "xx.yml").write_text("keywords: {STOP: [alto], START: [ALTO]}", encoding="utf-8")
    with pytest.raises(BrokenPatterns, match="cannot mean START and STOP"):
        keyword_table(tmp_path)
