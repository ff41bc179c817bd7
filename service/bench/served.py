"""The service as a process of its own, as `perennial serve` runs it, plus two doors for the benchmark.

`POST /bench/bare` is the handler that the webhook is compared with: it reads the body and does one INSERT in autocommit
(the cheapest there is), on this event loop and into this database. `GET /bench/dialogues` says what the bot reported of
each turn since last asked. Ends with its standard input, so that it never outlives the benchmark.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import uvloop
from aiohttp import web
from psycopg_pool import AsyncConnectionPool

from conversation.rasa import Rasa, Understood
from conversation.turn import Turn
from service.app import Service, serve_until
from service.house import build
from service.logs import set_up_logs
from service.secrets_file import load_secrets
from service.settings import Settings

BARE_PATH, DIALOGUES_PATH = "/bench/bare", "/bench/dialogues"
KEPT = 10_000


class Stopwatch:
    """Times the calls to the bot, from where the service makes them."""

    def __init__(self, rasa: Rasa) -> None:
        self._take_turn: Callable[[Turn], Awaitable[Understood]] = rasa.take_turn
        self._seen: list[dict[str, float]] = []
        vars(rasa)["take_turn"] = self._timed

    async def _timed(self, turn: Turn) -> Understood:
        started = time.perf_counter()
        understood = await self._take_turn(turn)
        if len(self._seen) < KEPT:
            self._seen.append({"call": (time.perf_counter() - started) * 1000, **understood.timings_ms})
        return understood

    async def handle(self, request: web.Request) -> web.Response:
        seen, self._seen = self._seen, []
        return web.json_response(seen)


async def main() -> None:
    settings = Settings()
    set_up_logs(settings.log_level)
    built = await build(settings, load_secrets(settings))
    watch = Stopwatch(built.rasa)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stopped.set)
    async with AsyncConnectionPool(
        built.database.dsn, kwargs={"autocommit": True}, min_size=4, max_size=8, open=False
    ) as pool:

        async def bare(request: web.Request) -> web.Response:
            body = await request.text()
            async with pool.connection() as connection:
                await connection.execute("insert into bench_bare (id, body) values (%s, %s)", (uuid4(), body))
            return web.Response(text="ok")

        service = Service(built, extra=[web.post(BARE_PATH, bare), web.get(DIALOGUES_PATH, watch.handle)])
        await serve_until(service, stopped)


if __name__ == "__main__":
    uvloop.run(main())
