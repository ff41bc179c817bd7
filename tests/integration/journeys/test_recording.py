"""Events on a real server: once each, in any order, and never back by a late one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from engagement.journeys import Recorded, clear_date, record_event, set_date, set_time_zone
from engagement.journeys.recording import UnknownKind
from engagement.participants import add_participant, merge_participants
from storage.database import Database
from storage.tables import enrolments, journey_dates, journey_events, stage_history
from tests.harness.postgres import KEYRING

AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
STUDY = "parkinson-lrrk2-gba1"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, KEYRING, pool_size=8)
    yield made
    await made.close()


@pytest.fixture
async def who(database: Database) -> UUID:
    async with database.begin() as connection:
        return await add_participant(connection, language="en", study_slug=STUDY, at=AT)


async def tell(database: Database, who: UUID, kind: str, *, day: int = 0, key: str = "") -> Recorded:
    at = AT + timedelta(days=day)
    async with database.begin() as connection:
        return await record_event(
            connection, who, STUDY, kind, at=at, now=AT + timedelta(days=30), source="courier", key=key or str(uuid4())
        )


async def one(database: Database, what: Any) -> Any:
    async with database.begin() as connection:
        return await connection.scalar(what)


STAGE = select(enrolments.c.stage)
EVENTS = select(func.count()).select_from(journey_events)
MOVES = select(func.count()).select_from(stage_history)


async def test_an_event_moves_the_stage_once(database: Database, who: UUID) -> None:
    first = await tell(database, who, "kit_delivered", key="K-1")
    again = await tell(database, who, "kit_delivered", key="K-1")
    other = await tell(database, who, "withdrawn", key="K-1")
    assert first == Recorded(new=True, stage_before="first_contact", stage="kit_delivered")
    assert again == other == Recorded(new=False, stage_before="kit_delivered", stage="kit_delivered")
    assert await one(database, EVENTS) == 1
    assert await one(database, MOVES) == 2  # first contact, and this


async def test_a_late_event_moves_nobody_back(database: Database, who: UUID) -> None:
    await tell(database, who, "sample_returned", day=9)
    late = await tell(database, who, "kit_delivered", day=3)
    assert late == Recorded(new=True, stage_before="sample_returned", stage="sample_returned")


async def test_many_at_once_end_as_one_after_another(database: Database, who: UUID) -> None:
    kinds = ["kit_ordered", "kit_delivered", "sample_returned", "in_laboratory", "result"]
    tasks = [tell(database, who, kind, day=day, key=kind) for day, kind in enumerate(kinds) for _ in range(2)]
    done = await asyncio.gather(*tasks)
    assert sum(recorded.new for recorded in done) == len(kinds)
    assert await one(database, STAGE) == "result"


async def test_who_was_not_in_the_study_is(database: Database, who: UUID) -> None:
    async with database.begin() as connection:
        told = await record_event(connection, who, "batten-cln2", "consented", at=AT, now=AT, source="site", key="1")
    assert told.stage == "consented"


async def test_an_unknown_kind_is_refused(database: Database, who: UUID) -> None:
    with pytest.raises(UnknownKind, match="kit_delivered"):
        await tell(database, who, "kit_arrived")
    assert await one(database, EVENTS) == 0


async def test_a_date_is_set_moved_and_called_off(database: Database, who: UUID) -> None:
    for hours in (1, 2):
        async with database.begin() as connection:
            await connection.execute(update(enrolments).values(replan_at=None))
            await set_date(connection, who, STUDY, "appointment", "a1", at=AT + timedelta(hours=hours), now=AT)
        assert await one(database, select(journey_dates.c.at)) == AT + timedelta(hours=hours)
        assert await one(database, select(enrolments.c.replan_at)) == AT
    async with database.begin() as connection:
        await clear_date(connection, who, STUDY, "appointment", "a1", now=AT)
    assert await one(database, select(journey_dates.c.at)) is None


async def test_who_moves_house_is_planned_anew(database: Database, who: UUID) -> None:
    async with database.begin() as connection:
        await connection.execute(update(enrolments).values(replan_at=None))
        await set_time_zone(connection, who, "Pacific/Honolulu", now=AT)
    assert await one(database, select(enrolments.c.replan_at)) == AT


async def test_events_follow_whom_they_turn_out_to_be(database: Database, who: UUID) -> None:
    async with database.begin() as connection:
        other = await add_participant(connection, language="en", study_slug=STUDY, at=AT)
    await tell(database, other, "kit_delivered")
    async with database.begin() as connection:
        await merge_participants(connection, source=other, target=who, at=AT, cause="code")
    assert await one(database, select(journey_events.c.participant_id)) == who
