"""Talks about permissions, message by message: what is asked, understood, confirmed, left alone."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from engagement.interviews import Topic
from engagement.permissions.changes import Change
from engagement.permissions.hearing import (
    CHANGE,
    MY_PERMISSIONS,
    WITHDRAW,
    Heard,
    Talk,
    hear_talk,
    open_talk,
    read_talk,
)
from engagement.permissions.listing import Item
from engagement.words import load_words
from service.settings import ROOT

WORDS, _ = load_words(ROOT / "content")
TODAY = date(2026, 11, 24)
ITEMS = (
    Item(purpose="study_contact", scope="", on=True),
    Item(purpose="genetic_testing", scope="", on=True),
    Item(purpose="return_incidental", scope="", on=False),
    Item(purpose="recontact", scope="sponsor", on=True, channels=frozenset({"email"}), per_year=4),
)
OFF = Change(item="genetic_testing", on=False)
WISH, WHICH, CONFIRM = Talk(asked="wish"), Talk(asked="which"), Talk(asked="confirm", change=OFF)


def begin(intent: str, text: str = "", *, channel: str = "webchat") -> Heard:
    return open_talk(intent, text, ITEMS, language="en", channel=channel)


def hear(talk: Talk, text: str, *, topic: Topic | None = None, language: str = "en") -> Heard:
    return hear_talk(talk, text, ITEMS, topic=topic or Topic(), language=language, channel="webchat", today=TODAY)


def keys(heard: Heard) -> Sequence[str]:
    return [line.key for line in heard.lines]


def test_what_was_agreed_to_is_listed_with_its_limits() -> None:
    heard = begin(MY_PERMISSIONS)
    assert heard.talk == WHICH
    assert heard.lines[0].values["permissions"] == {
        "numbered": [
            "@permissions/yes/study_contact",
            "@permissions/yes/genetic_testing",
            "@permissions/no/return_incidental",
            ["@permissions/yes/recontact/sponsor", "@permissions/only/email", "@permissions/times/n4"],
        ]
    }


def test_a_text_message_carries_no_list() -> None:
    [line] = begin(MY_PERMISSIONS, channel="sms").lines
    assert (line.key, line.values) == ("permissions/list_elsewhere", {"count": 3})


def test_a_change_is_confirmed_before_it_is_one() -> None:
    heard = begin(CHANGE, "no genetic testing please")
    assert (heard.talk, heard.change) == (CONFIRM, None)
    assert heard.lines[0].values == {"change": ["@permissions/no/genetic_testing"]}
    assert hear(CONFIRM, "yes").change == OFF
    assert hear(CONFIRM, "sí", language="es").change == OFF
    assert keys(hear(CONFIRM, "no")) == ["permissions/unchanged"]


def test_a_change_that_is_not_clear_is_asked_back_with_the_list() -> None:
    heard = begin(CHANGE, "I want to change what I agreed to")
    assert (keys(heard), heard.talk) == (["permissions/list", "permissions/which"], WHICH)
    assert hear(WHICH, "2").talk == CONFIRM
    assert keys(hear(WHICH, "leave it")) == ["permissions/unchanged"]


def test_another_change_instead_of_a_yes() -> None:
    heard = hear(CONFIRM, "I meant incidental findings")
    assert heard.talk == Talk(asked="confirm", change=Change(item="return_incidental", on=True))
    assert heard.change is None


def test_a_plain_wish_needs_no_question() -> None:
    assert begin(WITHDRAW, "I want to leave the study").wishes == ("leave_study",)


def test_an_unclear_wish_is_asked_back_once_then_a_person_comes() -> None:
    heard = begin(WITHDRAW, "I want out")
    assert (keys(heard), heard.talk) == (["permissions/ask_wish"], WISH)
    again = hear(WISH, "hmm")
    assert (keys(again), again.talk) == (["permissions/ask_wish"], Talk(asked="wish", tries=1))
    assert again.talk is not None
    assert hear(again.talk, "hmm").person


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("2", ("leave_study",)),
        ("3 and 4", ("destroy_sample", "delete_data")),
        ("1, 2, 3", ("stop_contact", "leave_study", "destroy_sample")),
        ("destroy my sample", ("destroy_sample",)),
    ],
)
def test_a_wish_by_number_or_words(text: str, wishes: tuple[str, ...]) -> None:
    assert hear(WISH, text).wishes == wishes


@pytest.mark.parametrize("text", ["5", "none of these", "nothing"])
def test_no_wish_after_all(text: str) -> None:
    assert keys(hear(WISH, text)) == ["permissions/unchanged"]


def test_numbers_that_are_no_wish() -> None:
    assert hear(WISH, "7").wishes == ()
    assert hear(WISH, "I have 2 children and 3 dogs at home").wishes == ()


@pytest.mark.parametrize("language", ["en", "es"])
def test_our_own_quick_replies_are_understood(language: str) -> None:
    told = {word.key: word.text for word in WORDS if word.language == language and not word.channel}
    [line] = begin(WITHDRAW, "I want out").lines
    for key in line.replies:
        wish = key.removeprefix("replies/")
        assert hear(WISH, told[key], language=language).wishes == (wish,), told[key]
        assert hear(WISH, told[f"permissions/wish/{wish}"], language=language).wishes == (wish,)


def test_a_question_in_the_middle_is_answered_and_ours_asked_again() -> None:
    heard = hear(CONFIRM, "who sees my answers?", topic=Topic(intent="faq", keys=("faq/who_sees_my_answers",)))
    assert (keys(heard), heard.talk) == (["faq/who_sees_my_answers", "permissions/confirm"], CONFIRM)


def test_a_person_is_called_and_another_wish_begins_anew() -> None:
    assert hear(CONFIRM, "let me talk to somebody", topic=Topic(intent="ask_person")).person
    assert hear(CONFIRM, "I want to leave the study", topic=Topic(intent=WITHDRAW)).wishes == ("leave_study",)
    assert keys(hear(WHICH, "what did I say yes to", topic=Topic(intent=MY_PERMISSIONS))) == ["permissions/list"]


def test_what_is_not_understood_twice_changes_nothing() -> None:
    again = hear(WHICH, "banana")
    assert again.talk is not None
    assert keys(hear(again.talk, "banana")) == ["permissions/unchanged"]


@pytest.mark.parametrize(
    "talk",
    [
        WISH,
        WHICH,
        CONFIRM,
        Talk(asked="confirm", change=Change(item="recontact", on=True, channels=("email",), per_year=2)),
    ],
)
def test_a_talk_is_kept_as_it_is(talk: Any) -> None:
    assert read_talk(talk.to_json()) == talk
