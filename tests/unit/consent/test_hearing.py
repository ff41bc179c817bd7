"""Messages into a walk-through: at each step, in both languages; nothing is guessed, nobody is hurried."""

from dataclasses import replace

import pytest
import yaml

from actions.consent import _ACTIONS
from engagement.consent import ConsentDocument
from engagement.consent.hearing import STUCK, Heard, hear, not_understood
from engagement.consent.taking import ELSEWHERE
from engagement.consent.telling import recap, tell
from engagement.consent.walk import Step, Walk, begin_walk, go_on
from service.settings import ROOT
from tests.unit.consent.documents import DOCUMENT, changed

WALK = begin_walk(DOCUMENT)


def at_check(walk: Walk = WALK) -> Walk:
    return replace(walk, step=Step.CHECK, place=len(walk.sections) - 1)


def at_permissions() -> Walk:
    mastered = tuple(concept.id for concept in DOCUMENT.concepts)
    return replace(WALK, step=Step.PERMIT, mastered=mastered)


def said(heard: Heard) -> list[str]:
    return [line.key.removeprefix(f"{DOCUMENT.key}/") for line in heard.lines]


@pytest.mark.parametrize(
    "text",
    [
        "next",
        "Next!",
        "ok",
        "okay go on",
        "got it",
        "yes",
        "yep",
        "sure",
        "I understand",
        "👍",
        "continue",
        "no questions",
    ],
)
def test_on_in_english(text: str) -> None:
    heard = hear(WALK, text, language="en")
    assert heard.walk.place == 1
    assert heard.tell


@pytest.mark.parametrize("text", ["siguiente", "sí", "siga por favor", "entiendo", "vale", "ya", "adelante", "ok"])
def test_on_in_spanish(text: str) -> None:
    assert hear(WALK, text, language="es").walk.place == 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("tell me more", "en"),
        ("can you explain that again?", "en"),
        ("I don't understand", "en"),
        ("dígame más", "es"),
        ("no entiendo", "es"),
        ("¿qué quiere decir eso?", "es"),
    ],
)
def test_more(text: str, language: str) -> None:
    heard = hear(WALK, text, language=language)
    assert said(heard) == ["section/key_information/more"]
    assert (heard.walk.place, heard.tell) == (0, False)


def test_back_and_no_further() -> None:
    second = replace(WALK, place=1)
    assert hear(second, "go back", language="en").walk.place == 0
    assert hear(second, "atrás", language="es").walk.place == 0
    assert said(hear(WALK, "back", language="en")) == ["consent/first"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("pause", "en"),
        ("later", "en"),
        ("I need to think about it", "en"),
        ("let me talk to my wife", "en"),
        ("luego", "es"),
    ],
)
def test_a_pause(text: str, language: str) -> None:
    heard = hear(WALK, text, language=language)
    assert heard.paused
    assert heard.walk.place == 0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("send me the whole document", "en"),
        ("can I read it all online", "en"),
        ("email me a copy of the consent form", "en"),
        ("mándeme el documento completo", "es"),
        ("quiero leer el documento", "es"),
    ],
)
def test_the_whole_document(text: str, language: str) -> None:
    assert hear(WALK, text, language=language).wants_document


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I don't want to take part", "en"),
        ("not interested", "en"),
        ("no quiero participar", "es"),
        ("no me interesa", "es"),
    ],
)
@pytest.mark.parametrize("walk", [WALK, at_check(), replace(at_permissions(), step=Step.DECIDE)])
def test_declining_at_any_step(walk: Walk, text: str, language: str) -> None:
    assert hear(walk, text, language=language).decided is False


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("do I have to take part?", "en", "section/key_information/q1"),
        ("Will my doctor be upset if I refuse", "en", "section/key_information/q1"),
        ("do you sell my sample?", "en", "section/sample/q2"),
        ("will my health insurance see my results", "en", "section/data/q1"),
        ("¿es obligatorio?", "es", "section/key_information/q1"),
        ("venden mi muestra", "es", "section/sample/q2"),
    ],
)
def test_a_question_that_the_document_answers(text: str, language: str, answer: str) -> None:
    for walk in (WALK, at_check()):
        heard = hear(walk, text, language=language)
        assert said(heard) == [answer]
        assert heard.walk == walk
        assert heard.result is None


@pytest.mark.parametrize("text", ["how do I park at the clinic?", "what is the weather", "banana", "who is your CEO?"])
def test_any_other_question_is_the_dialogues(text: str) -> None:
    heard = hear(WALK, text, language="en")
    assert heard.asks_aside
    assert heard.walk.place == 0


def test_not_understood_and_then_a_person_is_offered() -> None:
    walk = WALK
    for _ in range(STUCK):
        assert not_understood(walk).key == "consent/again/explain"
        walk = hear(walk, "frumious bandersnatch", language="en").walk
    assert not_understood(walk).key == "consent/stuck"


def test_the_last_section_leads_to_the_questions() -> None:
    last = replace(WALK, place=len(WALK.sections) - 1)
    assert hear(last, "next", language="en").walk.step is Step.CHECK


def test_understood_at_once() -> None:
    heard = hear(at_check(), "nothing changes, I keep my doctor", language="en")
    assert said(heard) == ["consent/right"]
    assert heard.walk.mastered == ("voluntary",)
    assert heard.result is not None
    assert (heard.result.concept, heard.result.question, heard.result.understood) == ("voluntary", 1, True)


