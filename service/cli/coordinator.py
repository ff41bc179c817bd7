"""`perennial coordinator`: who may sign in to the console."""

import asyncio
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Coordinators: who may sign in to the console.")


@app.callback()
def coordinator() -> None:
    """Coordinators: who may sign in to the console."""


@app.command("add")
def add(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="At least 12 characters.")
    ],
) -> None:
    """Add a coordinator, or give a known one a new password."""
    from console.accounts import add_coordinator
    from engagement import clock
    from service.cli.connect import connected

    if len(password) < 12 or "@" not in email:
        typer.echo("Needs an e-mail address and a password of at least 12 characters.", err=True)
        raise typer.Exit(2)

    async def main() -> None:
        async with connected() as database, database.begin() as connection:
            await add_coordinator(connection, database.keyring, email=email, password=password, at=clock.now())

    asyncio.run(main())
    typer.echo("added")
