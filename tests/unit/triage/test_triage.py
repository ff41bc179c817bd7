"""Triage: recall and false alarms on our own corpora, and the cases that must never go wrong.

`held*.yml` were set aside; the recall that an unseen text can expect is below what the tuned corpora show.
"""

from pathlib import Path

import pytest
import yaml

from conversation.language.patterns import BrokenPatterns
from conversation.triage import Severity, Triage, TriageKind, Trigger, more_severe, triage
from conversation.triage.rules import load_rules

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path.stem for path in CORPUS.glob("*.yml"))
RECALL = {TriageKind.CRISIS: 0.98, TriageKind.ADVERSE_EVENT: 0.95}
"""What must hold; the other kinds: 0.95."""


def cases(kind: str, files: list[str] | None = None) -> list[str]:
    found: list[str] = []
    for name in files or FILES:
        content = yaml.safe_load((CORPUS / f"{name}.yml").read_text(encoding="utf-8"))
        found += [line for line in content.get(kind, "").splitlines() if line]
    return found


def is_found(kind: TriageKind, text: str) -> bool:
    """An adverse event counts as found if the message is escalated at all; any other kind by its name, or as critical."""
    verdict = triage(text)
    if kind is TriageKind.ADVERSE_EVENT:
        return verdict.kind is not TriageKind.NONE
    return kind in verdict.kinds or verdict.severity is Severity.CRITICAL


@pytest.mark.parametrize("kind", [kind for kind in TriageKind if kind not in (TriageKind.NONE, TriageKind.ADVICE)])
def test_recall(kind: TriageKind) -> None:
    texts = cases(kind)
    missed = [text for text in texts if not is_found(kind, text)]
    assert len(texts) >= 50
    assert len(missed) <= (1 - RECALL.get(kind, 0.95)) * len(texts), missed


def test_crisis_is_named_crisis() -> None:
    texts = cases("crisis")
    other = [(text, triage(text).kind) for text in texts if triage(text).kind is not TriageKind.CRISIS]
    assert len(other) <= 0.03 * len(texts), other


def test_false_escalations_on_harmless_messages() -> None:
    texts = cases("harmless")
    alarmed = [(text, triage(text).triggers) for text in texts if triage(text).kind is not TriageKind.NONE]
    assert len(texts) >= 400
    assert len(alarmed) <= 0.02 * len(texts), alarmed


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I don't want to live anymore", TriageKind.CRISIS),
        ("they would be better off without me", TriageKind.CRISIS),
        ("no quiero vivir", TriageKind.CRISIS),
        ("I'm not suicidal", TriageKind.NONE),
        ("I don't want to die of this disease", TriageKind.NONE),
        ("this wait is killing me", TriageKind.NONE),
        ("my knee is killing me since the infusion", TriageKind.ADVERSE_EVENT),
        ("my dad had a stroke", TriageKind.NONE),
        ("I think I'm having a stroke", TriageKind.EMERGENCY),
        ("my mother died of cancer", TriageKind.NONE),
        ("heart attack when I saw the bill", TriageKind.NONE),
        ("I nearly had a heart attack when I saw the bill", TriageKind.NONE),
        ("what are the side effects?", TriageKind.NONE),
        ("can it cause nausea?", TriageKind.NONE),
        ("no side effects", TriageKind.NONE),
        ("I never had a rash", TriageKind.NONE),
        ("no fever, but I fell twice", TriageKind.ADVERSE_EVENT),
        ("me salieron ronchas", TriageKind.ADVERSE_EVENT),
        ("After two weeks my legs swelled up and I felt like a zombie", TriageKind.ADVERSE_EVENT),
        ("tengo rash y my arm is swollen", TriageKind.ADVERSE_EVENT),
        ("I took the whole bottle", TriageKind.OVERDOSE),
        ("I'm pregnant", TriageKind.PREGNANCY),
        ("what if I get pregnant during the study", TriageKind.NONE),
        ("my kid took one of my pills", TriageKind.MEDICATION_ERROR),
        ("my neighbor is beating his child", TriageKind.CRISIS),
        ("I fell and hurt myself", TriageKind.ADVERSE_EVENT),
    ],
)
def test_cases_that_must_hold(text: str, kind: TriageKind) -> None:
    assert triage(text).kind is kind


def test_reasons_are_shown() -> None:
    verdict = triage("I missed a dose. Since then I have been so dizzy, and I fell.")
    assert verdict.kinds == {TriageKind.MEDICATION_ERROR, TriageKind.ADVERSE_EVENT}
    assert ("en/adverse_event/unwell", "dizzy") in {(each.rule, each.matched) for each in verdict.triggers}


def test_hospital_makes_an_adverse_event_serious() -> None:
    assert triage("I have a headache").severity is Severity.MODERATE
    assert triage("I was admitted to the hospital with a headache").severity is Severity.SERIOUS


def test_only_the_languages_served_are_judged() -> None:
    assert triage("me salieron ronchas", languages=("en",)) == Triage()
    assert triage("me salieron ronchas", languages=("es", "fr")).kind is TriageKind.ADVERSE_EVENT


def test_the_more_severe_of_two_judges_wins_and_both_reasons_stay() -> None:
    pain = Trigger(rule="a", kind=TriageKind.ADVERSE_EVENT, severity=Severity.SERIOUS, matched="x")
    crisis = Trigger(rule="learned", kind=TriageKind.CRISIS, severity=Severity.CRITICAL, matched="")
    one = Triage(kind=pain.kind, severity=pain.severity, triggers=(pain,))
    other = Triage(kind=crisis.kind, severity=crisis.severity, triggers=(crisis,))
    for joined in (more_severe(one, other), more_severe(other, one)):
        assert (joined.kind, joined.severity, set(joined.triggers)) == (crisis.kind, crisis.severity, {pain, crisis})
    assert more_severe(one, Triage()) == one


def test_the_same_verdict_every_time() -> None:
    texts = cases("adverse_event", ["en"])
    assert [triage(text) for text in texts] == [triage(text) for text in texts]


def test_the_end_of_a_long_message_is_read() -> None:
    assert triage("thank you for everything. " * 2000 + "I want to kill myself").kind is TriageKind.CRISIS


@pytest.mark.parametrize("text", ["", " \n", "\x00", "🙂🙂", "?" * 20000, "a " * 9000, "‮" * 50, "my " * 3000])
def test_odd_input_is_harmless(text: str) -> None:
    assert triage(text).kind is TriageKind.NONE


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("rules: {bad/name: {severity: low, patterns: [x]}}", "must be called kind/name"),
        ("rules: {crisis/a: {severity: enormous, patterns: [x]}}", "must be called kind/name"),
        ("rules: {crisis/a: {severity: low, guards: [nobody], patterns: [x]}}", "guards that exist"),
        ("guards: {g: {befor: [x]}}", "takes before"),
        ("rules: {crisis/a: {severity: low, patterns: ['(']}}", "not valid"),
        ("rules: [x]", "must be a mapping"),
    ],
)
def test_a_broken_word_file_is_named(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "xx.yml").write_text(content, encoding="utf-8")
    with pytest.raises(BrokenPatterns, match=says) as caught:
        load_rules(tmp_path)
    assert "xx.yml" in str(caught.value)
