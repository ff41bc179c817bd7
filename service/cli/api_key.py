"""`perennial api-key`: which laboratories, couriers and sites may report events over HTTP."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

app = typer.Typer(no_args_is_help=True, help="Keys of sources that report events over HTTP (docs/events-api.md).")


@app.command("add")
def add(
    source: Annotated[str, typer.Option(help="Who gets it: a name such as lab or courier-2.")],
    kind: Annotated[list[str], typer.Option(help="A kind of event that it may report; repeat for more.")],
    study: Annotated[list[str], typer.Option(help="A study whose events it may report; repeat for more.")],
) -> None:
    """Make a key and print it, this once. A source may hold several: add the new one before revoking the old."""
    from channels.events.model import KINDS
    from engagement import clock
    from engagement.api_keys import BadSource, add_key
    from engagement.studies import load_packs
    from service.cli.connect import connected
    from service.settings import ROOT

    unknown = [name for name in kind if name not in KINDS]
    strange = [slug for slug in study if slug not in load_packs(ROOT / "studies")]
    if unknown or strange:
        typer.echo(f"Not known: {', '.join(unknown + strange)}. Kinds: {', '.join(KINDS)}.", err=True)
        raise typer.Exit(2)

    async def main() -> tuple[UUID, str]:
        async with connected() as database, database.begin() as connection:
            return await add_key(
                connection, source=source, kinds=kind, studies=study, actor="command line", at=clock.now()
            )

    try:
        row, key = asyncio.run(main())
    except BadSource as bad:
        typer.echo(str(bad), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{row}\n{key}")


@app.command("list")
def list_() -> None:
    """Every key's id, source, whether it is in force, kinds and studies. Keys themselves are not kept."""
    from engagement.api_keys import list_keys
    from service.cli.connect import connected

    async def main() -> None:
        async with connected() as database, database.begin() as connection:
            for key in await list_keys(connection):
                state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "in force"
                typer.echo(
                    f"{key.id}  {key.source}  {state}  {','.join(sorted(key.kinds))}  {','.join(sorted(key.studies))}"
                )

    asyncio.run(main())


@app.command("revoke")
def revoke(key: Annotated[UUID, typer.Argument(help="The key's id, as `list` prints it.")]) -> None:
    """The key opens nothing from now on."""
    from engagement import clock
    from engagement.api_keys import revoke_key
    from service.cli.connect import connected

    async def main() -> bool:
        async with connected() as database, database.begin() as connection:
            return await revoke_key(connection, key, actor="command line", at=clock.now())

    if not asyncio.run(main()):
        typer.echo("There is no such key in force.", err=True)
        raise typer.Exit(1)
    typer.echo("revoked")
