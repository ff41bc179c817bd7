"""`perennial bench campaign`: a large campaign through two services, stopped in the middle, started again.

Counted at the provider (the strict fake of Twilio's API), not by the outbox's own word: what arrived after the stop, and how
often each number was written to. Participants live where it is noon, so that no hour of the day stands in the way.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import text

from engagement import clock
from engagement.campaigns import Draft, Pace, approve, create_campaign, dry_run, halt, start
from engagement.participants import add_contact, add_participant
from engagement.permissions import Cause, record_permission
from engagement.studies import load_packs
from service.bench.processes import BenchFailed, service_process
from service.demo.fake_twilio.faults import CallbackPlan
from service.demo.fake_twilio.server import FakeTwilio
from service.demo.world import ACCOUNT, AUTH_TOKEN, NUMBER, Ports, demo_settings
from service.house import migrate_all, prepare_database
from service.secrets_file import load_secrets
from service.settings import ROOT, Settings
from storage.database import Database
from storage.embedded import drop_database, start_embedded

STUDY, NEXT, NAME = "parkinson-lrrk2-gba1", "batten-cln2", "bench"
STOPPED_AFTER = 0.4
"""Of all messages, when the campaign is stopped."""
QUIET_FOR_S = 5
"""So long the provider is watched after the stop."""
_ZONES = ("Pacific/Honolulu", "America/New_York", "Europe/Athens", "Asia/Kolkata", "Asia/Tokyo", "Pacific/Auckland")
_AT_A_TIME = 500


@dataclass(frozen=True, kw_only=True)
class Campaigned:
    """What the provider got. `last_after_stop_s`: seconds from asking for the stop to the last message that still came."""

    participants: int
    dry_run_s: float
    before_stop: int
    stop_took_s: float
    last_after_stop_s: float
    later_than_2_s: int
    arrived: int
    twice: int
    missed: int
    per_s: float

    def as_json(self) -> dict[str, Any]:
        return {name: round(value, 3) for name, value in asdict(self).items()}


class _Provider:
    """The strict fake, and when each of its messages came."""

    def __init__(self, port: int) -> None:
        self.fake = FakeTwilio(
            account_sid=ACCOUNT,
            auth_token=AUTH_TOKEN,
            numbers=[NUMBER],
            webhook_url="http://127.0.0.1:9/",
            callbacks=CallbackPlan.none(),
        )
        self.came: list[float] = []
        self._port = port

    async def serve(self) -> web.AppRunner:
        app = self.fake.app()
        app.middlewares.append(self._noted)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        return runner

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.came.append(time.perf_counter())
        answered: web.StreamResponse = await handler(request)
        return answered

    async def until(self, how_many: int, *, stalls_after_s: float = 60) -> None:
        """Returns when so many came. `BenchFailed` when nothing comes any more."""
        while len(self.came) < how_many:
            if self.came and time.perf_counter() - self.came[-1] > stalls_after_s:
                raise BenchFailed(f"{len(self.came)} of {how_many} messages came, then none for {stalls_after_s:.0f} s")
            await asyncio.sleep(0.05)


async def measure_campaign(settings: Settings, *, participants: int, progress: Callable[[str], None]) -> Campaigned:
    """Everything up, the campaign to its end, everything down. `BenchFailed` where the messages do not come."""
    name, folder = f"bench_{uuid4().hex[:8]}", settings.data_dir / "postgres"
    async with AsyncExitStack() as stack:
        url = await asyncio.to_thread(start_embedded, folder, database=name)
        stack.push_async_callback(asyncio.to_thread, drop_database, folder, name)
        ports = [Ports.choose() for _ in range(2)]
        houses = [
            demo_settings(settings, one, database_url=url).model_copy(
                update={
                    "twilio_api_url": f"http://127.0.0.1:{ports[0].twilio}",
                    "smtp_url": "",
                    "email_listen": "",
                    "log_level": "ERROR",
                }
            )
            for one in ports
        ]
        secrets = load_secrets(houses[0])
        await asyncio.to_thread(lambda: asyncio.run(migrate_all(houses[0], secrets)))
        database = Database(url, secrets.keyring, pool_size=4)
        stack.push_async_callback(database.close)
        await prepare_database(database, load_packs(ROOT / "studies"))
        progress(f"{participants} participants")
        await _furnish(database, participants)
        provider = _Provider(ports[0].twilio)
        stack.push_async_callback((await provider.serve()).cleanup)
        began = time.perf_counter()
        await _prepare(database, participants)
        dry_run_s = time.perf_counter() - began
        progress("two services")
        for house in houses:
            await stack.enter_async_context(service_process(house))
        return await _run(database, provider, participants, dry_run_s, progress)


async def _run(
    database: Database, provider: _Provider, participants: int, dry_run_s: float, progress: Callable[[str], None]
) -> Campaigned:
    async with database.begin() as connection:
        await start(connection, NAME, by="second", at=clock.now())
    began = time.perf_counter()
    await provider.until(int(participants * STOPPED_AFTER))
    progress("stopped in the middle")
    asked = time.perf_counter()
    before = len(provider.came)
    async with database.begin() as connection:
        await halt(connection, NAME, "stop", by="second", at=clock.now())
    stopped = time.perf_counter()
    rate = before / (asked - began)
    await asyncio.sleep(QUIET_FOR_S)
    after = [came - asked for came in provider.came if came > asked]
    progress("started again")
    async with database.begin() as connection:
        await start(connection, NAME, by="second", at=clock.now())
    await provider.until(participants)
    await asyncio.sleep(QUIET_FOR_S)
    got = Counter(message.person for message in provider.fake.messages())
    return Campaigned(
        participants=participants,
        dry_run_s=dry_run_s,
        before_stop=before,
        stop_took_s=stopped - asked,
        last_after_stop_s=max(after, default=0.0),
        later_than_2_s=sum(seconds > 2 for seconds in after),
        arrived=sum(got.values()),
        twice=sum(count > 1 for count in got.values()),
        missed=participants - len(got),
        per_s=rate,
    )


async def _prepare(database: Database, participants: int) -> None:
    """Written, counted, approved by somebody else."""
    at = clock.now()
    sponsors = {pack.slug: pack.sponsor for pack in load_packs(ROOT / "studies").values()}
    draft = Draft(
        name=NAME,
        study=NEXT,
        cohort="language: [en]",
        says="invitation/first",
        channels=("sms",),
        pace=Pace(wave_size=participants, wave_every=timedelta(hours=1), per_hour=participants * 3600),
        starts_at=at,
        ends_at=at + timedelta(days=7),
        expires=timedelta(days=2),
    )
    async with database.begin() as connection:
        await create_campaign(connection, draft, by="first", at=at)
    found = await dry_run(database, NAME, sponsors=sponsors, by="first", at=at)
    if found.included != participants:
        raise BenchFailed(f"the dry run found {found.included} of {participants} people: {dict(found.excluded)}")
    async with database.begin() as connection:
        await approve(connection, NAME, sha256=found.sha256, by="second", at=at)


def _where_it_is_noon(at: datetime) -> str:
    return min(_ZONES, key=lambda zone: abs(at.astimezone(ZoneInfo(zone)).hour - 12))


async def _furnish(database: Database, participants: int) -> None:
    """Participants of one study who permit any research to write to them, each with a proven number."""
    at = clock.now() - timedelta(days=1)
    zone = _where_it_is_noon(datetime.now(UTC))
    for first in range(0, participants, _AT_A_TIME):
        async with database.begin() as connection:
            for number in range(first, min(first + _AT_A_TIME, participants)):
                who = await add_participant(connection, language="en", study_slug=STUDY, at=at)
                phone = f"+1202{2_000_000 + number:07d}"
                await add_contact(connection, database.keyring, who, "sms", phone, verified_at=at)
                await record_permission(
                    connection,
                    who,
                    kind="granted",
                    purpose="recontact",
                    study=STUDY,
                    scopes=["any"],
                    at=at,
                    cause=Cause(actor="participant", said_on="sms"),
                )
    async with database.begin() as connection:
        await connection.execute(text("update participants set time_zone = :zone"), {"zone": zone})
    async with database.autocommit() as connection:
        await connection.execute(text("analyze"))
