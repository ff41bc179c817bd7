"""The trained bot as the tests share it: one Rasa server a run, whose action calls follow the test at hand."""

import asyncio
import subprocess
import time
from pathlib import Path

import aiohttp

from service.bot import start_bot, stop_bot
from service.demo.world import free_port
from tests.harness.forwarder import Forwarder
from tests.harness.keys import BOT_TOKEN
from tests.harness.log_watch import WATCH

READY_WITHIN_S = 120


class RealBot:
    """`up` and `down` start and stop it; `kill` is `kill -9`. Starting takes 15 to 40 seconds."""

    def __init__(self, model: Path, *, log: Path) -> None:
        self._model, self._log = model, log
        WATCH.files.append(log)
        self._port = free_port()
        self._actions = Forwarder(free_port())
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def serve_actions_at(self, port: int) -> None:
        """Where the service of this test takes action calls."""
        self._actions.point_to(port)

    async def open(self) -> None:
        """Once, before the first `up`."""
        await self._actions.start()

    async def close(self) -> None:
        await self.down()
        await self._actions.stop()

    def begin(self) -> None:
        """Start it; `ready` waits for it."""
        self._process = start_bot(
            self._model,
            listen=f"127.0.0.1:{self._port}",
            actions_url=f"http://127.0.0.1:{self._actions.port}/actions",
            token=BOT_TOKEN,
            log=self._log,
        )

    async def ready(self) -> None:
        """Until it answers; `TimeoutError` after `READY_WITHIN_S`, `RuntimeError` where it ended."""
        until = time.monotonic() + READY_WITHIN_S
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < until:
                if self._process is None or self._process.poll() is not None:
                    raise RuntimeError(f"the bot has ended; see {self._log}")
                try:
                    async with session.get(f"{self.url}/webhooks/turns/ready") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.25)
        raise TimeoutError

    async def up(self) -> None:
        if self._process is None:
            self.begin()
        await self.ready()

    async def down(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            await asyncio.to_thread(stop_bot, process)

    def kill(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            process.wait()
