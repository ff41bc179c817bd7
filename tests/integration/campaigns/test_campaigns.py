"""Campaigns on a real server: listed with reasons, approved by somebody else, out in waves, called back, gone on with."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from engagement.campaigns import (
    CampaignRefused,
    Draft,
    DryRun,
    Pace,
    approve,
    create_campaign,
    dry_run,
    halt,
    make_touchpoints,
    read_campaign,
    running_campaigns,
    start,
)
from engagement.cohorts import BadCohort
from engagement.optouts import record_opt_out
from engagement.participants import add_contact, add_participant
from storage.database import Database
from storage.ids import new_id
from storage.tables import audit_events, campaign_members, messages, studies, touchpoints
from tests.harness.permissions import permit_invitations
from tests.harness.postgres import KEYRING

AT = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
STUDY, NEXT = "parkinson-lrrk2-gba1", "batten-cln2"
SPONSORS = {STUDY: "Institute", NEXT: "Institute"}
DRAFT = Draft(
    name="next-1",
    study=NEXT,
    cohort="language: [en]",
    says="outreach/invitation",
    channels=("sms", "email"),
    pace=Pace(wave_size=4, wave_every=timedelta(hours=24), per_hour=60),
    starts_at=AT,
    ends_at=AT + timedelta(days=30),
    expires=timedelta(days=3),
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, KEYRING, pool_size=4)
    async with made.begin() as connection:
        await connection.execute(insert_or(studies).values(slug=NEXT, pack_hash="0" * 64).on_conflict_do_nothing())
    yield made
    await made.close()


_numbers = iter(range(1000, 9999))


async def somebody(
    database: Database, *, language: str = "en", permits: bool = True, number: bool = True, stopped: bool = False
) -> UUID:
    async with database.begin() as connection:
        who = await add_participant(connection, language=language, study_slug=STUDY, at=AT)
        if number:
            await add_contact(
                connection, KEYRING, who, channel="sms", value=f"+1202555{next(_numbers)}", verified_at=AT
            )
        if permits:
            await permit_invitations(connection, who, study=STUDY, at=AT - timedelta(days=1), scope="sponsor")
        if stopped:
            await record_opt_out(connection, who, at=AT, actor="participant")
    return who


async def ready(database: Database, *, by: str = "maya", draft: Draft = DRAFT) -> DryRun:
    async with database.begin() as connection:
        await create_campaign(connection, draft, by=by, at=AT)
    return await dry_run(database, draft.name, sponsors=SPONSORS, by=by, at=AT)


async def running(database: Database) -> None:
    found = await ready(database)
    async with database.begin() as connection:
        await approve(connection, DRAFT.name, sha256=found.sha256, by="noor", at=AT)
        await start(connection, DRAFT.name, by="noor", at=AT)


async def tick(database: Database, **later: float) -> int:
    async with database.begin() as connection:
        campaign = await read_campaign(connection, DRAFT.name, lock=True)
        return await make_touchpoints(connection, campaign, at=AT + timedelta(**later))


async def statuses(database: Database) -> dict[str, int]:
    async with database.begin() as connection:
        rows = await connection.execute(
            select(touchpoints.c.status, func.count().label("n")).group_by(touchpoints.c.status)
        )
        return {row.status: row.n for row in rows}


async def said_to(database: Database, status: str) -> UUID:
    """A message of one planned touchpoint, as the outbox keeps it."""
    async with database.begin() as connection:
        first = select(touchpoints.c.id).where(touchpoints.c.status == "planned").order_by(touchpoints.c.id).limit(1)
        touchpoint = await connection.scalar(
            update(touchpoints)
            .where(touchpoints.c.id == first.scalar_subquery())
            .values(status="queued")
            .returning(touchpoints.c.id)
        )
        row = new_id()
        await connection.execute(
            insert(messages).values(
                id=row,
                direction="out",
                channel="sms",
                body=b"",
                status=status,
                created_at=AT,
                available_at=AT,
                touchpoint_id=touchpoint,
            )
        )
        assert touchpoint is not None
        return row


async def test_a_dry_run_lists_everybody_with_a_reason_and_sends_nothing(database: Database) -> None:
    reached = await somebody(database)
    others = {
        await somebody(database, language="es"): "not in the cohort: language",
        await somebody(database, permits=False): "no permission",
        await somebody(database, number=False): "no contact point",
        await somebody(database, stopped=True): "opted out",
    }
    found = await ready(database)
    assert found.included == 1
    assert found.excluded == dict.fromkeys(others.values(), 1)
    async with database.begin() as connection:
        rows = (await connection.execute(select(campaign_members))).all()
        assert {row.participant_id: row.reason for row in rows} == {reached: None, **others}
        assert await connection.scalar(select(func.count()).select_from(touchpoints)) == 0


async def test_the_same_people_and_words_have_the_same_hash_and_others_another(database: Database) -> None:
    who = await somebody(database)
    first = await ready(database)
    assert await dry_run(database, DRAFT.name, sponsors=SPONSORS, by="maya", at=AT) == first
    async with database.begin() as connection:
        await record_opt_out(connection, who, at=AT, actor="participant")
    assert (await dry_run(database, DRAFT.name, sponsors=SPONSORS, by="maya", at=AT)).sha256 != first.sha256


async def test_nobody_approves_their_own_or_another_list(database: Database) -> None:
    await somebody(database)
    found = await ready(database)
    for sha256, by, fault in ((found.sha256, "maya", "somebody else"), ("0" * 64, "noor", "not the list")):
        with pytest.raises(CampaignRefused, match=fault):
            async with database.begin() as connection:
                await approve(connection, DRAFT.name, sha256=sha256, by=by, at=AT)
    with pytest.raises(CampaignRefused, match="this is checked"):
        async with database.begin() as connection:
            await start(connection, DRAFT.name, by="maya", at=AT)


async def test_a_new_dry_run_takes_the_approval_back(database: Database) -> None:
    await somebody(database)
    found = await ready(database)
    async with database.begin() as connection:
        await approve(connection, DRAFT.name, sha256=found.sha256, by="noor", at=AT)
    await dry_run(database, DRAFT.name, sponsors=SPONSORS, by="maya", at=AT)
    with pytest.raises(CampaignRefused, match="this is checked"):
        async with database.begin() as connection:
            await start(connection, DRAFT.name, by="noor", at=AT)


async def test_it_goes_out_in_waves_and_each_gets_it_once(database: Database) -> None:
    for _ in range(6):
        await somebody(database)
    await running(database)
    assert [await tick(database, minutes=minutes) for minutes in (0, 0, 1, 3, 60, 23 * 60)] == [1, 0, 1, 2, 0, 0]
    assert [await tick(database, hours=24, minutes=minutes) for minutes in (0, 1, 2)] == [1, 1, 0]
    assert await statuses(database) == {"planned": 6}


async def test_halted_nothing_more_is_sent_and_gone_on_with_exactly_the_rest_is(database: Database) -> None:
    for _ in range(4):
        await somebody(database)
    await running(database)
    assert await tick(database, minutes=2) == 3
    sent, waiting = await said_to(database, "sending"), await said_to(database, "queued")
    async with database.begin() as connection:
        assert await halt(connection, DRAFT.name, "stop", by="noor", at=AT) == 3
    assert await statuses(database) == {"cancelled": 3}
    async with database.begin() as connection:
        kept = {row.id: row.status for row in await connection.execute(select(messages.c.id, messages.c.status))}
        assert kept == {sent: "sending", waiting: "held_back"}
    async with database.begin() as connection:
        assert await running_campaigns(connection) == []
    async with database.begin() as connection:
        await start(connection, DRAFT.name, by="noor", at=AT + timedelta(hours=1))
    assert await statuses(database) == {"cancelled": 1, "planned": 2}
    assert await tick(database, hours=1) == 1
    assert await tick(database, hours=2) == 0
    assert await statuses(database) == {"cancelled": 1, "planned": 3}


async def test_each_step_is_on_record(database: Database) -> None:
    await somebody(database)
    await running(database)
    async with database.begin() as connection:
        await halt(connection, DRAFT.name, "pause", by="maya", at=AT)
        rows = await connection.execute(
            select(audit_events.c.actor, audit_events.c.action).order_by(audit_events.c.seq)
        )
        steps = [tuple(row) for row in rows if row.action.startswith("campaign_")]
    assert steps == [
        ("maya", "campaign_created"),
        ("maya", "campaign_dry_run"),
        ("noor", "campaign_approved"),
        ("noor", "campaign_started"),
        ("maya", "campaign_paused"),
    ]


async def test_what_can_not_be_meant_is_refused(database: Database) -> None:
    for draft, kind in (
        (replace(DRAFT, cohort="colour: blue"), BadCohort),
        (replace(DRAFT, ends_at=AT), CampaignRefused),
        (replace(DRAFT, pace=replace(DRAFT.pace, per_hour=0)), CampaignRefused),
    ):
        with pytest.raises(kind):
            async with database.begin() as connection:
                await create_campaign(connection, draft, by="maya", at=AT)
    await ready(database)
    with pytest.raises(CampaignRefused, match="already"):
        async with database.begin() as connection:
            await create_campaign(connection, DRAFT, by="maya", at=AT)
    with pytest.raises(CampaignRefused, match="no campaign"):
        async with database.begin() as connection:
            await read_campaign(connection, "unheard-of")
