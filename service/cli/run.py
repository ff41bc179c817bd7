"""Running the service: demo, serve, migrate, train, settings."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Annotated, Any

import typer

app = typer.Typer()


@app.command()
def demo(
    script: Annotated[
        bool, typer.Option("--script", help="Play a conversation over all channels and check it.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the pages.")] = 8080,
) -> None:
    """Everything on this machine, with a phone, a web chat and a mailbox to play with. Needs no settings."""
    from service.demo.run import run_demo
    from service.demo.script import run_script
    from service.logs import set_up_logs
    from service.settings import Settings

    settings = Settings()
    set_up_logs("WARNING")
    if script:
        raise typer.Exit(0 if run(run_script(settings)) else 1)
    run(run_demo(settings, port=port))


@app.command()
def serve() -> None:
    """The service by the settings (PERENNIAL_…). Run as many as you like on one database."""
    from service.app import Service, serve_until
    from service.cli.configured import configured
    from service.house import build
    from service.logs import set_up_logs
    from service.secrets_file import load_secrets

    settings = configured()
    set_up_logs(settings.log_level)

    async def main() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await serve_until(Service(await build(settings, load_secrets(settings))), stopped)

    run(main())


@app.command()
def migrate() -> None:
    """Bring the database up to date: schema, study packs, approved words."""
    from service.cli.configured import configured
    from service.house import migrate_all
    from service.secrets_file import load_secrets

    settings = configured()
    versions = run(migrate_all(settings, load_secrets(settings)))
    typer.echo(f"up to date; {versions} new text versions")


@app.command(hidden=True)
def check_migrations() -> None:
    """For developers: the migrations make just the tables that the code describes."""
    from alembic.util.exc import CommandError

    from service.settings import Settings
    from storage.embedded import drop_database, start_embedded
    from storage.migrate import check, migrate

    folder = Settings().data_dir / "postgres"
    url = start_embedded(folder, database="migration_check")
    try:
        migrate(url)
        check(url)
    except CommandError as difference:
        typer.echo(str(difference), err=True)
        raise typer.Exit(1) from None
    finally:
        drop_database(folder, "migration_check")


@app.command()
def train(
    force: Annotated[bool, typer.Option(help="Train even though nothing changed.")] = False,
) -> None:
    """Train the bot if config.yml, data/ or its domain changed. Prints the model's path."""
    from service.bot import ensure_model
    from service.settings import Settings

    typer.echo(str(ensure_model(Settings().data_dir, force=force)))


@app.command()
def settings() -> None:
    """Every setting with its meaning and its default."""
    from service.settings import Settings

    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f" [{field.default}]"
        typer.echo(f"PERENNIAL_{name.upper()}{default}\n    {field.description}")


def run[Result](main: Coroutine[Any, Any, Result]) -> Result:
    """On uvloop where there is one (not on Windows)."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)
