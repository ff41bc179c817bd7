"""An experiment: which wording or timing does better, decided by chance and read out by what was meant.

Assignment is by permuted blocks within strata, so the arms stay even in each stratum at any moment; it is a function of the
seed, the stratum and the order of arrival, so anybody can work it out again.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

BLOCKS = 2
"""A block holds each arm so many times its weight: large enough that the next arm cannot be guessed with certainty."""


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One variant. `weight`: its share in a block."""

    name: str
    weight: int = 1


@dataclass(frozen=True, kw_only=True)
class Design:
    """`strata`: what the participants are kept apart by (language, channel, stage); `within_days`: how long an outcome counts."""

    name: str
    seed: int
    arms: tuple[Arm, ...]
    strata: tuple[str, ...]
    outcome: str
    within_days: int
    study: str = ""
    touchpoint: str = ""
    """Whose mails are meant where the outcome is that they were opened."""

    def arm(self, name: str) -> Arm:
        """The arm of that name; `KeyError` where there is none."""
        return next((arm for arm in self.arms if arm.name == name), None) or _missing(name)


def arm_at(design: Design, stratum: str, position: int) -> str:
    """The arm of the `position`-th arrival (from 0) in a stratum."""
    block = [arm.name for arm in design.arms for _ in range(arm.weight * BLOCKS)]
    number, place = divmod(position, len(block))
    # A string seeds `random.Random` by its SHA-512, alike in every process and on every machine.
    random.Random(f"{design.name}|{design.seed}|{stratum}|{number}").shuffle(block)
    return block[place]


def stratum_of(design: Design, traits: Mapping[str, str]) -> str:
    """The stratum of somebody with these traits; an unknown trait is a stratum of its own."""
    return "|".join(f"{name}={traits.get(name, 'unknown')}" for name in design.strata)


def _missing(name: str) -> Arm:
    raise KeyError(name)
