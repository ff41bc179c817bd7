"""When somebody wants to hear from us again, in their own words."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.later import read_later

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("language", "text", "local"),
    [
        ("en", "remind me tomorrow evening", "03-03 18:30"),
        ("en", "in 2 weeks", "03-16 10:00"),
        ("en", "In two weeks please, in the morning", "03-16 09:00"),
        ("en", "ask me again on Friday", "03-06 09:00"),
        ("en", "not now, ask me on Monday", "03-09 09:00"),
        ("en", "next week is better", "03-09 09:00"),
        ("en", "this weekend", "03-07 09:00"),
        ("en", "snooze for a day", "03-03 10:00"),
        ("en", "in a couple of days", "03-04 10:00"),
        ("en", "give me a few days", "03-05 10:00"),
        ("en", "another week please", "03-09 10:00"),
        ("en", "2 more hours", "03-02 12:00"),
        ("en", "in a meeting, message me in an hour", "03-02 11:00"),
        ("en", "later today", "03-02 11:00"),
        ("en", "busy right now, text me after 6 pm", "03-02 18:00"),
        ("en", "tonight", "03-02 18:30"),
        ("en", "I'm on vacation till March 15", "03-15 09:00"),
        ("en", "come back to me in a month", "04-02 10:00"),
        ("en", "in 20 years", "08-29 10:00"),
        ("es", "recuérdame mañana por la noche", "03-03 18:30"),
        ("es", "mañana por la mañana", "03-03 09:00"),
        ("es", "en dos semanas", "03-16 10:00"),
        ("es", "el viernes por la tarde", "03-06 14:00"),
        ("es", "deme unos días", "03-05 10:00"),
        ("es", "la próxima semana", "03-09 09:00"),
        ("es", "el 15 de marzo", "03-15 09:00"),
        ("es", "escríbame en una hora", "03-02 11:00"),
        ("es", "después de las 6", "03-02 18:00"),
        ("es", "esta noche", "03-02 18:30"),
        ("en", "mañana por la noche", "03-03 18:30"),
    ],
)
def test_what_is_meant(language: str, text: str, local: str) -> None:
    later = read_later(text, language=language, now=MONDAY)
    assert (f"{later.until.astimezone(NEW_YORK):%m-%d %H:%M}", later.said) == (local, True)


@pytest.mark.parametrize("text", ["not now", "maybe later", "ahorita no", "luego", ""])
def test_who_names_no_time_is_asked_again_tomorrow(text: str) -> None:
    later = read_later(text, language="en", now=MONDAY)
    assert (later.until, later.said) == (MONDAY + timedelta(days=1), False)


@given(text=st.text(max_size=80), language=st.sampled_from(["en", "es"]))
def test_any_text_means_a_time_to_come(text: str, language: str) -> None:
    until = read_later(text, language=language, now=MONDAY).until
    assert MONDAY + timedelta(hours=1) <= until <= MONDAY + timedelta(days=180)
