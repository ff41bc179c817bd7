"""What a coordinator reads of a questionnaire, made of what was kept: pure, with the questionnaires that ship."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from engagement.instruments import Instruments, decide_verdict, load_instruments
from engagement.interviews import begin, hear
from engagement.interviews.reading import show_responses
from engagement.interviews.shown import Change, Kept, Shown
from engagement.questionnaires import to_response
from service.settings import ROOT

STUDY = "parkinson-lrrk2-gba1"
INSTRUMENTS = load_instruments(ROOT / "studies" / STUDY, study=STUDY, languages=("en", "es"))[0]
AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
WELL = {
    "overall": "about the same",
    "fell": "no",
    "off_hours": "2",
    "missed_doses": "0",
    "new_symptoms": "no",
    "hospital": "no",
    "sleep": "well",
    "medicines_changed": "no",
    "weight": "70 kg",
    "mood_interest": "not at all",
    "mood_down": "not at all",
    "anything_else": "skip",
}
WORSE = {**WELL, "overall": "much worse", "fell": "yes", "fall_count": "two", "fall_hurt": "no", "mood_down": "3"}


def kept(name: str, answers: Mapping[str, str], *, number: int = 1, at: datetime = AT, language: str = "en") -> Kept:
    """A questionnaire as it is kept after these answers, given as each question is asked."""
    interview = begin(INSTRUMENTS.forms[name], at=at)
    while interview.asked is not None and interview.asked.item.link_id in answers:
        heard = hear(interview, answers[interview.asked.item.link_id], language=language, at_=at)
        assert heard.recorded, interview.asked.item.link_id
        interview = heard.interview
    over = interview.asked is None
    return Kept(
        id=UUID(int=number),
        study=STUDY,
        name=name,
        kind="prescreen" if name == "prescreen" else "check_in",
        status="completed" if over else "in-progress",
        channel="webchat",
        started_at=at,
        updated_at=at,
        finished_at=at if over else None,
        form_sha256=interview.instrument.sha256,
        state=interview.to_text(),
    )


def shown(*all_: Kept, instruments: Instruments = INSTRUMENTS, language: str = "en") -> tuple[Shown, ...]:
    return show_responses(all_, {STUDY: instruments}, language=language)


def told(one: Shown) -> dict[str, tuple[tuple[str, ...], str]]:
    return {each.question: (each.answers, each.state) for section in one.sections for each in section.questions}


def test_questions_stand_in_their_order_with_the_words_of_the_options() -> None:
    [one] = shown(kept("monthly", WORSE))
    questions = [each.question for section in one.sections for each in section.questions]
    assert questions[:4] == [
        "How have you been since we last asked?",
        "Did you fall since we last asked?",
        "How many times did you fall?",
        "Did you get hurt in a fall?",
    ]
    answers = told(one)
    assert answers["How have you been since we last asked?"] == (("Much worse",), "answered")
    assert answers["Did you fall since we last asked?"] == (("yes",), "answered")
    assert answers["How many times did you fall?"] == (("2",), "answered")
    assert answers["How much do you weigh now? Pounds or kilos are fine."] == (("70 kg",), "answered")
    assert answers["Is there anything else you want us to know? If not, write skip."] == ((), "skipped")
    headings = [section.heading for section in one.sections]
    assert headings[0] == headings[2] == ""
    assert headings[1].startswith("Over the last 2 weeks")


def test_answers_in_another_language_are_told_in_the_reader_s() -> None:
    spanish = kept("phq9", {"interest": "Varios días", "down": "2"}, language="es")
    [english] = shown(spanish)
    assert told(english)["Little interest or pleasure in doing things"] == (("Several days",), "answered")
    [there] = shown(spanish, language="es")
    assert there.language == "es"
    assert (("Varios días",), "answered") in told(there).values()
    [other] = shown(spanish, language="fr")
    assert (other.language, other.title) == ("en", "How you have felt")


def test_a_participant_s_own_words_are_known_as_such() -> None:
    answers = {**WELL, "new_symptoms": "yes", "new_symptoms_what": "me arde la mano"}
    [one] = shown(kept("monthly", answers))
    own = [each.answers for section in one.sections for each in section.questions if each.own_words]
    assert own == [("me arde la mano",)]


def test_one_under_way_shows_what_was_asked_so_far() -> None:
    [one] = shown(kept("phq9", {"interest": "1", "down": "1"}))
    assert [state for _, state in told(one).values()] == ["answered", "answered", "asked"]
    assert one.done == 2
    assert one.total >= 9


def test_what_is_only_taken_over_from_before_says_so() -> None:
    first = kept("prescreen", {"age": "62", "lives_in_us": "yes"})
    again = begin(INSTRUMENTS.forms["prescreen"], at=AT, earlier=[json.loads(first.state)["response"]])
    again = hear(again, "yes", language="en", at_=AT).interview
    again = replace(again, asked=None)
    [one] = shown(replace(first, state=again.to_text(), status="stopped"))
    assert told(one)["How old are you?"] == (("62",), "answered")
    assert told(one)["Do you live in the United States?"] == (("yes",), "suggested")


def test_scores_are_followed_and_what_changed_is_in_view() -> None:
    before = kept("monthly", WELL, number=1)
    now = kept("monthly", WORSE, number=2, at=AT + timedelta(days=30))
    newest, oldest = shown(now, before)
    scores = {score.name: (score.value, score.before) for score in newest.scores}
    assert scores["Mood score (PHQ-2)"] == ("2", "0")
    assert {score.name: (score.value, score.before) for score in oldest.scores} == {
        "How the days are (0 good to 6)": ("1", ""),  # about the same 1, slept well 0
        "Mood score (PHQ-2)": ("0", ""),
    }
    assert newest.since == AT
    assert newest.changes[:3] == (
        Change(question="How have you been since we last asked?", before=("About the same",), now=("Much worse",)),
        Change(question="Did you fall since we last asked?", before=("no",), now=("yes",)),
        Change(question="How many times did you fall?", before=(), now=("2",)),
    )
    assert len(newest.changes) == 5
    assert (oldest.since, oldest.changes) == (None, ())


def test_what_is_no_longer_asked_counts_as_a_change_once_all_is_answered() -> None:
    before = kept("monthly", WORSE, number=1)
    later = AT + timedelta(days=30)
    [under_way, _] = shown(kept("monthly", {"overall": "2", "fell": "no"}, number=2, at=later), before)
    assert [(change.before, change.now) for change in under_way.changes] == [
        (("Much worse",), ("About the same",)),
        (("yes",), ("no",)),
    ]
    [done, _] = shown(kept("monthly", WELL, number=2, at=later), before)
    assert Change(question="How many times did you fall?", before=("2",), now=()) in done.changes


@pytest.mark.parametrize(
    "other",
    [
        replace(kept("monthly", WELL, number=1), status="stopped"),
        replace(kept("monthly", WELL, number=1), study="another"),
        kept("monthly", WELL, number=1, at=AT + timedelta(days=60)),
        kept("phq9", {"interest": "1"}, number=1),
    ],
)
def test_only_the_same_questionnaire_completed_before_is_compared_with(other: Kept) -> None:
    now = kept("monthly", WORSE, number=2, at=AT + timedelta(days=30))
    assert shown(now, other)[0].since is None


def test_the_last_one_before_is_compared_with() -> None:
    months = [kept("monthly", WELL, number=n, at=AT + timedelta(days=30 * n)) for n in (3, 2, 1)]
    assert [one.since for one in shown(*months)] == [months[1].finished_at, months[2].finished_at, None]
    assert [one.changes for one in shown(*months)] == [(), (), ()]


def test_what_brought_a_person_in_is_told_by_its_meaning() -> None:
    one = kept("monthly", {"overall": "1"})
    state = json.loads(one.state)
    state["crossed"] = ["fall", "of_another_time"]
    [found] = shown(replace(one, state=json.dumps(state)))
    assert found.crossed == ("Had a fall since the last check-in", "of_another_time")


def test_the_trace_of_a_verdict_is_told_by_criterion() -> None:
    eligibility = INSTRUMENTS.eligibility
    assert eligibility is not None
    one = kept("prescreen", {"age": "35", "lives_in_us": "yes", "can_travel": "yes", "can_spit": "yes"})
    interview = begin(INSTRUMENTS.forms["prescreen"], at=AT)
    for text in ("35", "yes"):
        interview = hear(interview, text, language="en", at_=AT).interview
    verdict, findings = decide_verdict(eligibility, to_response(interview.state), at=AT)
    trace = {"criteria": [asdict(finding) for finding in findings]}
    trace["criteria"][1]["version"] = 7
    trace["criteria"].append({"criterion": "dropped", "version": 2, "expression": "true", "met": True})
    [found] = shown(replace(one, verdict=verdict.value, trace=json.dumps(trace)))
    judged = {line.criterion: line for line in found.judged}
    assert [judged[name].met for name in ("age", "lives_in_us", "diagnosis")] == [False, True, None]
    assert judged["age"].meaning == "You are 40 to 80 years old."
    assert (judged["age"].version, judged["age"].current) == (1, 1)
    assert (judged["lives_in_us"].version, judged["lives_in_us"].current) == (7, 1)
    assert (judged["dropped"].meaning, judged["dropped"].current) == ("", None)


def test_answers_outlive_their_questions() -> None:
    one = kept("monthly", WORSE)
    state = json.loads(one.state)
    state["response"]["item"].append({"linkId": "retired", "answer": [{"valueString": "as it was"}]})
    changed = replace(one, state=json.dumps(state), form_sha256="0" * 64)
    [found] = shown(changed)
    assert found.edited
    assert [(each.question, each.answers) for each in found.gone] == [("retired", ("as it was",))]
    [without] = shown(changed, instruments=Instruments())
    assert without.sections == ()
    assert {each.question: each.answers for each in without.gone}["fall_count"] == ("2",)
    assert {each.question: each.answers for each in without.gone}["overall"] == ("Much worse",)


def test_nothing_worked_out_passes_for_an_answer() -> None:
    [one] = shown(kept("monthly", WORSE))
    assert one.gone == ()
    assert not any("score" in question.lower() for question in told(one))
