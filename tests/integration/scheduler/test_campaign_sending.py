"""A campaign through the scheduler, the gate and the providers: once each, halted in the middle, gone on with; its answers."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from conversation.messages import Accepted, OutboundMessage
from engagement.campaigns import Draft, Pace, approve, create_campaign, dry_run, halt, start
from engagement.permissions import Cause, record_permission
from scheduler.campaigning import run_campaigns
from scheduler.sending import queue_due
from tests.harness.permissions import permit_invitations
from tests.integration.scheduler.stage import PACKS, STUDY, Stage

NEXT = "batten-cln2"
SPONSORS = dict.fromkeys(PACKS, "Institute")
PEOPLE = 60


async def invited(stage: Stage, how_many: int, *, scope: str = "any") -> list[UUID]:
    people = [await stage.person(channels="sms") for _ in range(how_many)]
    async with stage.database.begin() as connection:
        for who in people:
            await permit_invitations(connection, who, study=STUDY, at=stage.now, scope=scope)
    return people


async def campaign(stage: Stage, *, per_hour: int = 5000, channels: tuple[str, ...] = ("sms", "email")) -> None:
    draft = Draft(
        name="next-1",
        study=NEXT,
        cohort="language: [en]",
        says="invitation/first",
        channels=channels,
        pace=Pace(wave_size=1000, wave_every=timedelta(hours=24), per_hour=per_hour),
        starts_at=stage.now,
        ends_at=stage.now + timedelta(days=30),
        expires=timedelta(days=3),
    )
    async with stage.database.begin() as connection:
        await create_campaign(connection, draft, by="maya", at=stage.now)
    found = await dry_run(stage.database, draft.name, sponsors=SPONSORS, by="maya", at=stage.now)
    async with stage.database.begin() as connection:
        await approve(connection, draft.name, sha256=found.sha256, by="noor", at=stage.now)
        await start(connection, draft.name, by="noor", at=stage.now)


async def go_on(stage: Stage, *, hours: float) -> None:
    stage.now += timedelta(hours=hours)
    while await run_campaigns(stage.database, at=stage.now):
        pass
    await stage.work()


async def test_halted_in_the_middle_nothing_more_goes_and_started_again_exactly_the_rest(stage: Stage) -> None:
    await invited(stage, PEOPLE)
    await campaign(stage)
    sms = next(provider for provider in stage.providers.values() if provider.channel == "sms")
    sending, halted_after = sms.send, 25

    async def send(message: OutboundMessage) -> Accepted:
        accepted = await sending(message)
        if len(stage.got) == halted_after:
            async with stage.database.begin() as connection:
                await halt(connection, "next-1", "stop", by="noor", at=stage.now)
        return accepted

    sms.send = send  # type: ignore[method-assign]
    await go_on(stage, hours=1)
    assert len(stage.got) == halted_after
    await go_on(stage, hours=1)
    assert len(stage.got) == halted_after
    async with stage.database.begin() as connection:
        await start(connection, "next-1", by="noor", at=stage.now)
    await go_on(stage, hours=1)
    assert len(stage.got) == PEOPLE
    assert set(Counter(got.to for got in stage.got).values()) == {1}
    rows = await stage.rows("select status from campaigns")
    assert rows == [{"status": "running"}]
    await go_on(stage, hours=1)
    assert await stage.rows("select status from campaigns") == [{"status": "done"}]


async def test_what_the_own_study_wants_goes_before_invitations(stage: Stage) -> None:
    await invited(stage, 12)
    reminded = await stage.person(channels="sms")
    await stage.event(reminded, "kit_delivered")
    stage.now = datetime(2026, 3, 5, 14, 50, tzinfo=UTC)
    await campaign(stage)
    stage.now += timedelta(minutes=5)
    assert await run_campaigns(stage.database, at=stage.now) == 12
    assert await queue_due(stage.desk, at=stage.now) == 12
    stage.now += timedelta(minutes=10)
    await stage.work()
    assert len(stage.got) == 13
    assert "kit" in stage.got[0].text


async def test_two_tickers_at_once_invite_once(stage: Stage) -> None:
    await invited(stage, 12)
    await campaign(stage)
    stage.now += timedelta(hours=1)
    await asyncio.gather(*(run_campaigns(stage.database, at=stage.now) for _ in range(3)))
    await asyncio.gather(*(stage.work() for _ in range(2)))
    assert sorted(Counter(got.to for got in stage.got).values()) == [1] * 12


async def test_who_takes_the_permission_back_after_the_dry_run_is_not_invited(stage: Stage) -> None:
    people = await invited(stage, 3)
    await campaign(stage)
    async with stage.database.begin() as connection:
        await record_permission(
            connection,
            people[0],
            kind="withdrawn",
            purpose="recontact",
            at=stage.now + timedelta(minutes=1),
            cause=Cause(actor="participant", said_on="sms"),
        )
    await go_on(stage, hours=1)
    assert len(stage.got) == 2
    refused = [row for row in await stage.touchpoints(people[0]) if row[1] == "refused"]
    assert refused == [("campaign:next-1 1", "refused", "no_permission")]
