"""`perennial audit`: is the trail whole?"""

import asyncio

import typer

app = typer.Typer(no_args_is_help=True, help="The audit trail.")


@app.callback()
def audit() -> None:
    """The audit trail."""


@app.command("verify")
def verify() -> None:
    """Recompute the hash chain. Prints the count and the head (note it outside: a cut-off tail shows only there).

    Ends 1 and names the first event that does not follow.
    """
    from engagement.audit import verify_chain
    from service.cli.connect import connected

    async def main() -> bool:
        async with connected() as database, database.begin() as connection:
            verdict = await verify_chain(connection)
        if verdict.broken_at is not None:
            typer.echo(f"broken at event {verdict.broken_at}, after {verdict.events} good ones", err=True)
            return False
        typer.echo(f"{verdict.events} events, head {verdict.head}")
        return True

    raise typer.Exit(0 if asyncio.run(main()) else 1)
