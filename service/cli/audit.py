"""`perennial audit`: is the trail whole?"""

import asyncio

import typer

app = typer.Typer(no_args_is_help=True, help="The audit trail.")


@app.callback()
def audit() -> None:
    """The audit trail."""


@app.command("verify")
def verify() -> None:
    """Recompute the hash chain, then hold signatures, signed copies and permissions against it. Prints the count and the head (note it
    outside: a cut-off tail shows only there).

    Ends 1 and names the first event that does not follow, and each signature, copy or permission altered, taken away or put in.
    """
    from engagement.audit import verify_chain
    from engagement.permissions.proof import verify_permissions
    from engagement.signatures import verify_signatures
    from service.cli.connect import connected

    async def main() -> bool:
        async with connected() as database, database.begin() as connection:
            verdict = await verify_chain(connection)
            signed = await verify_signatures(connection, database.keyring)
            entries, altered = await verify_permissions(connection, database.keyring)
        if verdict.broken_at is not None:
            typer.echo(f"broken at event {verdict.broken_at}, after {verdict.events} good ones", err=True)
        for finding in signed.findings:
            typer.echo(f"{finding.table} {finding.row}: {finding.what}", err=True)
        for entry in altered:
            typer.echo(f"permissions {entry.entry_id}: {entry.what}", err=True)
        if verdict.broken_at is not None or signed.findings or altered:
            return False
        typer.echo(f"{verdict.events} events, head {verdict.head}")
        typer.echo(f"{signed.signatures} signatures and {signed.copies} signed copies, all as they were signed")
        typer.echo(f"{entries} permissions, all as they were given")
        return True

    raise typer.Exit(0 if asyncio.run(main()) else 1)
