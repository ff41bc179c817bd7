"""`perennial permissions`: whom a new version of a consent document affects, and that they are asked again."""

import asyncio
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Permissions when a consent document changes.")


@app.callback()
def permissions() -> None:
    """Permissions when a consent document changes."""


@app.command("new-version")
def new_version(
    study: Annotated[str, typer.Argument(help="The study's slug.")],
    version: Annotated[str, typer.Argument(help='The new version of its consent document, such as "1.1".')],
    ask_again: Annotated[
        bool, typer.Option("--ask-again", help="Let what it changes lapse, so that they are asked anew.")
    ] = False,
) -> None:
    """List everybody who agreed to an older version and whose agreement this one changes: id, version, what changed.

    With --ask-again what changed is off at once, and outreach that relies on it is held, until they agree to the new version.
    Ends 2 where the study has no such document.
    """
    from engagement import clock
    from engagement.consent import load_consents
    from engagement.permissions.versions import Affected, list_affected
    from engagement.permissions.versions import ask_again as mark
    from engagement.studies import load_packs
    from service.cli.connect import connected
    from service.settings import ROOT

    packs = load_packs(ROOT / "studies")
    if study not in packs:
        typer.echo(f"There is no study {study}.", err=True)
        raise typer.Exit(2)
    consents = load_consents(ROOT / "studies" / study, study=study, languages=packs[study].languages)[0]
    document = consents.version(version)
    if document is None:
        typer.echo(f"{study} has no consent document {version}.", err=True)
        raise typer.Exit(2)

    async def main() -> tuple[list[Affected], int]:
        at = clock.now()
        async with connected() as database, database.begin() as connection:
            affected = list(await list_affected(connection, study, consents, document, at=at))
            marked = await mark(connection, study, consents, document, at=at, actor="service") if ask_again else 0
        return affected, marked

    affected, marked = asyncio.run(main())
    for one in affected:
        changed = ", ".join(f"{cell.purpose} {cell.scope}".strip() for cell in one.cells)
        state = "to be asked again" if one.marked else f"agreed to {', '.join(one.versions)}"
        typer.echo(f"{one.participant_id}  {state}: {changed}")
    typer.echo(f"{len(affected)} affected, {marked} marked now")
