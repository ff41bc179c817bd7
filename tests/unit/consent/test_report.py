"""By concept: who understood at once, after a correction, with a person; the worst first."""

from uuid import UUID, uuid5

from engagement.consent.report import Answered, ConceptResult, report_concepts

NAMES = UUID(int=0)


def gave(who: str, concept: str, *outcomes: bool) -> list[Answered]:
    return [
        Answered(walk=uuid5(NAMES, who), concept=concept, question=1 + number % 2, understood=right)
        for number, right in enumerate(outcomes)
    ]


def test_nobody_asked() -> None:
    assert report_concepts([]) == ()


def test_the_worst_first() -> None:
    answers = [
        *gave("ana", "risks", True),
        *gave("bo", "risks", False, True),
        *gave("cy", "risks", False, False, True),
        *gave("di", "risks", False),
        *gave("ana", "data", True),
        *gave("bo", "data", True),
    ]
    worst, best = report_concepts(answers)
    assert worst == ConceptResult(concept="risks", asked=4, at_once=1, corrected=1, person=1)
    assert worst.failed == 0.75
    assert best == ConceptResult(concept="data", asked=2, at_once=2, corrected=0, person=0)
    assert best.failed == 0


def test_equal_shares_stand_by_how_many_needed_a_person() -> None:
    answers = [*gave("ana", "a", False, True), *gave("ana", "b", False, False)]
    assert [each.concept for each in report_concepts(answers)] == ["b", "a"]
