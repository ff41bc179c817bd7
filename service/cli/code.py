"""`perennial code`: what laboratories, couriers and sites call a participant."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

app = typer.Typer(no_args_is_help=True, help="Participant codes: what those outside call a participant of a study.")


@app.callback()
def code() -> None:
    """Participant codes: what those outside call a participant of a study."""


@app.command("give")
def give(
    participant: Annotated[
        UUID, typer.Argument(help="The participant's id, from the address of their page in the console.")
    ],
    study: Annotated[str, typer.Option(help="The study's slug.")],
    code: Annotated[str, typer.Option(help="A code that the site uses already; else one is made.")] = "",
) -> None:
    """Print the participant's code in a study; give them one where they have none."""
    from engagement import clock
    from engagement.codes import BadCode, CodeTaken, give_code
    from service.cli.connect import connected

    async def main() -> str:
        async with connected() as database, database.begin() as connection:
            return await give_code(connection, database.keyring, participant, study, at=clock.now(), code=code)

    try:
        typer.echo(asyncio.run(main()))
    except (BadCode, CodeTaken) as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from None
