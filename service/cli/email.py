"""`perennial email`: see what the receiver would make of a mail; what became of measured mails."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="E-mail: as the receiver sees it, and what became of what was sent.")


@app.callback()
def email() -> None:
    """E-mail."""


@app.command("parse")
def parse(
    file: Annotated[
        str, typer.Argument(metavar="FILE.eml", help="A mail as it came over the wire; - reads standard input.")
    ],
    own_domain: Annotated[
        str,
        typer.Option(
            envvar="PERENNIAL_EMAIL_DOMAIN", help="The domain we receive for; without it our marks count on any domain."
        ),
    ] = "",
) -> None:
    """Print as JSON what the receiver would make of a mail.

    `class` is message, auto_reply, bounce, complaint or loop; `visible_text` is what the person wrote, without quotes
    and signatures; `opt_out` is yes, ask or no. Ends 2 where the file cannot be read or is no mail.
    """
    from channels.email.describe import describe_email
    from channels.email.parsed import BadEmail  # imported here: `perennial --help` need not load the parser

    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        typer.echo(f"perennial email parse: {file}: {reason}", err=True)
        raise typer.Exit(2) from None
    try:
        typer.echo(describe_email(raw, received_at=datetime.now(UTC), own_domain=own_domain))
    except BadEmail as error:
        typer.echo(f"perennial email parse: {file}: {error}", err=True)
        raise typer.Exit(2) from None


@app.command("measured")
def measured(
    study: Annotated[str, typer.Argument(help="The study's slug.")],
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """Opens and clicks of a study's reminders, item by item: by people at least, perhaps, by machines only.

    A campaign's are in `perennial campaign status`. Ends 2 where there is no such study, 1 where its mails are not measured.
    """
    from engagement.measuring import count_looks
    from engagement.studies import load_packs
    from service.cli.connect import connected
    from service.plans import read_plans
    from service.settings import ROOT

    packs = load_packs(ROOT / "studies")
    if study not in packs:
        typer.echo(f"there is no study {study}", err=True)
        raise typer.Exit(2)
    if not packs[study].email.measured:
        typer.echo(f"the mails of {study} are not measured; see email.measured in docs/adding-a-study.md", err=True)
        raise typer.Exit(1)
    items = read_plans(packs).of(study).touchpoints

    async def main() -> None:
        async with connected() as database, database.begin() as connection:
            found = {item: await count_looks(connection, study=study, item=item) for item in items}
        if as_json:
            typer.echo(json.dumps({item: counted.data() for item, counted in found.items()}))
            return
        for item, counted in found.items():
            if counted.mails:
                typer.echo("\n".join([f"{item}:", *(f"  {line}" for line in counted.lines())]))

    asyncio.run(main())
