"""Both judges joined: what words alone are enough for, what vectors confirm, clear and add, and life without them."""

import json
from collections.abc import Mapping

import pytest

from conversation.triage import (
    Judgement,
    Severity,
    Triage,
    TriageKind,
    Trigger,
    is_alarm,
    join_judgements,
    judge_words,
    triage,
)
from conversation.triage.learned import HEADS, UNTAUGHT
from conversation.triage.verdict import verdict_of


def vectors(**said: float) -> dict[str, float]:
    """The bot's judge: these sums, nothing else, and "any" as high as the highest."""
    return {head: said.get(head, -1.5) for head in HEADS} | {"any": max(said.values(), default=-1.5)}


CLEAR = vectors()
PLAIN_CRISIS = vectors(crisis=1.0)
PLAIN_EVENT = vectors(adverse_event=1.0)


def suspicion(kind: TriageKind, *, any_: float, own: float, rule: str = "learned/x") -> Judgement:
    severity = Severity.CRITICAL if kind is TriageKind.CRISIS else Severity.MODERATE
    sums = tuple(any_ if head == "any" else own if head == kind else -1.0 for head in HEADS)
    trigger = Trigger(rule=rule, kind=kind, severity=severity, matched="")
    return Judgement(verdict=verdict_of((trigger,)), sums=sums)


NOTHING = Judgement(verdict=Triage(), sums=UNTAUGHT)


@pytest.mark.parametrize(
    "text",
    ["I want to kill myself", "quiero matarme", "I took the whole bottle", "I can't breathe", "no puedo respirar"],
)
def test_plain_words_are_enough_whatever_vectors_say(text: str) -> None:
    judged = judge_words(text)
    assert judged.sure
    assert join_judgements(judged, CLEAR) == judged.verdict
    assert is_alarm(judged.verdict)


def test_a_suspicion_is_confirmed_or_cleared() -> None:
    weak = suspicion(TriageKind.CRISIS, any_=0.1, own=-0.6)
    assert not weak.sure
    confirmed = join_judgements(weak, PLAIN_CRISIS)
    assert confirmed.kind is TriageKind.CRISIS
    assert {trigger.rule for trigger in confirmed.triggers} == {"learned/x", "vectors/crisis"}
    assert join_judgements(weak, CLEAR) == Triage()


def test_a_suspicion_without_a_judgement_stays_an_alarm() -> None:
    weak = suspicion(TriageKind.ADVERSE_EVENT, any_=-0.1, own=-0.2)
    for nothing in (None, {}, {"any": 1.0}, {"crisis": 0.9}):
        assert join_judgements(weak, nothing) == weak.verdict


def test_vectors_alone_may_alarm_but_must_be_plain() -> None:
    judged = Judgement(verdict=Triage(), sums=tuple(-0.6 for _ in HEADS))
    assert join_judgements(judged, PLAIN_EVENT).kind is TriageKind.ADVERSE_EVENT
    assert [each.rule for each in join_judgements(judged, PLAIN_EVENT).triggers] == ["vectors/adverse_event"]
    assert join_judgements(judged, PLAIN_CRISIS).kind is TriageKind.CRISIS
    assert join_judgements(judged, vectors(adverse_event=-0.5)) == Triage()
    assert join_judgements(judged, None) == Triage()
    assert join_judgements(NOTHING, CLEAR) == Triage()


def test_a_confirmed_event_keeps_the_reasons_of_words() -> None:
    weak = suspicion(TriageKind.ADVERSE_EVENT, any_=0.5, own=0.5, rule="en/adverse_event/body")
    assert "en/adverse_event/body" in {each.rule for each in join_judgements(weak, PLAIN_EVENT).triggers}


def test_a_kind_named_by_words_alone_needs_the_vectors_too() -> None:
    weighed = suspicion(TriageKind.CRISIS, any_=0.5, own=-0.5)
    assert join_judgements(weighed, PLAIN_EVENT).kind is TriageKind.ADVERSE_EVENT
    met = suspicion(TriageKind.CRISIS, any_=0.5, own=-0.5, rule="en/crisis/farewell")
    assert join_judgements(met, PLAIN_EVENT).kind is TriageKind.CRISIS


@pytest.mark.parametrize("text", ["I want to kill myself", "I have a rash and a fever", "what does it cost", "", "🙂"])
def test_a_judgement_is_stored_and_read_alike(text: str) -> None:
    judged = judge_words(text)
    stored = json.dumps(judged.as_json())
    read = Judgement.from_json(json.loads(stored))
    assert (read.alarms, read.sure) == (judged.alarms, judged.sure)
    assert [each.rule for each in read.verdict.triggers] == [each.rule for each in judged.verdict.triggers]
    assert read.verdict.kind is judged.verdict.kind
    assert read.sums == pytest.approx(judged.sums, abs=1e-3)


def test_what_is_stored_holds_no_words() -> None:
    stored = json.dumps(judge_words("my lavender umbrella gave me a rash on the elbow").as_json())
    assert not [word for word in ("lavender", "umbrella", "rash", "elbow") if word in stored]


@pytest.mark.parametrize("said", [None, CLEAR, PLAIN_CRISIS])
def test_words_alone_are_what_triage_says(said: Mapping[str, float] | None) -> None:
    for text in ("I want to die", "my rash is back", "when is my visit"):
        judged = judge_words(text)
        assert judged.verdict == triage(text)
        if is_alarm(judged.verdict) and said is PLAIN_CRISIS:
            assert is_alarm(join_judgements(judged, said))
