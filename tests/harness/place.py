"""A place for the service to run in: a database, the fakes of the world outside, a bot; and the service in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import aiohttp
import psycopg
from psycopg.rows import dict_row
from pydantic import SecretStr
from yarl import URL

from service.app import Service
from service.demo.fake_twilio import FakeMessage, FakeTwilio
from service.demo.fake_twilio.webhooks import post_signed, status_form
from service.demo.world import AUTH_TOKEN, NUMBER, Ports, World, demo_settings
from service.house import build
from service.secrets_file import load_secrets
from service.settings import Settings
from tests.harness.keys import BOT_TOKEN, SECRET_KEY
from tests.harness.postgres import DATA_KEYS


class Bot(Protocol):
    """What `FakeBot` and `RealBot` have in common."""

    @property
    def url(self) -> str: ...

    def serve_actions_at(self, port: int) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Place:
    """`settings` are the service's; `world` holds the fakes, which outlive any service that runs here. `number` is ours."""

    settings: Settings
    ports: Ports
    world: World
    number: str = NUMBER

    @property
    def twilio(self) -> FakeTwilio:
        return self.world.twilio

    async def text(self, number: str, words: str, *, sid: str | None = None) -> int:
        """A person texts; the webhook's status (0: no answer). The `sid` of an earlier text: delivered again."""
        return await self.twilio.receive(number, self.number, words, sid=sid or new_sid())

    def answers(self, number: str) -> list[FakeMessage]:
        """What the service sent to this number, oldest first."""
        return [message for message in self.twilio.messages(number) if not message.inbound]

    async def said(self, number: str) -> list[str]:
        """The content keys of what reached this number, oldest first (several parts of one text: several times)."""
        sent = [outbox_id(message) for message in self.answers(number)]
        rows = await self.rows("select id, content_keys from messages where id = any(%s)", sent)
        keys = {row["id"]: row["content_keys"] for row in rows}
        return [keys[name] for name in sent]

    async def call_back(self, message: FakeMessage, *statuses: str, error_code: int | None = None) -> None:
        """Status callbacks for a message that was sent, signed, one after the other."""
        assert message.status_callback is not None
        async with aiohttp.ClientSession() as session:
            for status in statuses:
                form = status_form(replace(message, status=status, error_code=error_code))
                posted = await post_signed(session, message.status_callback, form, auth_token=AUTH_TOKEN)
                assert posted == 200

    async def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Look into the database."""
        async with await psycopg.AsyncConnection.connect(
            str(self.settings.database_url), autocommit=True, row_factory=dict_row
        ) as connection:
            return await (await connection.execute(query.encode(), values)).fetchall()

    async def idle(self, *, seconds: float = 20) -> None:
        """Until nothing waits in the queues (a send of unknown fate does not wait); `TimeoutError`."""
        await until(lambda: self._idle(), seconds=seconds)

    async def _idle(self) -> bool:
        return not await self.rows(
            "select 1 from messages where status in ('received', 'screened', 'queued', 'sending') limit 1"
        )


@asynccontextmanager
async def open_place(
    database_url: str, bot: Bot, folder: Path, *, number: str = NUMBER, **changes: Any
) -> AsyncIterator[Place]:
    """The fakes up, the settings made; `number`: which study's is texted; `changes` are fields of `Settings`."""
    ports = Ports.choose()
    given = Settings(
        data_dir=folder,
        data_keys=SecretStr(DATA_KEYS),
        secret_key=SecretStr(SECRET_KEY),
        bot_token=SecretStr(BOT_TOKEN),
        _env_file=None,
    )
    settings = demo_settings(given, ports, database_url=database_url).model_copy(
        update={"rasa_url": bot.url, "twilio_from": number, **changes}
    )
    bot.serve_actions_at(ports.internal)
    world = World(ports, numbers=(number,))
    await world.start()
    await _warm_up(world.twilio, settings)
    try:
        yield Place(settings=settings, ports=ports, world=world, number=number)
    finally:
        await world.stop()


async def _warm_up(twilio: FakeTwilio, settings: Settings) -> None:
    """The first request of a run loads Twilio's whole schema; on a busy machine that takes longer than a test waits."""
    url = f"{settings.twilio_api_url}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"
    authorization = {"Authorization": aiohttp.encode_basic_auth(twilio.account_sid, twilio.auth_token)}
    async with aiohttp.ClientSession() as session, session.get(url, headers=authorization) as answer:
        assert answer.status == 200


@asynccontextmanager
async def run_service(place: Place) -> AsyncIterator[Service]:
    """The service, in this process."""
    service = Service(await build(place.settings, load_secrets(place.settings)))
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


def outbox_id(message: FakeMessage) -> UUID:
    """The outbox row that a message at the fake was sent for."""
    return UUID(URL(message.status_callback or "").query["outbox"])


def new_sid() -> str:
    """A MessageSid as Twilio makes them."""
    return f"SM{uuid4().hex}"


async def until(check: Callable[[], Any], *, seconds: float = 20, pause: float = 0.05) -> None:
    """Until `check()` (awaited where it has to be) is true; `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while True:
            found = check()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(pause)


def texts(messages: Sequence[FakeMessage]) -> list[str]:
    """The words of messages."""
    return [message.text for message in messages]
