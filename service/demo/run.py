"""Brings the whole demo up and down: database, words, bot, fakes, service."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from rich.console import Console

from service.app import Service
from service.bot import ensure_model, start_bot, stop_bot
from service.built import Built
from service.demo.fake_twilio.phone import phone_routes
from service.demo.pages.routes import demo_routes
from service.demo.seed import PEOPLE, Seeded, seed
from service.demo.world import DOMAIN, NUMBER, Ports, World, demo_settings
from service.house import build, migrate_all
from service.secrets_file import load_secrets
from service.settings import Settings
from service.web.assets import shared_assets
from storage.embedded import start_embedded

READY_WITHIN_S = 180


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A running demo."""

    built: Built
    service: Service
    world: World
    ports: Ports
    seeded: Seeded


@asynccontextmanager
async def running_demo(
    settings: Settings, out: Console, *, port: int | None, database: str = "perennial"
) -> AsyncIterator[Demo]:
    """Everything up inside the block, everything down after it, whatever happens in between."""
    ports = Ports.choose(port)
    out.print("• database (embedded PostgreSQL)")
    url = settings.database_url or await asyncio.to_thread(
        start_embedded, settings.data_dir / "postgres", database=database
    )
    settings = demo_settings(settings, ports, database_url=url)
    keys = load_secrets(settings)
    if keys.made_here is not None:
        out.print(f"• keys of the demo's own, in {keys.made_here.name} under the data folder (production needs yours)")
    versions = await asyncio.to_thread(lambda: asyncio.run(migrate_all(settings, keys)))
    out.print(f"• schema, study packs and words ({versions} new text versions)")
    out.print("• the bot's model (trained now if its inputs changed)")
    model = await asyncio.to_thread(ensure_model, settings.data_dir)
    start = partial(
        start_bot,
        model,
        listen=f"127.0.0.1:{ports.bot}",
        actions_url=f"http://127.0.0.1:{ports.internal}/actions",
        token=keys.bot_token,
        log=settings.data_dir / "bot.log",
    )
    async with kept_up(start, died=lambda: out.print("• the bot died; it is started again")):
        built = await build(settings, keys)
        world = World(ports)
        service = Service(
            built,
            extra=[
                *demo_routes(
                    shared=shared_assets(),
                    people=PEOPLE,
                    site_token=built.house.pack(None).sites[0].token,
                    service_number=NUMBER,
                    service_address=f"{settings.email_from}@{DOMAIN}",
                    console_path="/console",
                ),
                *phone_routes(world.twilio),
                *world.mailbox.routes(),
            ],
        )
        await world.start()
        await service.start()
        try:
            seeded = await seed(built)
            yield Demo(built=built, service=service, world=world, ports=ports, seeded=seeded)
        finally:
            await service.stop()
            await world.stop()


@asynccontextmanager
async def kept_up(
    start: Callable[[], subprocess.Popen[bytes]], *, died: Callable[[], object], look_every_s: float = 2
) -> AsyncIterator[None]:
    """The process that `start` starts, started again whenever it has died: what a supervisor does in production."""
    process = start()

    async def watch() -> None:
        nonlocal process
        while True:
            await asyncio.sleep(look_every_s)
            if process.poll() is not None:
                died()
                process = start()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.to_thread(stop_bot, process)


async def wait_until_ready(demo: Demo) -> None:
    """Until Rasa answers; `TimeoutError` after `READY_WITHIN_S`."""
    async with asyncio.timeout(READY_WITHIN_S):
        while not await demo.built.rasa.ready():
            await asyncio.sleep(0.3)


async def run_demo(settings: Settings, *, port: int) -> None:
    """The demo until Ctrl-C."""
    out = Console()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with running_demo(settings, out, port=port) as demo:
        url = demo.built.settings.public_url
        out.print(f"\n[bold]Perennial is up: {url}/[/bold]")
        out.print(f"  phone       {url}/demo/phone")
        out.print(f"  web chat    {url}/demo/study")
        out.print(f"  mailbox     {url}/demo/mailbox")
        out.print(f"  coordinator {url}/console   ({demo.seeded.email}, password {demo.seeded.password})")
        out.print("  The bot is still starting; messages are taken already and answered when it is up. Ctrl-C stops.")
        announce = asyncio.create_task(_announce(demo, out))
        await stopped.wait()
        announce.cancel()
        out.print("\nstopping")


async def _announce(demo: Demo, out: Console) -> None:
    await wait_until_ready(demo)
    out.print("  The bot is ready.")
