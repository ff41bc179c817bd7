"""Intervals against published figures and their own properties."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.experiments.intervals import difference, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(hits: int, of: int, low: float, high: float) -> None:
    interval = wilson(hits, of)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [
        # Newcombe (1998), "Interval estimation for the difference between independent proportions", table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_differences_as_published(one: tuple[int, int], two: tuple[int, int], low: float, high: float) -> None:
    interval = difference(*one, *two)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_nothing_is_known_of_nobody() -> None:
    assert math.isnan(wilson(0, 0).estimate)
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)
    assert (difference(0, 0, 1, 2).low, difference(0, 0, 1, 2).high) == (-1.0, 1.0)


def test_more_hits_than_people_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


_shares = st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(_shares, _shares)
def test_an_interval_holds_its_estimate_and_turns_round_with_its_sides(
    one: tuple[int, int], two: tuple[int, int]
) -> None:
    there, back = difference(*one, *two), difference(*two, *one)
    assert there.low <= there.estimate <= there.high
    assert there.low == pytest.approx(-back.high)
    assert there.estimate == pytest.approx(-back.estimate)
