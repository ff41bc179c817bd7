"""One message into an interview: what is recorded, what is said, which question is open after it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.instruments import Instrument
from engagement.instruments.model import SENSITIVE
from engagement.interviews import Interview, begin, go_on, hear, is_over, question_lines
from engagement.interviews.hearing import Heard, again
from engagement.interviews.questions import listed_for_mail
from engagement.questionnaires import parse_questionnaire, to_response, validate, write_json

AT = datetime(2026, 11, 25, 10, tzinfo=UTC)
ITEMS: list[dict[str, Any]] = [
    {"linkId": "intro", "type": "display", "text": "Welcome."},
    {
        "linkId": "age",
        "type": "integer",
        "text": "How old are you?",
        "required": True,
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 18}],
        "item": [
            {
                "linkId": "age_why",
                "type": "display",
                "text": "The study is for adults.",
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
                        "valueCodeableConcept": {
                            "coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "help"}]
                        },
                    }
                ],
            }
        ],
    },
    {"linkId": "smokes", "type": "boolean", "text": "Do you smoke?"},
    {
        "linkId": "since",
        "type": "date",
        "text": "Since when?",
        "enableWhen": [{"question": "smokes", "operator": "=", "answerBoolean": True}],
    },
    {
        "linkId": "drinks",
        "type": "choice",
        "text": "What do you drink?",
        "repeats": True,
        "answerOption": [{"valueString": "Tea"}, {"valueString": "Coffee"}, {"valueString": "Water"}],
    },
    {
        "linkId": "mood",
        "type": "choice",
        "text": "How is your mood?",
        "extension": [{"url": SENSITIVE, "valueBoolean": True}],
        "answerOption": [{"valueString": "Good"}, {"valueString": "Bad"}],
    },
]
FORM = parse_questionnaire(
    write_json({"resourceType": "Questionnaire", "status": "active", "language": "en", "item": ITEMS}).encode()
)
INSTRUMENT = Instrument(name="sample", form=FORM, sha256="0" * 64)


def said(interview: Interview, text: str) -> Heard:
    return hear(interview, text, language="en", at_=AT)


def after(*texts: str) -> Interview:
    interview = begin(INSTRUMENT, at=AT)
    for text in texts:
        interview = said(interview, text).interview
    return interview


def open_item(interview: Interview) -> str:
    return "" if interview.asked is None else interview.asked.item.link_id


def test_the_first_question_comes_with_its_lead() -> None:
    [line] = question_lines(begin(INSTRUMENT, at=AT), channel="webchat")
    assert line.key == "ask/number"
    assert line.values["question"] == ["@questionnaire/sample/intro", "@questionnaire/sample/age"]
    assert (line.values["number"], line.values["total"]) == (1, 4)


def test_from_the_first_question_to_the_last() -> None:
    interview = after("62", "yes", "March 4, 2010", "1 and 3", "good")
    assert is_over(interview)
    assert question_lines(interview, channel="sms") == ()
    assert to_response(interview.state)["status"] == "completed"
    assert validate(interview.state) == []


def test_a_question_that_an_answer_closes_is_not_asked() -> None:
    assert open_item(after("62", "no")) == "drinks"
    assert open_item(after("62", "yes")) == "since"


@pytest.mark.parametrize(
    ("tries", "key"), [(1, "ask/again/number"), (2, "ask/example/number"), (3, "ask/stuck"), (4, "ask/stuck")]
)
def test_useless_answers_are_met_differently_each_time(tries: int, key: str) -> None:
    interview = after(*["purple monkeys"] * tries)
    assert open_item(interview) == "age"
    assert again(interview).key == key


def test_a_useful_answer_starts_the_count_anew() -> None:
    assert after("purple monkeys", "purple monkeys", "62").tries == 0


def test_what_the_item_does_not_allow_is_named() -> None:
    heard = said(begin(INSTRUMENT, at=AT), "12")
    assert [(line.key, line.values) for line in heard.lines] == [("ask/problem/below_minimum", {"minimum": "18"})]
    assert not heard.recorded


def test_back_and_answered_anew() -> None:
    interview = after("62", "yes", "back")
    assert open_item(interview) == "smokes"
    assert question_lines(interview, channel="sms")[0].values["number"] == 2
    changed = said(interview, "no").interview
    assert open_item(changed) == "drinks"
    assert "since" not in write_json(to_response(changed.state))


def test_back_at_the_first_question() -> None:
    assert [line.key for line in said(begin(INSTRUMENT, at=AT), "go back").lines] == ["ask/first"]


def test_why_where_there_is_help_and_where_there_is_none() -> None:
    assert said(begin(INSTRUMENT, at=AT), "why do you ask?").lines[0].key == "questionnaire/sample/age/why"
    assert said(after("62"), "why do you ask?").lines[0].key == "ask/no_why"


def test_a_required_question_can_not_be_skipped_others_can() -> None:
    refused = said(begin(INSTRUMENT, at=AT), "skip")
    assert [line.key for line in refused.lines] == ["ask/problem/required"]
    assert open_item(after("62", "skip")) == "drinks"


def test_pause_restart_and_a_person() -> None:
    assert said(after("62"), "pause").paused
    assert open_item(said(after("62", "no"), "start over").interview) == "age"
    assert said(after("62"), "I want to talk to a person").wants_person


def test_change_by_number() -> None:
    assert open_item(after("62", "no", "change question 1")) == "age"
    assert [line.key for line in said(after("62"), "change question 9").lines] == ["ask/change_which"]


def test_a_question_of_theirs_is_no_answer() -> None:
    heard = said(after("62"), "how much does the test cost?")
    assert heard.asks_aside
    assert not heard.recorded


def test_an_ambiguous_date_is_asked_back_with_both_readings() -> None:
    [line] = said(after("62", "yes"), "3/4/2010").lines
    assert line.key == "ask/doubt/day_or_month"
    assert {line.values["first_month"], line.values["second_month"]} == {"@month/m3", "@month/m4"}


def test_a_private_question_does_not_go_by_sms() -> None:
    interview = after("62", "no", "none")
    assert open_item(interview) == "mood"
    assert [line.key for line in question_lines(interview, channel="sms")] == ["ask/private"]
    assert [line.key for line in question_lines(interview, channel="webchat")] == ["ask/choice"]


def test_a_mail_asks_what_is_open_and_takes_the_answers_of_one_reply() -> None:
    interview = begin(INSTRUMENT, at=AT)
    listed = Interview(
        instrument=INSTRUMENT, state=interview.state, asked=interview.asked, listed=listed_for_mail(interview)
    )
    [line] = question_lines(listed, channel="email")
    assert line.key == "ask/mail"
    assert len(line.values["questions"]["numbered"]) == 4
    heard = said(listed, "1. I am 62\n2) yes\n3: tea, water\n4 - good")
    assert heard.recorded
    assert open_item(heard.interview) == "since"  # what an answer has opened comes next


def test_numbers_that_are_no_list_are_one_answer() -> None:
    assert open_item(after("62", "no", "1, 3")) == "mood"


def test_what_was_answered_elsewhere_is_shown_to_be_confirmed() -> None:
    earlier = to_response(after("62", "yes").state)
    interview = begin(INSTRUMENT, at=AT, earlier=[earlier])
    [line] = question_lines(interview, channel="webchat")
    assert (line.key, line.values["answer"]) == ("ask/confirm", "62")
    confirmed = said(interview, "yes").interview
    assert open_item(confirmed) == "smokes"
    assert question_lines(confirmed, channel="webchat")[0].values["answer"] == "@replies/yes"
    assert open_item(said(confirmed, "no").interview) == "drinks"


TEXTS = st.sampled_from(
    [
        *("62", "12", "yes", "no", "March 4, 2010", "3/4/2010", "1, 3", "tea", "none", "good", "5", "2"),
        *("back", "skip", "why?", "pause", "start over", "change question 2", "change my answer about age", "help"),
        *("what is a gene?", "purple monkeys", "I don't know", "rather not say"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, max_size=14))
def test_whatever_is_said_an_interview_can_be_kept_and_gone_on_with(texts: list[str]) -> None:
    interview = begin(INSTRUMENT, at=AT)
    for text in texts:
        if is_over(interview):
            break
        kept = go_on(INSTRUMENT, interview.to_text(), at=AT)
        assert to_response(kept.state) == to_response(interview.state)
        assert kept.asked is not None
        assert interview.asked is not None
        assert (kept.asked.place, kept.tries) == (interview.asked.place, interview.tries)
        interview = said(kept, text).interview
        for line in question_lines(interview, channel="webchat"):
            assert 1 <= line.values["number"] <= line.values["total"]
