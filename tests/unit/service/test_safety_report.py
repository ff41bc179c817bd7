"""The table of both judges together."""

from conversation.triage import Judgement, Severity, Triage, TriageKind, Trigger
from conversation.triage.learned import HEADS
from conversation.triage.statements import Statement
from conversation.triage.verdict import verdict_of
from service.safety_report import Case, tabulate

CLEAR = {str(head): -1.5 for head in HEADS}


def case(kind: TriageKind, said: TriageKind | None) -> Case:
    found = (Trigger(rule="learned/x", kind=said, severity=Severity.MODERATE, matched=""),) if said else ()
    return Case(
        statement=Statement(text="x", kind=kind, language="en"),
        group=kind.value,
        words=Judgement(verdict=verdict_of(found) if found else Triage(), sums=tuple(-0.2 for _ in HEADS)),
    )


def test_recall_and_false_alarms_of_words_and_of_both() -> None:
    found = [
        (case(TriageKind.CRISIS, TriageKind.CRISIS), CLEAR),
        (case(TriageKind.CRISIS, None), {**CLEAR, "any": 1.0, "crisis": 1.0}),
        (case(TriageKind.CRISIS, TriageKind.ADVERSE_EVENT), None),
        (case(TriageKind.NONE, TriageKind.ADVERSE_EVENT), CLEAR),
        (case(TriageKind.NONE, None), CLEAR),
    ]
    assert tabulate(found) == [
        "| en | crisis | 3 | 33.3% | 33.3% | 0.0% |",
        "| en | none | 2 | 50.0% | 0.0% | 0.0% |",
    ]
