"""`perennial email`: see what the receiver would make of a mail. Needs no settings, no database, no network."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Look at e-mail the way the receiver does.")


@app.callback()
def email() -> None:
    """Look at e-mail the way the receiver does."""


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
