"""A small simulation: nothing goes wrong, it can be played again, and a broken gate would be seen."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from conversation.gate import Decision, Facts
from service.simulator.checking import count
from service.simulator.faults import Faults
from service.simulator.life import Life
from service.simulator.people import ONLY_WEB, Manner, make_people
from service.simulator.run import play
from tests.harness.postgres import Postgres

STUDY = "parkinson-lrrk2-gba1"
OFTEN = Faults(killed=0.01, refused=0.05, lost=0.01, unheard=0.02, undelivered=0.03)


async def test_nothing_goes_wrong_and_the_same_seed_gives_the_same_run(postgres: Postgres) -> None:
    with postgres.fresh() as one, postgres.fresh() as another:
        first, second = [
            await play(url, study=STUDY, participants=8, months=3, seed=5, faults=OFTEN) for url in (one, another)
        ]
    assert count(first.violations) == dict.fromkeys(count([]), 0)
    assert len(first.taken) > 8
    assert first.deaths > 1
    assert first.as_json() == second.as_json()
    assert first.taken == second.taken


async def test_a_gate_that_lets_everything_through_is_seen(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_gate(facts: Facts) -> Decision:
        return Decision(allowed=facts.has_contact, reason="allowed" if facts.has_contact else "no_contact_point")

    def nowhere(seed: int, how_many: int, *, begins: datetime, joining: timedelta) -> list[tuple[Life, Manner]]:
        people = make_people(seed, how_many, begins=begins, joining=joining)
        for life, _ in people:
            life.zones = [(life.since, None)]
        return people

    monkeypatch.setattr("service.simulator.run.make_people", nowhere)
    monkeypatch.setattr("conversation.deliver.decide_delivery", open_gate)
    monkeypatch.setattr("scheduler.sending.decide_delivery", open_gate)
    found = await play(database_url, study=STUDY, participants=6, months=2, seed=5, faults=OFTEN)
    assert count(found.violations)["quiet_hours"] > 0, "ten in New York is seven in Los Angeles, where they may live"


async def test_the_web_chat_alone_and_one_that_shows_what_has_become_wrong(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def take_nothing_back(*_: object, **__: object) -> None:
        return

    def on_the_web(seed: int, how_many: int, *, begins: datetime, joining: timedelta) -> list[tuple[Life, Manner]]:
        people = make_people(seed, how_many * ONLY_WEB, begins=begins, joining=joining)
        return [(life, replace(manner, answers=0.8, days_between_visits=1.5)) for life, manner in people if life.web]

    monkeypatch.setattr("service.simulator.run.make_people", on_the_web)
    with postgres.fresh() as url:
        sound = await play(url, study=STUDY, participants=12, months=3, seed=5, faults=OFTEN)
    assert count(sound.violations) == dict.fromkeys(count([]), 0)
    assert {one.channel for one in sound.taken} == {"webchat"}
    monkeypatch.setattr("service.simulator.chats.take_back_unseen", take_nothing_back)
    with postgres.fresh() as url:
        broken = await play(url, study=STUDY, participants=12, months=3, seed=5, faults=OFTEN)
    assert count(broken.violations)["after_event"] > 0
