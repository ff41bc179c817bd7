"""A service process by its settings, which a test can have die at a point. Forked from a server that has loaded it all.

Environment: the service's own (`PERENNIAL_…`), and
  CHAOS_KILL_AT       `point:n`: SIGKILL at the nth passage of a point of `kill_points`
  CHAOS_ABANDONED_S   seconds until a message left in `sending` counts as abandoned
"""

import asyncio
import os
import signal
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import conversation.deliver as deliver
import scheduler.ticker as ticker
from service.app import Service, serve_until
from service.house import build
from service.logs import set_up_logs
from service.secrets_file import load_secrets
from service.settings import Settings
from tests.harness.kill_points import install
from tests.harness.log_watch import hear_to


def run(environment: Mapping[str, str], log: str) -> None:
    """The whole life of the process; stdout and stderr go to the file `log`."""
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    hear_to(Path(log))
    for name in [name for name in os.environ if name.startswith("PERENNIAL_")]:
        del os.environ[name]
    os.environ.update(environment)
    point, _, passage = os.environ.get("CHAOS_KILL_AT", "").partition(":")
    if point:
        install(point, int(passage or 1))
    deliver.ABANDONED_AFTER = timedelta(seconds=float(os.environ.get("CHAOS_ABANDONED_S", "60")))
    ticker.TICK_S = 1
    asyncio.run(_main())


async def _main() -> None:
    settings = Settings(_env_file=None)
    set_up_logs(settings.log_level)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await serve_until(Service(await build(settings, load_secrets(settings))), stopped)
