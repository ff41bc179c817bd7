"""By chance, evenly, and the same for whoever works it out again."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.experiments.design import BLOCKS, Arm, Design, arm_at, stratum_of


def design(*weights: int, seed: int = 1) -> Design:
    arms = tuple(Arm(name=f"arm{number}", weight=weight) for number, weight in enumerate(weights))
    return Design(
        name="wording", seed=seed, arms=arms, strata=("language", "channel"), outcome="replied", within_days=7
    )


def row(of: Design, stratum: str, length: int) -> list[str]:
    return [arm_at(of, stratum, position) for position in range(length)]


def test_the_same_seed_gives_the_same_row() -> None:
    # Written down once: whoever audits a trial next year must come to this too.
    first = [arm.removeprefix("arm") for arm in row(design(1, 1), "language=en|channel=sms", 8)]
    assert "".join(first) == "11000011"
    assert row(design(1, 1, seed=1), "s", 64) != row(design(1, 1, seed=2), "s", 64)
    assert row(design(1, 1), "s", 64) != row(design(1, 1), "t", 64)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=4), st.integers(0, 400), st.integers())
def test_arms_stay_even_within_a_block(weights: list[int], length: int, seed: int) -> None:
    of = design(*weights, seed=seed)
    block = BLOCKS * sum(weights)
    counts = Counter(row(of, "s", length))
    for number, weight in enumerate(weights):
        due = length // block * weight * BLOCKS
        assert due <= counts[f"arm{number}"] <= due + weight * BLOCKS


def test_an_unknown_trait_is_a_stratum_of_its_own() -> None:
    assert stratum_of(design(1, 1), {"language": "es"}) == "language=es|channel=unknown"


def test_an_arm_is_found_by_its_name() -> None:
    assert design(1, 1).arm("arm1").name == "arm1"
    with pytest.raises(KeyError):
        design(1, 1).arm("arm7")
