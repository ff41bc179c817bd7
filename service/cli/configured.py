"""The settings for a command; what production lacks is said in one sentence, not in a traceback."""

import typer

from service.settings import MissingSettings, Settings


def configured() -> Settings:
    """The settings, checked. Ends the command with 2 where production lacks some."""
    settings = Settings()
    try:
        settings.check_production()
    except MissingSettings as missing:
        typer.echo(str(missing), err=True)
        raise typer.Exit(2) from None
    return settings
