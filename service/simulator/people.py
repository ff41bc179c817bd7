"""The made-up people: where they live, how they take to being written to. Everything of them follows from the seed."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from service.simulator.life import Life

ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/St_Johns",
    "Europe/London",
    "Europe/Madrid",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
)
"""Twelve: without summer time, with both hemispheres' of it, with half hours, and one whose clock moves by half an hour."""

ONLY_WEB = 8
"""One in so many has no phone and no mailbox here: the web chat alone."""


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How somebody is: chances, of each message or of each month."""

    answers: float
    stops: float
    starts_again: float
    moves: float
    breaks: float
    withdraws: float
    revokes: float
    writes_by_mail: float
    asks: float
    days_to_answer: float
    days_between_visits: float


def make_people(seed: int, how_many: int, *, begins: datetime, joining: timedelta) -> list[tuple[Life, Manner]]:
    """People who come in over `joining`; one in ten lives we do not know where."""
    dice = random.Random(f"people {seed}")
    return [_somebody(dice, number, begins + joining * dice.random()) for number in range(how_many)]


def _somebody(dice: random.Random, number: int, since: datetime) -> tuple[Life, Manner]:
    since = since.replace(second=0, microsecond=0)
    zone = None if dice.random() < 0.1 else ZONES[number % len(ZONES)]
    life = Life(
        number=f"+1202{5_550_000 + number:07d}",
        mail=f"person{number}@people.example",
        language=dice.choice(["en", "en", "es"]),
        since=since,
        zones=[(since, zone)],
        web=str(UUID(int=number + 1)) if number % ONLY_WEB == ONLY_WEB - 1 else "",
    )
    manner = Manner(
        answers=dice.choice([0.2, 0.5, 0.8]),
        stops=dice.choice([0.0, 0.0, 0.02]),
        starts_again=0.3,
        moves=dice.choice([0.0, 0.0, 0.0, 0.05]),
        breaks=dice.choice([0.0, 0.0, 0.03]),
        withdraws=dice.choice([0.0, 0.0, 0.01]),
        revokes=dice.choice([0.0, 0.0, 0.01]),
        writes_by_mail=dice.choice([0.0, 0.0, 0.2]),
        asks=0.05,
        days_to_answer=dice.choice([0.1, 1.0, 4.0]),
        days_between_visits=(0.5, 2.0, 7.0)[number // ONLY_WEB % 3],
    )
    return life, manner
