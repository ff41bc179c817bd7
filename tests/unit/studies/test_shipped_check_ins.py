"""Check-ins: scores add up, and the thresholds open where they should and nowhere else."""

from collections.abc import Mapping

import pytest

from tests.unit.studies.shipped import answered, form, thresholds, value_of

PARKINSON = "parkinson-lrrk2-gba1"
BATTEN = "batten-cln2"
PHQ9 = ("interest", "down", "sleep", "energy", "appetite", "failure", "focus", "pace", "self_harm")

type Case = tuple[Mapping[str, str], set[str]]

CASES: dict[tuple[str, str], list[Case]] = {
    (PARKINSON, "monthly"): [
        ({}, set()),
        ({"overall": "better", "fell": "no", "missed_doses": "0", "hospital": "no", "new_symptoms": "no"}, set()),
        ({"fell": "yes"}, {"fall"}),
        ({"fell": "yes", "fall_hurt": "no"}, {"fall"}),
        ({"fell": "yes", "fall_hurt": "yes"}, {"fall", "hurt_in_fall"}),
        ({"hospital": "yes"}, {"hospital"}),
        ({"new_symptoms": "yes"}, {"new_symptoms"}),
        ({"new_symptoms": "I don't know"}, set()),
        ({"missed_doses": "1"}, {"missed_dose"}),
        ({"off_hours": "5.9"}, set()),
        ({"off_hours": "6"}, {"long_off_time"}),
        ({"overall": "a bit worse"}, set()),
        ({"overall": "much worse"}, {"much_worse"}),
        ({"mood_interest": "several days", "mood_down": "several days"}, set()),
        ({"mood_interest": "several days", "mood_down": "more than half the days"}, {"low_mood"}),
        ({"mood_down": "nearly every day"}, set()),
    ],
    (PARKINSON, "phq9"): [
        ({}, set()),
        (dict.fromkeys(PHQ9, "not at all"), set()),
        (dict.fromkeys(PHQ9[:8], "nearly every day"), set()),
        ({"self_harm": "not at all"}, set()),
        ({"self_harm": "several days"}, {"self_harm"}),
        ({"self_harm": "more than half the days"}, {"self_harm"}),
        ({"self_harm": "nearly every day"}, {"self_harm"}),
        (dict.fromkeys(PHQ9, "several days"), {"self_harm"}),
        ({**dict.fromkeys(PHQ9, "several days"), "down": "more than half the days"}, {"self_harm", "moderate"}),
        ({**dict.fromkeys(PHQ9, "nearly every day"), "self_harm": "not at all"}, {"moderate", "severe"}),
    ],
    (BATTEN, "weekly"): [
        ({}, set()),
        ({"overall": "better", "seizures": "0", "fever": "no", "feeding": "none of these", "hospital": "no"}, set()),
        ({"seizures": "2"}, set()),
        ({"seizures": "3", "cluster": "no"}, set()),
        ({"seizures": "3", "cluster": "yes"}, {"seizure_cluster"}),
        ({"seizures": "1", "long_seizure": "yes", "new_kind": "no"}, {"long_seizure"}),
        ({"seizures": "1", "new_kind": "yes"}, {"new_seizures"}),
        ({"seizures": "1", "new_kind": "I don't know"}, set()),
        ({"fever": "yes"}, {"fever"}),
        ({"fever": "yes", "fever_high": "99.5"}, {"fever"}),
        ({"feeding": "choked or coughed"}, {"feeding"}),
        ({"feeding": "1 and 3"}, {"feeding"}),
        ({"missed_doses": "two"}, {"missed_dose"}),
        ({"infusion": "yes", "infusion_problem": "no"}, set()),
        ({"infusion": "yes", "infusion_problem": "yes"}, {"infusion_problem"}),
        ({"hospital": "yes"}, {"hospital"}),
        ({"overall": "a bit worse", "sleep": "very poorly"}, set()),
        ({"overall": "much worse"}, {"much_worse"}),
        ({"caregiver": "worn out"}, set()),
        ({"caregiver": "I am at my limit"}, {"caregiver_at_limit"}),
    ],
}


@pytest.mark.parametrize(
    ("slug", "name", "answers", "crossed"), [(*which, *case) for which, cases in CASES.items() for case in cases]
)
def test_thresholds(slug: str, name: str, answers: Mapping[str, str], crossed: set[str]) -> None:
    response = answered(form(slug, name), answers)
    assert {each for each, text in thresholds(slug, name).items() if value_of(text, response) is True} == crossed


@pytest.mark.parametrize(("slug", "name"), CASES)
def test_each_threshold_is_tried(slug: str, name: str) -> None:
    assert set().union(*(crossed for _, crossed in CASES[slug, name])) == set(thresholds(slug, name))


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        (["1"] * 9, 0),
        (["4"] * 9, 27),
        (["1", "2", "3", "4", "1", "2", "3", "4", "1"], 12),
        (["nearly every day", *["not at all"] * 7, "several days"], 4),
        (["4"] * 8, None),
    ],
)
def test_the_phq9_adds_up_once_all_nine_are_answered(answers: list[str], score: int | None) -> None:
    response = answered(form(PARKINSON, "phq9"), dict(zip(PHQ9, answers, strict=False)))
    found = [entry["answer"][0]["valueInteger"] for entry in response["item"] if entry["linkId"] == "score"]
    assert found == ([] if score is None else [score])


def test_how_hard_it_is_is_asked_only_of_those_with_a_problem() -> None:
    asked = form(PARKINSON, "phq9")
    one = {**dict.fromkeys(PHQ9, "not at all"), "energy": "several days"}
    assert "hard" in {entry["linkId"] for entry in answered(asked, one | {"hard": "very difficult"})["item"]}
    with pytest.raises(AssertionError, match="hard is not asked"):
        answered(asked, dict.fromkeys(PHQ9, "not at all") | {"hard": "very difficult"})


def test_pounds_become_kilograms() -> None:
    response = answered(form(PARKINSON, "monthly"), {"weight": "170 lbs"})
    assert response["item"][0]["answer"][0]["valueQuantity"]["unit"] == "kg"
    assert round(float(response["item"][0]["answer"][0]["valueQuantity"]["value"])) == 77


@pytest.mark.parametrize(
    ("age", "months"), [("18 months", 18), ("3 years", 36), ("2 and a half years", 30), ("4 years and 3 months", 51)]
)
def test_the_age_of_a_child_is_in_months(age: str, months: int) -> None:
    response = answered(form(BATTEN, "prescreen"), {"child_age": age})
    found = [entry["answer"][0]["valueDecimal"] for entry in response["item"] if entry["linkId"] == "age_months"]
    assert found == [months]


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ({"walks": "walks well alone", "talks": "talks well"}, 6),
        ({"walks": "walks with help", "talks": "no words"}, 1),
        ({"walks": "does not walk", "talks": "too young to talk"}, None),
        ({"walks": "walks with help"}, None),
    ],
)
def test_what_a_child_can_do_adds_up_where_both_are_known(answers: Mapping[str, str], score: int | None) -> None:
    response = answered(form(BATTEN, "prescreen"), answers)
    found = [entry["answer"][0]["valueInteger"] for entry in response["item"] if entry["linkId"] == "function_score"]
    assert found == ([] if score is None else [score])
