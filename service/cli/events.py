"""`perennial events`: what happened at a site, from a table."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Events that sites report in a table. By HTTP: docs/events-api.md.")


@app.callback()
def events() -> None:
    """Events that sites report in a table."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, its first line the columns' names.")],
    source: Annotated[str, typer.Option(help="Who reports: a name such as site-12, the same each time.")],
    study: Annotated[str, typer.Option(help="The study of rows that name none.")] = "",
    write: Annotated[
        bool, typer.Option("--write", help="Record the events. Without it, the file is only checked.")
    ] = False,
) -> None:
    """Check a table of events against the database; with --write, record them: all of the file, or nothing.

    Columns: participant (the code), kind, at; and id, study, appointment, starts_at, minutes, time_zone, place where
    needed. A time without an offset is local to the study. The same rows again change nothing. Ends with 1 where something
    is wrong, and says on which line.
    """
    from channels.events.table import RowFault, parse_table
    from engagement import clock
    from engagement.api_keys import BadSource, check_source
    from engagement.studies import load_packs
    from service.cli.connect import connected
    from service.events import Imported, import_rows, zones_of
    from service.settings import ROOT

    try:
        check_source(source)
    except BadSource as bad:
        typer.echo(str(bad), err=True)
        raise typer.Exit(2) from None
    packs, now = load_packs(ROOT / "studies"), clock.now()
    table = parse_table(file.read_bytes(), study=study, zones=zones_of(packs), now=now)

    async def main() -> Imported:
        async with connected() as database:
            return await import_rows(database, table.rows, source=source, now=now, zones=zones_of(packs), write=write)

    def end(faults: tuple[RowFault, ...]) -> None:
        for fault in faults:
            typer.echo(f"{file}:{fault.line}: {fault.message}", err=True)
        typer.echo(f"{len(faults)} faults; nothing was written", err=True)
        raise typer.Exit(1)

    if table.faults:
        end(table.faults)
    done = asyncio.run(main())
    if done.faults:
        end(done.faults)
    typer.echo(f"{done.new} new, {done.known} known already" + ("" if write else "; nothing was written: add --write"))
