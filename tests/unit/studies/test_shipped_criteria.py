"""Who may take part: each criterion of each pack met, not met, and unknown."""

from collections.abc import Mapping

import pytest

from tests.unit.studies.shipped import answered, criteria, form, value_of

PARKINSON = "parkinson-lrrk2-gba1"
BATTEN = "batten-cln2"

type Case = tuple[str, Mapping[str, str], bool | None]

BOTH: list[Case] = [
    ("lives_in_us", {"lives_in_us": "yes"}, True),
    ("lives_in_us", {"lives_in_us": "no"}, False),
    ("lives_in_us", {}, None),
    ("diagnosis", {"diagnosis": "yes"}, True),
    ("diagnosis", {"diagnosis": "no"}, False),
    ("diagnosis", {"diagnosis": "I don't know"}, None),
    ("travel", {"can_travel": "yes"}, True),
    ("travel", {"can_travel": "no", "travel_help": "yes"}, True),
    ("travel", {"can_travel": "no", "travel_help": "no"}, False),
    ("travel", {"can_travel": "no"}, None),
    ("travel", {"can_travel": "no", "travel_help": "I don't know"}, None),
    ("travel", {"can_travel": "I don't know"}, None),
]
"""What the packs ask in the same words and judge alike."""
CASES: dict[str, list[Case]] = {
    PARKINSON: [
        *BOTH,
        ("age", {"age": "39"}, False),
        ("age", {"age": "40"}, True),
        ("age", {"age": "80"}, True),
        ("age", {"age": "81"}, False),
        ("age", {}, None),
        ("saliva", {"can_spit": "yes"}, True),
        ("saliva", {"can_spit": "yes", "mouth_bleeding": "yes"}, True),
        ("saliva", {"can_spit": "no"}, False),
        ("saliva", {"can_spit": "not sure"}, None),
        ("own_genes", {"marrow_transplant": "no"}, True),
        ("own_genes", {"marrow_transplant": "yes"}, False),
        ("own_genes", {"marrow_transplant": "I don't know"}, None),
        ("no_drug_study", {"drug_study": "no"}, True),
        ("no_drug_study", {"drug_study": "yes", "drug_study_end": "March 2027"}, False),
        ("no_drug_study", {"drug_study": "I'd rather not say"}, None),
        ("not_pregnant", {"sex": "male"}, True),
        ("not_pregnant", {"age": "55"}, True),
        ("not_pregnant", {"age": "54", "sex": "female", "pregnant": "no"}, True),
        ("not_pregnant", {"age": "54", "sex": "intersex", "pregnant": "no"}, True),
        ("not_pregnant", {"age": "54", "sex": "female", "pregnant": "yes"}, False),
        ("not_pregnant", {"age": "54", "sex": "female", "pregnant": "I'd rather not say"}, None),
        ("not_pregnant", {"age": "54", "sex": "female"}, None),
        ("not_pregnant", {"age": "54", "sex": "I'd rather not say"}, None),
        ("not_pregnant", {"sex": "female"}, None),
        ("no_brain_surgery", {"diagnosis": "yes", "brain_surgery": "no"}, True),
        ("no_brain_surgery", {"diagnosis": "yes", "brain_surgery": "yes"}, False),
        ("no_brain_surgery", {"diagnosis": "yes", "brain_surgery": "I don't know"}, None),
        ("no_brain_surgery", {"diagnosis": "I don't know"}, None),
    ],
    BATTEN: [
        *BOTH,
        ("guardian", {"guardian": "yes"}, True),
        ("guardian", {"guardian": "no"}, False),
        ("guardian", {}, None),
        ("age", {"child_age": "5 months"}, False),
        ("age", {"child_age": "6 months"}, True),
        ("age", {"child_age": "half a year"}, True),
        ("age", {"child_age": "12 years"}, True),
        ("age", {"child_age": "155 months"}, True),
        ("age", {"child_age": "13 years"}, False),
        ("age", {}, None),
        ("confirmed", {"diagnosis": "yes", "confirmed_by": "gene test"}, True),
        ("confirmed", {"diagnosis": "yes", "confirmed_by": "1, 2 and 3"}, True),
        ("confirmed", {"diagnosis": "yes", "confirmed_by": "no test yet"}, False),
        ("confirmed", {"diagnosis": "yes", "confirmed_by": "another kind of test"}, None),
        ("confirmed", {"diagnosis": "yes", "confirmed_by": "I don't know"}, None),
        ("confirmed", {"diagnosis": "yes"}, None),
        ("no_drug_study", {"drug_study": "no"}, True),
        ("no_drug_study", {"drug_study": "yes"}, False),
        ("no_drug_study", {"drug_study": "not sure"}, None),
        ("no_gene_therapy", {"diagnosis": "yes", "gene_therapy": "no"}, True),
        ("no_gene_therapy", {"diagnosis": "yes", "gene_therapy": "yes"}, False),
        ("no_gene_therapy", {"diagnosis": "yes", "gene_therapy": "I don't know"}, None),
        ("no_gene_therapy", {}, None),
    ],
}


@pytest.mark.parametrize(
    ("slug", "criterion", "answers", "expected"), [(slug, *case) for slug, cases in CASES.items() for case in cases]
)
def test_a_criterion(slug: str, criterion: str, answers: Mapping[str, str], expected: bool | None) -> None:
    response = answered(form(slug, "prescreen"), answers)
    assert value_of(criteria(slug)[criterion], response) is expected


@pytest.mark.parametrize("slug", CASES)
def test_each_criterion_is_tried_in_all_three_ways(slug: str) -> None:
    tried = {(criterion, expected) for criterion, _, expected in CASES[slug]}
    assert tried == {(name, value) for name in criteria(slug) for value in (True, False, None)}


@pytest.mark.parametrize("slug", CASES)
def test_no_answers_exclude_nobody(slug: str) -> None:
    response = answered(form(slug, "prescreen"), {})
    assert {value_of(expression, response) for expression in criteria(slug).values()} == {None}


def test_what_is_taken_back_counts_no_more() -> None:
    """A woman of 50 who is pregnant, then says that she is 60: the question is gone, and its answer with it."""
    asked, criterion = form(PARKINSON, "prescreen"), criteria(PARKINSON)["not_pregnant"]
    answers = {"age": "50", "sex": "female", "pregnant": "yes"}
    assert value_of(criterion, answered(asked, answers)) is False
    corrected = answered(asked, answers, then={"age": "60"})
    assert value_of(criterion, corrected) is True
    assert "pregnant" not in {entry["linkId"] for entry in corrected["item"]}
