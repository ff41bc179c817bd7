"""The learned judge: what it sees, that its file fits its sources, and that nothing depends on its being there."""

import gzip
import json
from pathlib import Path

import pytest

from conversation.language.text import split_sentences
from conversation.text_model import Model, read_model, write_model
from conversation.text_model.linear import train_linear
from conversation.triage import Severity, TriageKind, Trigger, judge, triage
from conversation.triage.crossval import folds_of
from conversation.triage.features import features_of, load_lexicon
from conversation.triage.learn import fingerprint, teach
from conversation.triage.learned import FILE, HEADS, KINDS, load_model, weigh, words_for
from conversation.triage.statements import Statement, read_statements


def seen(text: str) -> set[str]:
    (sentence,) = split_sentences(text)
    return features_of(sentence, load_lexicon())


def test_the_file_was_taught_from_these_statements() -> None:
    """Else: `python -m conversation.triage.learn`."""
    assert read_model(FILE, HEADS).taught_from == fingerprint()


@pytest.mark.parametrize(
    ("text", "has", "lacks"),
    [
        ("I have nausea", {"w:nausea", "c:SYMPTOM", "d:have SYMPTOM"}, {"w:-nausea"}),
        ("no nausea today", {"w:-nausea", "c:-SYMPTOM"}, {"w:nausea"}),
        ("no nausea but dizzy", {"w:-nausea", "w:dizzy"}, {"w:-dizzy"}),
        ("I can't sleep", {"w:~sleep", "c:~FUNCTION"}, {"w:sleep"}),
        ("no puedo respirar", {"w:~respirar"}, {"w:-respirar"}),
        ("does it cause nausea", {"c:?SYMPTOM", "q:nausea"}, {"c:SYMPTOM"}),
        ("is making me sick", {"c:STATE"}, {"c:?STATE"}),
        ("my sugar was 312", {"w:000"}, {"w:312"}),
        ("short of breath", {"c:STATE"}, set()),
    ],
)
def test_how_a_word_is_meant_is_seen(text: str, has: set[str], lacks: set[str]) -> None:
    found = seen(text)
    assert has <= found
    assert not lacks & found


def test_learning_tells_apart_and_repeats_itself() -> None:
    rows = [[(0, 1.0), (2, 1.0)], [(1, 1.0), (2, 1.0)]] * 10
    positive = [True, False] * 10
    weights = train_linear(rows, positive, [1.0] * 20, 3)
    assert weights[0] + weights[2] > 0.5
    assert weights[1] + weights[2] < -0.5
    assert train_linear(rows, positive, [1.0] * 20, 3) == weights


def small_model() -> Model:
    texts = {
        TriageKind.ADVERSE_EVENT: "awful rash",
        TriageKind.NONE: "when is my visit",
        TriageKind.CRISIS: "want to die",
    }
    statements = [Statement(text=text, kind=kind, language="en") for kind, text in texts.items()] * 3
    return teach(statements, [seen(each.text) for each in statements])


def test_a_model_is_written_and_read_alike(tmp_path: Path) -> None:
    model, file = small_model(), tmp_path / "model"
    write_model(model, file)
    once = file.read_bytes()
    write_model(read_model(file, HEADS), file)
    assert file.read_bytes() == once
    assert read_model(file, HEADS).sums(seen("want to die")) == model.sums(seen("want to die"))
    assert (
        model.sums(seen("want to die"))[HEADS.index(TriageKind.CRISIS)] > 0.5 > model.sums(seen("when is my visit"))[0]
    )


@pytest.mark.parametrize(
    "content",
    [None, b"", b"no gzip", gzip.compress(b"{}"), gzip.compress(json.dumps({"heads": ["any"]}).encode())],
)
def test_without_its_file_the_patterns_judge_alone(
    tmp_path: Path, content: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "model"
    if content is not None:
        file.write_bytes(content)
    assert load_model(file) is None
    monkeypatch.setattr(judge, "load_model", lambda: None)
    for text, kind in (("I want to kill myself", TriageKind.CRISIS), ("what does it cost?", TriageKind.NONE)):
        verdict = triage(text)
        assert verdict.kind is kind
        assert not any(each.rule.startswith("learned/") for each in verdict.triggers)


def sums(any_: float, **named: float) -> tuple[float, ...]:
    return (any_, *(named.get(kind.value, -1.0) for kind in KINDS))


def test_two_weak_witnesses_are_believed_and_one_is_not() -> None:
    rash = Trigger(
        rule="en/adverse_event/unwell", kind=TriageKind.ADVERSE_EVENT, severity=Severity.MODERATE, matched="rash"
    )
    assert weigh((), sums(-0.5)) == ()
    assert weigh((rash,), sums(-0.6)) == (rash,)
    assert weigh((rash,), sums(-1.1)) == ()
    assert [each.rule for each in weigh((), sums(0.9))] == ["learned/adverse_event"]


def test_a_crisis_found_by_a_pattern_is_outweighed_only_by_plain_harmlessness() -> None:
    crisis = Trigger(rule="en/crisis/suicide", kind=TriageKind.CRISIS, severity=Severity.CRITICAL, matched="suicide")
    assert weigh((crisis,), sums(-0.9)) == (crisis,)
    assert weigh((crisis,), sums(-1.0)) == ()
    assert [each.kind for each in weigh((), sums(-0.4, crisis=0.2))] == [TriageKind.CRISIS]


def test_the_words_that_weighed_most_are_shown() -> None:
    text = "the new tablets make everything smell like smoke and i gag"
    model = load_model()
    assert model
    shown = words_for(model, seen(text), 0)
    assert shown
    assert set(shown.replace(",", "").split()) <= set(text.split())


def test_statements_are_many_and_of_one_kind_each() -> None:
    statements = [each for each in read_statements() if each.weight == 1.0]
    assert len(statements) > 7000
    kinds: dict[str, set[TriageKind]] = {}
    for each in statements:
        kinds.setdefault(each.text.casefold(), set()).add(each.kind)
    assert {text: kind for text, kind in kinds.items() if len(kind) > 1} == {}


def test_near_copies_are_in_one_fold() -> None:
    texts = ["I have a rash on my arm", "I have a rash on my arms", "where is the clinic", "I have a rash on my arm!"]
    folds = folds_of([Statement(text=text, kind=TriageKind.NONE, language="en") for text in texts])
    assert folds[0] == folds[1] == folds[3]
