"""The load generator, a process of its own so that it takes no time of the service's event loop.

`python -m service.bench.load` reads one plan as JSON from standard input, posts its conversations, and writes what it
measured as one line of JSON. Requests were built and signed beforehand: here is only posting, waiting, the clock.
"""

import asyncio
import json
import random
import sys
import time
from collections import deque
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from typing import Any

import aiohttp
import psycopg
import uvloop

from service.bench.place import DONE

PATIENCE_S = 60
_JITTER_S = 0.02


@dataclass(kw_only=True)
class Measured:
    """Seconds. A turn: [posted → acknowledged, posted → done]; `places`: where in the script each turn stands.

    `window_turns` were done in the first `window_s`, while every lane was busy.
    """

    turns: list[tuple[float, float]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    said: dict[str, list[str]] = field(default_factory=dict)
    window_turns: int = 0
    window_s: float = 0.0


class Failed(Exception):
    """A request was refused or a turn never ended."""


class Announcements:
    """Turns' ends, as the database announces them."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[None]] = {}

    def expect(self, step: str) -> asyncio.Future[None]:
        future = self._waiting[step] = asyncio.get_running_loop().create_future()
        return future

    async def listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        async for notice in connection.notifies():
            future = self._waiting.pop(notice.payload, None)
            if future is not None and not future.done():
                future.set_result(None)


class Load:
    """Plays the plan's conversations, `lanes` at a time."""

    def __init__(self, plan: dict[str, Any], session: aiohttp.ClientSession, heard: Announcements | None) -> None:
        self._plan, self._session, self._heard = plan, session, heard
        self._queue: deque[list[dict[str, Any]]] = deque(plan["conversations"])
        self._ends: list[float] = []
        self._idle: float | None = None
        self._random = random.Random(7)
        self.measured = Measured()

    async def run(self) -> Measured:
        started = time.perf_counter()
        async with asyncio.TaskGroup() as lanes:
            for _ in range(self._plan["lanes"]):
                lanes.create_task(self._lane())
        idle = self._idle or time.perf_counter()
        self.measured.window_s = idle - started
        self.measured.window_turns = sum(end <= idle for end in self._ends)
        return self.measured

    async def _lane(self) -> None:
        while self._queue:
            for step in self._queue.popleft():
                bare_first = self._random.random() < 0.5
                if self._plan["bare"] and bare_first:
                    await self._bare(step)
                await (self._answered(step) if self._heard is None else self._announced(step, self._heard))
                if self._plan["bare"] and not bare_first:
                    await self._bare(step)
                self._ends.append(time.perf_counter())
        self._idle = self._idle or time.perf_counter()

    async def _announced(self, step: dict[str, Any], heard: Announcements) -> None:
        if self._plan["bare"]:
            await self._pause()
        done = heard.expect(step["id"])
        started = time.perf_counter()
        await self._post(step["path"], step)
        acknowledged = time.perf_counter()
        try:
            await asyncio.wait_for(done, PATIENCE_S)
        except TimeoutError:
            raise Failed("a turn never ended") from None
        self._record(step, acknowledged - started, time.perf_counter() - started)

    async def _answered(self, step: dict[str, Any]) -> None:
        started = time.perf_counter()
        answer = await self._post(step["path"], step)
        took = time.perf_counter() - started
        self._record(step, took, took)
        self.measured.said[step["id"]] = [reply["custom"]["say"] for reply in json.loads(answer)]

    def _record(self, step: dict[str, Any], acknowledged: float, total: float) -> None:
        self.measured.turns.append((acknowledged, total))
        self.measured.places.append(step["line"]["place"])

    async def _bare(self, step: dict[str, Any]) -> None:
        await self._pause()
        started = time.perf_counter()
        await self._post(self._plan["bare"], step)
        self.measured.bare.append(time.perf_counter() - started)

    async def _pause(self) -> None:
        # Both kinds of request are posted at moments of no relation to what the service is just doing.
        await asyncio.sleep(self._random.random() * _JITTER_S)

    async def _post(self, path: str, step: dict[str, Any]) -> bytes:
        url = self._plan["url"] + path
        async with self._session.post(url, data=step["body"].encode(), headers=step["headers"]) as response:
            body = await response.read()
            if response.status != 200:
                raise Failed(f"{path} answered {response.status}")
            return body


async def play(plan: dict[str, Any]) -> Measured:
    """Run a plan: `url`, `lanes`, `conversations`, `bare` (a path, or empty), `dsn` (empty: answers end turns)."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_S))
        )
        if not plan["dsn"]:
            return await Load(plan, session, None).run()
        connection = await stack.enter_async_context(
            await psycopg.AsyncConnection.connect(plan["dsn"], autocommit=True)
        )
        await connection.execute(f"listen {DONE}")
        heard = Announcements()
        listening = asyncio.create_task(heard.listen(connection))
        try:
            return await Load(plan, session, heard).run()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def main() -> int:
    """Exit status 1, and the reason on standard error, where the plan could not be played."""
    plan = json.load(sys.stdin)
    try:
        measured = uvloop.run(play(plan))
    except ExceptionGroup as failures:
        sys.stderr.write(f"{failures.exceptions[0]}\n")
        return 1
    json.dump(asdict(measured), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
