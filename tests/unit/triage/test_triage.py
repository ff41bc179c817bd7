"""Triage: the cases that must never go wrong, the patterns alone, both judges joined, and life without the learned one.

What an unseen text can expect is measured by `conversation.triage.crossval` (docs/safety-triage.md): here stand bounds that a
broken judge can't pass.
"""

from pathlib import Path

import pytest
import yaml

from conversation.language.patterns import BrokenPatterns
from conversation.triage import Severity, Triage, TriageKind, Trigger, judge, more_severe, triage
from conversation.triage.crossval import is_right
from conversation.triage.rules import load_rules
from conversation.triage.statements import Statement, read_statements
from conversation.triage.verdict import verdict_of

HELD = Path(__file__).parent / "corpus" / "held5.yml"
WRITTEN = [each for each in read_statements() if each.weight == 1.0]
KINDS = [kind for kind in TriageKind if kind is not TriageKind.ADVICE]
TAUGHT = {TriageKind.NONE: 0.93, TriageKind.ADVERSE_EVENT: 0.97, TriageKind.CRISIS: 0.99}
"""Of both judges on what was taught; the other kinds: 0.98."""
RECALL = {TriageKind.CRISIS: 0.98, TriageKind.NONE: 0.98}
"""Of the patterns on what they were written for; the other kinds: 0.95."""


def patterns_alone(text: str) -> Triage:
    return verdict_of(tuple(each for part in judge.by_patterns(text) for each in part))


def of_kind(kind: TriageKind, *, known: bool) -> list[Statement]:
    return [each for each in WRITTEN if each.kind is kind and (not known or not each.counted)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_patterns_alone_hold_what_they_were_written_for(kind: TriageKind) -> None:
    statements = of_kind(kind, known=True)
    wrong = [each.text for each in statements if not is_right(each, patterns_alone(each.text))]
    assert len(statements) >= 35
    assert len(wrong) <= (1 - RECALL.get(kind, 0.95)) * len(statements), wrong


@pytest.mark.parametrize("kind", KINDS)
def test_both_judges_hold_what_was_taught(kind: TriageKind) -> None:
    statements = of_kind(kind, known=False)
    wrong = [each.text for each in statements if not is_right(each, triage(each.text))]
    assert len(wrong) <= (1 - TAUGHT.get(kind, 0.98)) * len(statements), wrong


def test_crisis_is_named_crisis() -> None:
    statements = of_kind(TriageKind.CRISIS, known=False)
    other = [each.text for each in statements if triage(each.text).kind is not TriageKind.CRISIS]
    assert len(other) <= 0.03 * len(statements), other


def test_what_was_set_aside() -> None:
    content = yaml.safe_load(HELD.read_text(encoding="utf-8"))
    crisis, harmless = content["crisis"].splitlines(), content["harmless"].splitlines()
    assert [text for text in crisis if triage(text).kind is not TriageKind.CRISIS] == []
    alarmed = [text for text in harmless if triage(text).kind is not TriageKind.NONE]
    assert len(alarmed) <= 0.25 * len(harmless), alarmed


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
        ("I want out", TriageKind.NONE),
        ("quiero salirme", TriageKind.NONE),
        ("I want out of this life", TriageKind.CRISIS),
        ("I'm gonna kill myself over it", TriageKind.CRISIS),
        ("me desangro", TriageKind.EMERGENCY),
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


def test_only_the_rules_of_the_languages_served_are_applied() -> None:
    assert judge.by_patterns("me salieron ronchas", languages=("en",)) == ((),)
    (found,) = judge.by_patterns("me salieron ronchas", languages=("es", "fr"))
    assert "es/adverse_event/malestar" in {each.rule for each in found}


def test_the_more_severe_of_two_judges_wins_and_both_reasons_stay() -> None:
    pain = Trigger(rule="a", kind=TriageKind.ADVERSE_EVENT, severity=Severity.SERIOUS, matched="x")
    crisis = Trigger(rule="learned", kind=TriageKind.CRISIS, severity=Severity.CRITICAL, matched="")
    one = Triage(kind=pain.kind, severity=pain.severity, triggers=(pain,))
    other = Triage(kind=crisis.kind, severity=crisis.severity, triggers=(crisis,))
    for joined in (more_severe(one, other), more_severe(other, one)):
        assert (joined.kind, joined.severity, set(joined.triggers)) == (crisis.kind, crisis.severity, {pain, crisis})
    assert more_severe(one, Triage()) == one


def test_the_same_verdict_every_time() -> None:
    texts = [each.text for each in of_kind(TriageKind.ADVERSE_EVENT, known=False)][::5]
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
