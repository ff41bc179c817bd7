"""The service as a process of its own: started, killed, started again."""

import asyncio
import multiprocessing
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from pydantic import SecretStr

from service.settings import Settings
from tests.harness.log_watch import WATCH
from tests.harness.place import Place
from tests.harness.service_main import run

READY_WITHIN_S = 60

# Loads the service once and forks it: a start takes a fraction of a second, so there can be many.
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.harness.service_main"])


class ServiceProcess:
    """One process; a context that kills it at its end. `kill_at` is `point` or `point:n` of `kill_points`.

    `abandoned_s`: seconds until a message left in `sending` counts as abandoned. `changes`: fields of `Settings`.
    """

    def __init__(
        self, place: Place, *, kill_at: str = "", abandoned_s: float = 60, name: str = "service", **changes: object
    ) -> None:
        self._settings = place.settings.model_copy(update=changes)
        self.log: Path = self._settings.data_dir / f"{name}.log"
        WATCH.files.append(self.log)
        environment = {
            **environment_of(self._settings),
            "CHAOS_KILL_AT": kill_at,
            "CHAOS_ABANDONED_S": str(abandoned_s),
        }
        self._process = _FORKING.Process(target=run, args=(environment, str(self.log)), daemon=True)
        self._process.start()

    async def up(self) -> Self:
        """Until it listens."""
        url = f"http://{self._settings.listen}/health/live"
        async with asyncio.timeout(READY_WITHIN_S), aiohttp.ClientSession() as session:
            while True:
                if not self._process.is_alive():
                    raise RuntimeError(f"the service has ended:\n{self.log.read_text()[-2000:]}")
                try:
                    async with session.get(url) as answer:
                        if answer.status == 200:
                            return self
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)

    async def dead(self, *, seconds: float = 20) -> int:
        """Until it has ended: its exit status, negative for a signal. `TimeoutError` where it lives on."""
        async with asyncio.timeout(seconds):
            while (status := self._process.exitcode) is None:
                await asyncio.sleep(0.02)
        return status

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()
        self._process.join()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def environment_of(settings: Settings) -> Mapping[str, str]:
    """The settings as environment variables."""
    return {
        f"PERENNIAL_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in ((name, getattr(settings, name)) for name in Settings.model_fields)
        if value is not None
    }