def test_understood_after_a_correction() -> None:
    heard = hear(at_check(), "my doctor would be mad", language="en")
    assert said(heard) == ["consent/not_quite", "concept/voluntary/correction"]
    assert heard.walk.second
    assert heard.walk.check == DOCUMENT.concepts[0].checks[1]
    heard = hear(heard.walk, "I do", language="en")
    assert heard.walk.mastered == ("voluntary",)
    assert heard.walk.second is False
    assert heard.result is not None
    assert heard.result.question == 2


def test_two_failures_bring_a_person_and_refuse_nothing() -> None:
    heard = hear(at_check(), "2", language="en")
    heard = hear(heard.walk, "my doctor", language="en")
    assert heard.lost == "voluntary"
    assert heard.decided is None
    assert said(heard) == ["consent/person_explains"]
    again = hear(heard.walk, "1", language="en")
    assert again.walk.mastered == ("voluntary",), "after the person they are asked again"


def test_not_knowing_is_explained() -> None:
    heard = hear(at_check(), "I don't know", language="en")
    assert said(heard) == ["consent/not_quite", "concept/voluntary/correction"]


def test_what_is_unsure_is_no_failure() -> None:
    heard = hear(at_check(), "the moon", language="en")
    assert heard.asks_aside
    assert heard.result is None
    assert not heard.walk.second
    assert not_understood(heard.walk).key == "consent/again/check"


def test_back_from_a_question_to_its_section() -> None:
    walk = replace(at_check(), mastered=("voluntary",))
    heard = hear(walk, "back", language="en")
    assert heard.walk.step is Step.EXPLAIN
    assert heard.walk.section.id == "sample"
    assert heard.walk.mastered == ("voluntary",)


def test_deciding() -> None:
    walk = replace(at_permissions(), step=Step.DECIDE)
    assert hear(walk, "yes I want to", language="en").walk.step is Step.PERMIT
    assert hear(walk, "no", language="en").decided is False
    assert hear(walk, "maybe", language="en").walk.step is Step.DECIDE
    assert hear(walk, "sí, quiero", language="es").decided is True


def test_permissions_one_by_one() -> None:
    walk, answers = at_permissions(), iter(["yes", "yes", "no", "sure", "no", "no thanks", "yes please"])
    while walk.step is Step.PERMIT:
        walk = hear(walk, next(answers), language="en").walk
    assert walk.chosen == {
        "genetic_testing": True,
        "return_primary": True,
        "return_incidental": False,
        "share_academic": True,
        "share_commercial": False,
        "sample_storage": False,
        "recontact": True,
    }
    assert walk.step is Step.OVER


@pytest.mark.parametrize("text", ["maybe", "what does that mean?", "I don't know", "yes and no"])
def test_a_permission_is_given_by_a_plain_yes_only(text: str) -> None:
    assert hear(at_permissions(), text, language="en").walk.chosen == {}


def test_a_permission_that_the_study_needs_is_asked_for_twice() -> None:
    heard = hear(at_permissions(), "no", language="en")
    assert said(heard) == ["consent/needed"]
    assert heard.walk.chosen == {}
    assert hear(heard.walk, "yes", language="en").walk.chosen == {"genetic_testing": True}
    assert hear(heard.walk, "no", language="en").decided is False


def test_back_among_permissions() -> None:
    walk = hear(at_permissions(), "yes", language="en").walk
    walk = hear(walk, "no", language="en").walk
    assert hear(walk, "back", language="en").walk.chosen == {"genetic_testing": True}


@pytest.mark.parametrize("walk", [WALK, at_check(), replace(at_check(), second=True), at_permissions()])
def test_kept_and_gone_on_with(walk: Walk) -> None:
    assert go_on(DOCUMENT, walk.to_text()) == walk


def test_a_mail_tells_all_sections_at_once() -> None:
    walk, lines = tell(WALK, channel="email")
    assert len(lines) == len(DOCUMENT.sections) + 1
    assert hear(walk, "next", language="en").walk.step is Step.CHECK
    _, lines = tell(WALK, channel="sms")
    assert len(lines) == 1


def test_where_one_was() -> None:
    assert recap(replace(WALK, place=2)).values == {"number": 3, "total": len(DOCUMENT.sections)}
    assert recap(replace(at_check(), mastered=("voluntary",))).values == {"number": 2, "total": len(DOCUMENT.concepts)}


def test_a_new_version_explains_and_asks_what_changed() -> None:
    new: ConsentDocument = changed(DOCUMENT, version="2.0", section="data", permission="share_commercial")
    walk = begin_walk(new, agreed=DOCUMENT)
    assert walk.sections == ("data",)
    assert [concept.id for concept in walk.concepts] == ["data"]
    assert hear(walk, "next", language="en").walk.step is Step.CHECK


def test_whoever_leaves_for_something_else_is_taken_over() -> None:
    assert set(_ACTIONS) == set(ELSEWHERE)
    rules = [
        rule["steps"]
        for file in (ROOT / "data" / "rules").glob("*.yml")
        for rule in yaml.safe_load(file.read_text(encoding="utf-8"))["rules"]
    ]
    named = {steps[0]["intent"]: steps[1]["action"] for steps in rules if "intent" in steps[0] and "action" in steps[1]}
    assert {intent: named[intent] for intent in ELSEWHERE} == _ACTIONS
