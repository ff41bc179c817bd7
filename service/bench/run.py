"""`perennial bench`: one run on one machine, the two servers in turns (stock, ours, stock, ours), never both loaded.

docs/performance.md says what is measured, and what makes it a fair race.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import typer
from rich.console import Console

from engagement.instruments import load_instruments
from engagement.studies import load_packs
from service.bench.blocks import Bench, our_block, soak, stock_block
from service.bench.memory import rss_mb
from service.bench.place import Place
from service.bench.processes import BenchFailed, bot_process, service_process
from service.bench.provider import start_provider
from service.bench.questionnaire import measure_check_in, measure_steps
from service.bench.report import Engine, Result, show
from service.bench.script import LANES
from service.bot import ensure_model
from service.demo.world import Ports, demo_settings
from service.house import migrate_all
from service.secrets_file import load_secrets
from service.settings import ROOT, Settings
from storage.database import Database
from storage.embedded import drop_database, start_embedded

ROUNDS = 2


async def run_bench(settings: Settings, *, turns: int, soak: int, as_json: bool) -> None:
    """Measure and print. `turns`: of all throughput runs of one side together. Leaves nothing behind."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we are a coroutine
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    out = Console(width=110)
    progress = Console(stderr=True, width=110)
    try:
        result = await measure(settings, turns=turns, more=soak, progress=progress)
    except BenchFailed as failure:
        progress.print(f"[red]{failure}[/red]")
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        progress.print("stopped")
        raise typer.Exit(130) from None
    if as_json:
        sys.stdout.write(json.dumps(result.as_json()) + "\n")
    else:
        show(result, out)


async def measure(settings: Settings, *, turns: int, more: int, progress: Console) -> Result:
    """Everything up, all blocks, everything down."""
    name, folder = f"bench_{uuid4().hex[:8]}", settings.data_dir / "postgres"
    async with AsyncExitStack() as stack:
        url = await asyncio.to_thread(start_embedded, folder, database=name)
        stack.push_async_callback(asyncio.to_thread, drop_database, folder, name)
        settings = _bench_settings(settings, url)
        secrets = load_secrets(settings)
        await asyncio.to_thread(lambda: asyncio.run(migrate_all(settings, secrets)))
        model = await asyncio.to_thread(ensure_model, settings.data_dir)
        database = Database(url, secrets.keyring, pool_size=2)
        stack.push_async_callback(database.close)
        progress.print("questionnaires")
        engine = await asyncio.to_thread(_measure_engine, settings.default_study)
        place = Place(database, study=settings.default_study)
        await place.furnish()
        provider = await start_provider(int(settings.twilio_api_url.rpartition(":")[2]))
        stack.push_async_callback(provider.cleanup)
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="perennial-bench-")))
        service_pid = await stack.enter_async_context(service_process(settings))
        bench = Bench(
            place=place,
            dsn=database.dsn,
            service_url=settings.public_url,
            bot_url=settings.rasa_url,
            study=settings.default_study,
            turns=max(1, turns // ROUNDS),
            service_pid=service_pid,
            result=Result(turns=turns, lanes=LANES, engine=engine),
            answers={},
            tell=progress.print,
        )
        bot = partial(
            bot_process,
            model,
            url=settings.rasa_url,
            actions_url=f"http://{settings.internal_listen}/actions",
            token=secrets.bot_token,
            folder=scratch,
        )
        await _blocks(bench, bot, more)
        return bench.result


async def _blocks(bench: Bench, bot: Callable[..., AbstractAsyncContextManager[int]], more: int) -> None:
    result, before = bench.result, rss_mb(bench.service_pid)
    for number in range(ROUNDS):
        bench.tell("starting stock Rasa")
        async with bot(stock=True) as pid:
            await stock_block(bench, pid)
        bench.tell("starting our bot")
        async with bot(stock=False) as pid:
            await our_block(bench, pid)
            result.service_mb = (before, rss_mb(bench.service_pid))
            if more and number == ROUNDS - 1:
                result.soak = await soak(bench, pid, more)
    result.different_answers = sorted(
        f"{language}:{place}" for (language, place), said in bench.answers.items() if said["ours"] != said["stock"]
    )


def _measure_engine(study: str) -> Engine:
    pack = load_packs(ROOT / "studies")[study]
    instruments = load_instruments(ROOT / "studies" / study, study=study, languages=pack.languages)[0]
    return Engine(
        steps=measure_steps(),
        check_in_ms=measure_check_in(instruments.forms[instruments.check_ins[0].questionnaire]),
    )


def _bench_settings(settings: Settings, url: str) -> Settings:
    """The demo's, without mail: a provider that takes everything, every port free."""
    settings = demo_settings(settings, Ports.choose(), database_url=url)
    return settings.model_copy(
        update={
            "smtp_url": "",
            "email_listen": "",
            "log_level": "ERROR",
            "workers": Settings.model_fields["workers"].default,
        }
    )
