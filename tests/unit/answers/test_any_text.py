"""Reading never raises, answers the same twice, is quick, and only ever gives what the item allows."""

import datetime
import time
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagement.answers import (
    Ambiguous,
    Expectation,
    Option,
    Quantity,
    Understood,
    read_answer,
)
from engagement.answers.vocabulary import languages, vocabulary

TODAY = datetime.date(2026, 11, 24)
COLOURS = tuple(
    Option(code=f"c{place}", display=name) for place, name in enumerate(("Red", "Blue", "Not sure", "5"), 1)
)
EXPECTATIONS = (
    Expectation(kind="boolean"),
    Expectation(kind="integer", minimum=0, maximum=100),
    Expectation(kind="integer", repeats=True),
    Expectation(kind="decimal", max_decimals=1),
    Expectation(kind="quantity", unit="kg"),
    Expectation(kind="quantity", units=("cm", "[in_i]")),
    Expectation(kind="date"),
    Expectation(kind="date", partial_date=True, maximum="2026-11-24"),
    Expectation(kind="dateTime"),
    Expectation(kind="time"),
    Expectation(kind="choice", options=COLOURS),
    Expectation(kind="choice", options=COLOURS, repeats=True),
    Expectation(kind="open-choice", options=COLOURS, repeats=True),
    Expectation(kind="choice"),
    Expectation(kind="string", max_length=20),
    Expectation(kind="text"),
    Expectation(kind="url"),
)
TYPES = {
    "boolean": bool,
    "integer": int,
    "decimal": Decimal,
    "quantity": Quantity,
    "choice": Option,
    "open-choice": Option | str,
}
KNOWN = sorted({word for language in languages() for table in vocabulary(language).tables.values() for word in table})
PIECES = st.one_of(
    st.sampled_from(KNOWN),
    st.integers(0, 99_999).map(str),
    st.sampled_from(
        [*"/-.,:;'\"?¿!&+%°½ ", "yes", "no", "not", "red", "blue", "1/2", "1,5", "all but", "todas menos", "lbs"]
    ),
)
LIKELY = st.lists(PIECES, max_size=12).map(" ".join)
ANY = st.text(st.characters(), max_size=4_000)


def check(text: str, expectation: Expectation, language: str, region: str | None) -> None:
    read = [
        read_answer(text, expectation, language=language, today=TODAY, region=region, born=datetime.date(1970, 5, 5))
        for _ in range(2)
    ]
    assert read[0] == read[1]
    reading = read[0]
    if isinstance(reading, Understood):
        wanted = TYPES.get(expectation.kind, str)
        assert all(isinstance(value, wanted) for value in reading.values)
        assert len(reading.values) <= 1 or expectation.repeats
        assert reading.values or expectation.repeats
        for value in reading.values:
            if expectation.kind == "choice":
                assert value in expectation.options
            if isinstance(value, int) and not isinstance(value, bool) and isinstance(expectation.minimum, int):
                assert isinstance(expectation.maximum, int)
                assert expectation.minimum <= value <= expectation.maximum
            if expectation.kind == "date":
                assert isinstance(value, str)
                year, _, rest = value.partition("-")
                datetime.date.fromisoformat(value if len(value) == 10 else f"{year}-{rest or '01'}-01")
                assert len(value) == 10 or expectation.partial_date
    if isinstance(reading, Ambiguous):
        assert reading.candidates


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    LIKELY,
    st.sampled_from(EXPECTATIONS),
    st.sampled_from(["en", "es", "fr"]),
    st.sampled_from([None, "US", "MX", "ES"]),
)
def test_words_it_knows_in_any_order(text: str, expectation: Expectation, language: str, region: str | None) -> None:
    check(text, expectation, language, region)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY, st.sampled_from(EXPECTATIONS), st.sampled_from(["en", "es"]))
def test_any_text(text: str, expectation: Expectation, language: str) -> None:
    check(text, expectation, language, None)


LONG = {
    "words": "yes no maybe the red one and 5 of march " * 100,
    "digits": "9" * 4_000,
    "numbers": "1 " * 2_000,
    "grouped": "1,000," * 600,
    "slashes": "1/2/" * 1_000,
    "no": "no " * 1_300,
    "not know": "i dont know " * 330,
    "prefer": "i would rather prefer not to " * 130,
    "questions": "what? " * 600,
    "stretched": "a" * 4_000,
    "spaces": " " * 4_000,
    "fillers": "um so well " * 360,
    "marks": "?!.,;:" * 660,
    "accents": "á" + "\u0301" * 3_998,
    "ligatures": "ﷺ" * 4_000,
    "emoji": "👍🏽" * 2_000,
    "beyond": "x" * 50_000,
}


@pytest.mark.parametrize("name", LONG)
def test_no_text_takes_long(name: str) -> None:
    """The worst of a hostile message is bounded: under a quarter of a second for each item, on a busy machine."""
    for expectation in EXPECTATIONS:
        for language in languages():
            started = time.process_time()
            read_answer(LONG[name], expectation, language=language, today=TODAY)
            assert time.process_time() - started < 0.25, (expectation.kind, language)


def test_a_usual_answer_takes_milliseconds() -> None:
    usual = {
        "boolean": "yes, since last year",
        "integer": "about twenty five",
        "quantity": "5 ft 7",
        "date": "two weeks ago",
        "time": "half past 8 pm",
        "choice": "the second one",
    }
    for expectation in EXPECTATIONS:
        text = usual.get(expectation.kind, "my doctor said it was fine")
        read_answer(text, expectation, language="en", today=TODAY)
        started = time.process_time()
        for _ in range(20):
            read_answer(text, expectation, language="en", today=TODAY)
        assert (time.process_time() - started) / 20 < 0.02, expectation.kind
