"""`perennial simulate`: a study's outreach over months, in minutes, before anybody is written to."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def simulate(
    study: Annotated[str, typer.Option(help="The slug of the study whose plan is played.")] = "parkinson-lrrk2-gba1",
    participants: Annotated[int, typer.Option(min=1, max=100_000)] = 100,
    months: Annotated[int, typer.Option(min=1, max=60, help="Of thirty days.")] = 6,
    seed: Annotated[int, typer.Option(help="The same seed gives the same run.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    plots: Annotated[Path | None, typer.Option(help="A folder for plots (SVG).")] = None,
    sms_price: Annotated[float, typer.Option(help="US dollars for one SMS.")] = 0.0079,
    email_price: Annotated[float, typer.Option(help="US dollars for one mail.")] = 0.0001,
) -> None:
    """Play a study's outreach against made-up people and failing providers, and judge what they received.

    The planner, the gate and the outbox are the service's own, on a database of their own that is dropped afterwards; the
    checker reads the plan for itself. Ends with 1 where anything was sent that should not have been, or was lost.
    """
    from datetime import datetime

    from service.cli.run import run
    from service.settings import ROOT, Settings
    from service.simulator.report import as_text, write_plots
    from service.simulator.run import simulate as play

    if not (ROOT / "studies" / study / "plans.yml").is_file():
        typer.echo(f"there is no study {study} with a plans.yml", err=True)
        raise typer.Exit(2)

    def progress(at: datetime) -> None:
        typer.echo(f"{at:%Y-%m-%d}", err=True)

    found = run(
        play(
            Settings().data_dir,
            study=study,
            participants=participants,
            months=months,
            seed=seed,
            progress=progress,
        )
    )
    prices = {"sms": sms_price, "email": email_price}
    typer.echo(json.dumps(found.as_json(prices)) if as_json else as_text(found, prices))
    if plots is not None:
        for file in write_plots(found, plots):
            typer.echo(f"wrote {file}", err=True)
    raise typer.Exit(1 if found.violations else 0)
