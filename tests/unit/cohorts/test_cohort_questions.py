"""The question of a cohort: read with its faults, and answered with its reasons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.cohorts.matching import match
from engagement.cohorts.person import Person
from engagement.cohorts.question import BadCohort, read_question
from engagement.permissions import Entry, standing_at
from engagement.stages import Event

AT = datetime(2026, 11, 25, tzinfo=UTC)
STUDY = "larkspur"
GRANTED = Entry(
    id=UUID(int=1), seq=1, at=AT - timedelta(days=9), kind="granted", purpose="recontact", scopes=frozenset({"sponsor"})
)
SOMEBODY = Person(
    id=UUID(int=7),
    language="es",
    time_zone="America/New_York",
    standing=standing_at([GRANTED], AT),
    stages={STUDY: "completed"},
    events={STUDY: (Event(kind="result", at=AT - timedelta(days=40)),)},
    genotypes={(STUDY, "GBA1"): "positive"},
    answers={(STUDY, "prescreen", "age"): (Decimal(61),), (STUDY, "prescreen", "diagnosed"): (True,)},
    verdicts={STUDY: "likely_eligible"},
    last_contact=AT - timedelta(days=31),
)

MET = [
    "stage: {study: larkspur, in: [completed, referred]}",
    "enrolled: larkspur",
    "event: {study: larkspur, kind: result}",
    "event: {study: larkspur, kind: result, within_days: 40}",
    "genotype: {study: larkspur, gene: GBA1, in: [positive]}",
    "answer: {study: larkspur, questionnaire: prescreen, item: age, at_least: 40, at_most: 61}",
    "answer: {study: larkspur, questionnaire: prescreen, item: diagnosed, in: ['true']}",
    "verdict: {study: larkspur, in: [likely_eligible]}",
    "language: [en, es]",
    "time_zone: [America/New_York]",
    "permission: {purpose: recontact, scope: programme}",
    "last_contact: {more_than_days_ago: 30}",
    "not: {enrolled: snowdrop}",
]
UNMET = [
    ("stage: {study: larkspur, in: [referred]}", "stage"),
    ("stage: {study: snowdrop, in: [completed]}", "stage"),
    ("enrolled: snowdrop", "enrolled"),
    ("event: {study: larkspur, kind: result, within_days: 39}", "event"),
    ("event: {study: larkspur, kind: kit_lost}", "event"),
    ("genotype: {study: larkspur, gene: LRRK2, in: [positive]}", "genotype"),
    ("answer: {study: larkspur, questionnaire: prescreen, item: age, at_least: 62}", "answer"),
    ("answer: {study: larkspur, questionnaire: prescreen, item: unasked, at_least: 0}", "answer"),
    ("answer: {study: larkspur, questionnaire: prescreen, item: diagnosed, at_least: 1}", "answer"),
    ("verdict: {study: larkspur, in: [not_eligible]}", "verdict"),
    ("language: [en]", "language"),
    ("time_zone: [Europe/Berlin]", "time_zone"),
    ("permission: {purpose: recontact, scope: any}", "permission"),
    ("last_contact: {more_than_days_ago: 31}", "last_contact"),
    ("not: {enrolled: larkspur}", "not"),
]


@pytest.mark.parametrize("text", MET)
def test_met(text: str) -> None:
    assert match(read_question(text), SOMEBODY, at=AT).belongs


@pytest.mark.parametrize(("text", "failed"), UNMET)
def test_unmet_and_why(text: str, failed: str) -> None:
    found = match(read_question(text), SOMEBODY, at=AT)
    assert not found.belongs
    assert found.failed == (failed,)


def test_who_was_never_written_to_was_not_written_to_lately() -> None:
    question = read_question("last_contact: {more_than_days_ago: 3000}")
    assert match(question, replace(SOMEBODY, last_contact=None), at=AT).belongs


def test_every_clause_that_fails_is_named() -> None:
    question = read_question(
        "all: [{language: [en]}, {enrolled: larkspur}, "
        "{any: [{enrolled: snowdrop}, {verdict: {study: larkspur, in: [not_eligible]}}]}]"
    )
    assert match(question, SOMEBODY, at=AT).failed == ("all.0.language", "all.2.any.0.enrolled", "all.2.any.1.verdict")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "valid dictionary"),
        ("[", "not YAML"),
        ("stage: {study: larkspur, in: [asleep]}", "stage.in.0"),
        ("stage: {study: larkspur, in: []}", "stage.in"),
        ("stage: {study: larkspur}", "stage.in: Field required"),
        ("colour: blue", "colour: Extra inputs"),
        ("{language: [en], enrolled: larkspur}", "exactly one thing"),
        ("{}", "exactly one thing"),
        ("answer: {study: s, questionnaire: q, item: i}", "asked for by `in`"),
        ("answer: {study: s, questionnaire: q, item: i, in: [a], at_least: 3}", "asked for by `in`"),
        ("permission: {purpose: recontact, scope: planet}", "no scope planet"),
        ("permission: {purpose: friendship}", "permission.purpose"),
        ("last_contact: {more_than_days_ago: 0}", "greater than or equal to 1"),
        ("all: [{enrolled: a}, {event: {study: s, kind: party}}]", "all.1.event.kind"),
        ("language: [en]  #" + "x" * 70_000, "more than 65536"),
        ("{not: " * 40 + "{enrolled: a}" + "}" * 40, "nested more than 8"),
        ("[" * 5000, "not YAML"),
        ("!!python/object/apply:os.system [ls]", "not YAML"),
    ],
)
def test_faults_are_told(text: str, fault: str) -> None:
    with pytest.raises(BadCohort, match=fault):
        read_question(text)


_atoms = st.sampled_from([*MET, *(text for text, _ in UNMET)]).map(lambda text: text)


@given(st.lists(_atoms, min_size=1, max_size=4))
def test_all_any_and_not_are_those_of_logic(texts: list[str]) -> None:
    one_by_one = [match(read_question(text), SOMEBODY, at=AT).belongs for text in texts]
    listed = ", ".join(f"{{{text}}}" for text in texts)
    every, some = (match(read_question(f"{word}: [{listed}]"), SOMEBODY, at=AT) for word in ("all", "any"))
    assert every.belongs == all(one_by_one)
    assert some.belongs == any(one_by_one)
    assert match(read_question(f"not: {{all: [{listed}]}}"), SOMEBODY, at=AT).belongs != every.belongs
    assert every.belongs == (not every.failed)
