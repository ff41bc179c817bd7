"""`perennial keys`: make data keys, and move everything to the newest."""

import asyncio
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Data keys: the encryption of personal data at rest.")


@app.command("make")
def make(name: Annotated[str, typer.Argument(help="The key's id: letters and digits.")]) -> None:
    """Print a fresh key for PERENNIAL_DATA_KEYS. Put it first there, keep the old ones behind it, then rotate."""
    from storage.crypto import make_key

    if not (name.isascii() and name.isalnum()):
        typer.echo("A key's id has letters and digits only.", err=True)
        raise typer.Exit(2)
    typer.echo(make_key(name))


@app.command("rotate")
def rotate() -> None:
    """Encrypt every value again under the first key. Safe to stop and to run again; the service may keep running."""
    from service.cli.connect import connected
    from storage.rotate import rotate_keys

    async def main() -> int:
        async with connected() as database:
            return await rotate_keys(database)

    typer.echo(f"{asyncio.run(main())} rows moved to the active key")
