"""The benchmark's processes: the service, one of the two bots at a time, the load generator. All end with it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from service.bench.load import Measured
from service.bench.script import Step
from service.bot import start_bot, stop_bot
from service.settings import ROOT, Settings

READY_WITHIN_S = 180
_STOPS_WITHIN_S = 10
STOCK_READY, OURS_READY = "/webhooks/rest/", "/webhooks/turns/ready"


class BenchFailed(Exception):
    """The benchmark could not be run to its end."""


@asynccontextmanager
async def service_process(settings: Settings) -> AsyncIterator[int]:
    """The service with these settings, from when it takes messages; gives its process id."""
    environment = {**os.environ, **_as_environment(settings)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service.bench.served",
        env=environment,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        await _until_answers(f"http://{settings.listen}/health/live", lambda: process.returncode is None)
        yield process.pid
    finally:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOPS_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def bot_process(
    model: Path, *, url: str, actions_url: str, token: str, folder: Path, stock: bool
) -> AsyncIterator[int]:
    """Our bot, or the same model behind stock Rasa with a fresh database; from when it is ready. Gives its process id."""
    database = folder / "stock.sqlite"
    database.unlink(missing_ok=True)
    process = start_bot(
        model,
        listen=url.removeprefix("http://"),
        actions_url=actions_url,
        token=token,
        stock_database=database if stock else None,
        log=folder / "bot.log",
    )
    try:
        await _until_answers(url + (STOCK_READY if stock else OURS_READY), lambda: process.poll() is None)
        yield process.pid
    finally:
        await asyncio.shield(asyncio.to_thread(_end, process))


async def run_load(conversations: list[list[Step]], *, url: str, lanes: int, dsn: str = "", bare: str = "") -> Measured:
    """Post these conversations from a process of its own. Raises `BenchFailed`."""
    steps = [[asdict(step) for step in conversation] for conversation in conversations]
    plan = {"url": url, "lanes": lanes, "dsn": dsn, "bare": bare, "conversations": steps}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "service.bench.load",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, complaint = await process.communicate(json.dumps(plan).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise BenchFailed(complaint.decode().strip().splitlines()[-1])
    return Measured(**json.loads(out))


def _end(process: subprocess.Popen[bytes]) -> None:
    stop_bot(process)


async def _until_answers(url: str, alive: Any) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        for _ in range(READY_WITHIN_S * 5):
            if not alive():
                raise BenchFailed("a process of the benchmark ended before it was ready")
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.2)
    raise BenchFailed("a process of the benchmark was not ready in time")


def _as_environment(settings: Settings) -> dict[str, str]:
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    return {
        f"PERENNIAL_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if value is not None
    }
