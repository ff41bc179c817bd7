"""`perennial bench outreach`: gated sends beside the bare loop in one run; what is due among few and among many.

Two processes send, four messages at a time each, to the strict fake of Twilio's API on loopback, by the same sender. The bare
loop claims a row, posts it, records the answer: what any outbox has to do. Ours asks the gate everything in between.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web
from sqlalchemy import insert, text

from conversation.messages import ChannelName
from engagement import clock
from engagement.participants import add_contact, add_participant
from engagement.permissions import Cause, grant_by_taking_part
from engagement.studies import load_packs
from scheduler import planning, sending
from service.bench.outreach_sender import BARE_TABLE, STARTS, bench_account
from service.demo.fake_twilio.faults import CallbackPlan
from service.demo.fake_twilio.server import FakeTwilio
from service.house import prepare_database
from service.settings import ROOT
from storage.crypto import make_key, parse_keyring
from storage.database import Database
from storage.embedded import drop_database, start_embedded
from storage.ids import new_id
from storage.migrate import migrate
from storage.tables import messages, touchpoints

STUDY = "parkinson-lrrk2-gba1"
PROCESSES = 2
ROUNDS = 2
FEW, MANY = 10_000, 1_000_000
_LOOKS = 300


@dataclass(frozen=True, kw_only=True)
class Outreach:
    """Messages a second, gated and bare; milliseconds (median) to find what is due among `FEW` and `MANY` participants."""

    gated_per_s: float
    bare_per_s: float
    due_few_ms: float
    due_many_ms: float
    plans_few_ms: float
    plans_many_ms: float

    def as_json(self) -> dict[str, float]:
        return {
            "gated_ratio": round(self.gated_per_s / self.bare_per_s, 3),
            "due_ratio": round(self.due_many_ms / self.due_few_ms, 3),
            "plans_due_ratio": round(self.plans_many_ms / self.plans_few_ms, 3),
            "gated_per_s": round(self.gated_per_s, 1),
            "bare_per_s": round(self.bare_per_s, 1),
            "due_few_ms": round(self.due_few_ms, 3),
            "due_many_ms": round(self.due_many_ms, 3),
            "plans_few_ms": round(self.plans_few_ms, 3),
            "plans_many_ms": round(self.plans_many_ms, 3),
        }


async def measure_outreach(data_dir: Path, *, sends: int, many: int, progress: Callable[[str], None]) -> Outreach:
    """Everything up, all blocks, everything down. `sends`: in each block; `many`: participants of the larger database."""
    name, folder = f"bench_{uuid4().hex[:8]}", data_dir / "postgres"
    keys = make_key("bench")
    async with AsyncExitStack() as stack:
        url = await asyncio.to_thread(start_embedded, folder, database=name)
        stack.push_async_callback(asyncio.to_thread, drop_database, folder, name)
        await asyncio.to_thread(migrate, url)
        database = Database(url, parse_keyring(keys), pool_size=2)
        stack.push_async_callback(database.close)
        await prepare_database(database, load_packs(ROOT / "studies"))
        twilio = await stack.enter_async_context(_twilio())
        people = await _furnish(database, sends)
        rates: dict[str, list[float]] = {"bare": [], "gated": []}
        for _ in range(ROUNDS):
            for kind in rates:
                progress(f"{kind}: {sends} messages")
                await _lay_out(database, kind, people)
                rates[kind].append(await _send_all(twilio, kind, url=url, keys=keys, sends=sends))
        progress(f"what is due among {FEW} participants")
        few = await _due(database, FEW)
        progress(f"what is due among {many} participants")
        much = await _due(database, many)
    return Outreach(
        gated_per_s=statistics.median(rates["gated"]),
        bare_per_s=statistics.median(rates["bare"]),
        due_few_ms=few[0],
        due_many_ms=much[0],
        plans_few_ms=few[1],
        plans_many_ms=much[1],
    )


@dataclass(frozen=True, kw_only=True)
class _Twilio:
    fake: FakeTwilio
    port: int


@asynccontextmanager
async def _twilio() -> AsyncIterator[_Twilio]:
    account = bench_account("")
    fake = FakeTwilio(
        account_sid=account.account_sid,
        auth_token=account.auth_token,
        numbers=[account.sender],
        webhook_url="http://127.0.0.1:9/",
        callbacks=CallbackPlan.none(),
    )
    runner = web.AppRunner(fake.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield _Twilio(fake=fake, port=port)
    finally:
        await runner.cleanup()


async def _furnish(database: Database, how_many: int) -> list[tuple[UUID, UUID, str]]:
    """Participants in the study who permit what taking part needs: (participant, contact point, number)."""
    at, people = clock.now() - timedelta(days=1), []
    async with database.begin() as connection:
        await connection.execute(text(BARE_TABLE))
        for number in range(how_many):
            who = await add_participant(connection, language="en", study_slug=STUDY, at=at)
            phone = f"+1202{5_550_000 + number:07d}"
            contact = await add_contact(connection, database.keyring, who, "sms", phone, verified_at=at)
            await grant_by_taking_part(connection, who, STUDY, at=at, cause=Cause(actor="service", said_on="benchmark"))
            people.append((who, contact.id, phone))
    return people


async def _lay_out(database: Database, kind: str, people: list[tuple[UUID, UUID, str]]) -> None:
    """One message for everybody, due now; at noon, where the gate has no reason to wait."""
    at, words = clock.now(), "Perennial Research: A gentle reminder about the kit we sent. STOP ends these texts."
    async with database.begin() as connection:
        if kind == "bare":
            await connection.execute(text("truncate bench_outbox"))
            await connection.execute(
                text("insert into bench_outbox (id, number, body, status) values (:id, :number, :body, 'queued')"),
                [{"id": new_id(), "number": number, "body": words} for _, _, number in people],
            )
            return
        # What went before is out of sight: the caps are not what is measured here.
        await connection.execute(
            text(
                "update messages set handled_at = handled_at - interval '400 days',"
                " created_at = created_at - interval '400 days' where touchpoint_id is not null"
            )
        )
        points, rows = [], []
        for who, contact, _ in people:
            point, row = new_id(), new_id()
            points.append(
                {
                    "id": point,
                    "participant_id": who,
                    "study_slug": STUDY,
                    "item": "bench",
                    "occurrence": str(point),
                    "purpose": "study_contact",
                    "says": "outreach/kit_reminder",
                    "channels": ["sms"],
                    "awaits": ["sample_returned"],
                    "since": at,
                    "due_at": at,
                    "expires_at": at + timedelta(days=2),
                    "status": "queued",
                    "round": 1,
                    "created_at": at,
                }
            )
            rows.append(
                {
                    "id": row,
                    "direction": "out",
                    "channel": ChannelName.SMS.value,
                    "participant_id": who,
                    "contact_point_id": contact,
                    "study_slug": STUDY,
                    "our_address": bench_account("").sender,
                    "body": database.keyring.seal(words, place="messages.body", row=row),
                    "status": "queued",
                    "created_at": at,
                    "available_at": at,
                    "expires_at": at + timedelta(days=2),
                    "language": "en",
                    "unique_key": f"touchpoint:{point}:0:0",
                    "cause_id": point,
                    "purpose": "study_contact",
                    "touchpoint_id": point,
                    "author": "bot",
                    "content_keys": "outreach/kit_reminder",
                    "content_version_ids": [],
                    "replies": [],
                }
            )
        await connection.execute(insert(touchpoints), points)
        await connection.execute(insert(messages), rows)
        await connection.execute(text("analyze messages"))
        await connection.execute(text("analyze touchpoints"))


async def _send_all(twilio: _Twilio, kind: str, *, url: str, keys: str, sends: int) -> float:
    """Messages a second, from the first request to the last, both processes ready before the start."""
    task = {"kind": kind, "url": url, "keys": keys, "api": f"http://127.0.0.1:{twilio.port}"}
    before = twilio.fake.posts
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "service.bench.outreach_sender",
            cwd=ROOT,
            env=dict(os.environ),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdin is not None  # noqa: S101 - asked for
        process.stdin.write(json.dumps(task).encode() + b"\n")
        await process.stdin.drain()
    for process in processes:
        assert process.stdout is not None  # noqa: S101 - asked for
        await process.stdout.readline()  # it is ready
    started = time.perf_counter()
    for process in processes:
        assert process.stdin is not None  # noqa: S101 - asked for
        process.stdin.write(STARTS)
        await process.stdin.drain()
    await asyncio.gather(*(process.wait() for process in processes))
    took = time.perf_counter() - started
    if twilio.fake.posts - before != sends:
        raise RuntimeError(f"{kind}: {twilio.fake.posts - before} of {sends} messages were sent")
    return sends / took


async def _due(database: Database, participants: int) -> tuple[float, float]:
    """Milliseconds (median) to find the fifty touchpoints, and the fifty journeys, that are due among these participants."""
    at = clock.now()
    async with database.begin() as connection:
        there = int(await connection.scalar(text("select count(*) from participants")) or 0)
        await connection.execute(
            text(
                "insert into participants (id, language) select gen_random_uuid(), 'en'"
                " from generate_series(1, cast(:more as int))"
            ),
            {"more": max(0, participants - there)},
        )
        for statement in (
            "insert into enrolments (id, participant_id, study_slug, stage, replan_at) select gen_random_uuid(), id, :study,"
            " 'kit_delivered', cast(:at as timestamptz) + interval '1 day' * (1 + random() * 40) from participants"
            " on conflict (participant_id, study_slug) do nothing",
            "update enrolments set replan_at = cast(:at as timestamptz) + interval '1 day' where replan_at <= :at",
            "insert into touchpoints (id, participant_id, study_slug, item, occurrence, purpose, says, channels, awaits,"
            " since, due_at, expires_at, status, created_at) select gen_random_uuid(), id, :study, 'bench', 'due',"
            " 'study_contact', 'outreach/kit_reminder', '{sms}', '{}', :at,"
            " cast(:at as timestamptz) + interval '1 day' * (1 + random() * 40),"
            " cast(:at as timestamptz) + interval '60 days', 'planned', :at from participants on conflict do nothing",
            "update touchpoints set due_at = cast(:at as timestamptz) + interval '1 day' where due_at <= :at and status = 'planned'",
            "update touchpoints set due_at = :at where id in (select id from touchpoints where status = 'planned' limit 50)",
            "update enrolments set replan_at = :at where id in (select id from enrolments limit 50)",
        ):
            await connection.execute(
                text(statement), {"study": STUDY, "at": at} if ":study" in statement else {"at": at}
            )
    async with database.autocommit() as connection:
        await connection.execute(text("vacuum analyze touchpoints"))
        await connection.execute(text("vacuum analyze enrolments"))
    return await _look(database, sending.DUE, at), await _look(database, planning.DUE, at)


async def _look(database: Database, due: Any, at: Any) -> float:
    times = []
    for _ in range(_LOOKS):
        async with database.begin() as connection:
            started = time.perf_counter()
            found = (await connection.scalars(due.limit(50), {"at": at})).all()
            times.append((time.perf_counter() - started) * 1000)
        if len(found) != 50:
            raise RuntimeError(f"{len(found)} of 50 were found to be due")
    return statistics.median(times)
