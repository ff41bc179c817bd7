"""The demo's bot is started again when it dies, and is gone when the demo is."""

import asyncio
import subprocess
import sys

from service.demo.run import kept_up


async def test_a_bot_that_dies_is_started_again_and_stopped_at_the_end() -> None:
    started: list[subprocess.Popen[bytes]] = []
    deaths: list[int] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))
        return started[-1]

    async with kept_up(start, died=lambda: deaths.append(len(started)), look_every_s=0.05), asyncio.timeout(10):
        started[0].kill()
        while len(started) < 2:
            await asyncio.sleep(0.02)
        assert started[1].poll() is None
    assert deaths == [1]
    assert [process.poll() is None for process in started] == [False, False]
