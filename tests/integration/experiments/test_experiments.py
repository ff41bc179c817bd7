"""Assigned once, whoever asks at once; read out by what was meant."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from engagement.experiments import Arm, ArmResult, Design, assign_arm, read_report
from engagement.journeys import record_event
from engagement.participants import add_participant, merge_participants
from storage.database import Database
from storage.ids import new_id
from storage.tables import experiment_assignments, messages
from tests.harness.postgres import KEYRING

AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
STUDY = "parkinson-lrrk2-gba1"


def design(outcome: str = "sample_returned") -> Design:
    arms = (Arm(name="plain"), Arm(name="warm"))
    return Design(name=f"kit-{outcome}", seed=7, arms=arms, strata=("language",), outcome=outcome, within_days=14)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, KEYRING, pool_size=8)
    yield made
    await made.close()


async def somebody(database: Database) -> UUID:
    async with database.begin() as connection:
        return await add_participant(connection, language="en", study_slug=STUDY, at=AT)


async def assign(database: Database, who: UUID, of: Design, language: str = "en") -> str:
    async with database.begin() as connection:
        return (await assign_arm(connection, of, who, {"language": language}, at=AT, counts_from=AT)).name


async def report(database: Database, of: Design, *, days: int) -> dict[str, ArmResult]:
    async with database.begin() as connection:
        return {arm.arm: arm for arm in await read_report(connection, of, at=AT + timedelta(days=days))}


async def test_many_at_once_are_assigned_once_each_without_a_gap(database: Database) -> None:
    people = [await somebody(database) for _ in range(16)]
    first = await asyncio.gather(*(assign(database, who, design()) for who in people * 2))
    assert first[:16] == first[16:]
    assert Counter(first[:16]) == {"plain": 8, "warm": 8}
    async with database.begin() as connection:
        positions = await connection.scalars(select(experiment_assignments.c.position))
        assert sorted(positions) == list(range(16))


async def test_whoever_changes_language_stays_where_chance_put_them(database: Database) -> None:
    who = await somebody(database)
    assert await assign(database, who, design()) == await assign(database, who, design(), "es")


async def test_who_turns_out_to_be_another_is_not_assigned_again(database: Database) -> None:
    first, second = await somebody(database), await somebody(database)
    arm = await assign(database, first, design())
    async with database.begin() as connection:
        await merge_participants(connection, source=first, target=second, at=AT, cause="test")
    assert await assign(database, second, design()) == arm
    async with database.begin() as connection:
        assert len(list(await connection.scalars(select(experiment_assignments.c.id)))) == 1


async def test_everybody_counts_in_the_arm_they_were_given(database: Database) -> None:
    of = design()
    people = {who: await assign(database, who, of) for who in [await somebody(database) for _ in range(8)]}
    warm = [who for who, arm in people.items() if arm == "warm"]
    late = warm.pop()
    for who, day in [*((who, 3) for who in warm), (late, 15)]:
        async with database.begin() as connection:
            at = AT + timedelta(days=day)
            await record_event(connection, who, STUDY, "sample_returned", at=at, now=at, source="lab", key=str(who))
    early = await report(database, of, days=13)
    assert (early["warm"].assigned, early["warm"].followed) == (4, 0)
    done = await report(database, of, days=20)
    assert (done["plain"].followed, done["plain"].reached_outcome, done["plain"].against_first) == (4, 0, None)
    assert (done["warm"].followed, done["warm"].reached_outcome) == (4, 3)
    assert done["warm"].share.estimate == 0.75
    against = done["warm"].against_first
    assert against is not None
    assert against.low > 0


async def test_a_reply_counts_from_when_the_variant_was_due(database: Database) -> None:
    of = design("replied")
    who = await somebody(database)
    arm = await assign(database, who, of)
    for hours in (-1, 5):
        at = AT + timedelta(hours=hours)
        row = new_id()
        async with database.begin() as connection:
            before = (await read_report(connection, of, at=AT + timedelta(days=30)))[0 if arm == "plain" else 1]
            assert before.reached_outcome == 0
            await connection.execute(
                insert(messages).values(
                    id=row,
                    direction="in",
                    channel="sms",
                    participant_id=who,
                    body=KEYRING.seal("hello", place="messages.body", row=row),
                    status="done",
                    created_at=at,
                    available_at=at,
                )
            )
    done = await report(database, of, days=30)
    assert done[arm].reached_outcome == 1
