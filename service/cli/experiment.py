"""`perennial experiment`: which wording or timing does better."""

import asyncio
import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from engagement.experiments import ArmResult

app = typer.Typer(no_args_is_help=True, help="Experiments: which wording or timing of a touchpoint does better.")


@app.callback()
def experiment() -> None:
    """Experiments."""


@app.command("report")
def report(
    study: Annotated[str, typer.Argument(help="The study's slug.")],
    name: Annotated[str, typer.Argument(help="The experiment's name in plans.yml.")],
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
) -> None:
    """By intention to treat: everybody counts in the arm that chance gave them, reached or not; with 95 % intervals.

    A share is of those whose time for the outcome is over; a difference is against the first arm.
    """
    from engagement import clock
    from engagement.experiments import read_report
    from engagement.plans.model import OPENED
    from engagement.studies import load_packs
    from scheduler.varying import design_of
    from service.cli.connect import connected
    from service.plans import read_plans
    from service.settings import ROOT

    found = read_plans(load_packs(ROOT / "studies")).of(study).experiments.get(name)
    if found is None:
        typer.echo(f"there is no experiment {name} in the plan of {study}", err=True)
        raise typer.Exit(2)
    design = design_of(study, name, found)

    async def main() -> "tuple[ArmResult, ...]":
        async with connected() as database, database.begin() as connection:
            return await read_report(connection, design, at=clock.now())

    results = asyncio.run(main())
    if as_json:
        typer.echo(json.dumps({"experiment": design.name, "outcome": design.outcome, "arms": [*map(_data, results)]}))
        return
    least = ", by a person, at least" if design.outcome == OPENED else ""
    typer.echo(f"{design.name}: {design.outcome} within {design.within_days} days{least}")
    for arm in results:
        share = (
            f"{arm.share.estimate:.1%} ({arm.share.low:.1%} to {arm.share.high:.1%})" if arm.followed else "no one yet"
        )
        typer.echo(f"  {arm.arm}: {arm.assigned} assigned, {arm.reached_outcome} of {arm.followed}: {share}")
        if arm.against_first is not None and arm.followed:
            against = arm.against_first
            typer.echo(f"    against the first: {against.estimate:+.1%} ({against.low:+.1%} to {against.high:+.1%})")


def _data(arm: "ArmResult") -> dict[str, Any]:
    def interval(one: Any) -> dict[str, float | None] | None:
        if one is None:
            return None
        return {"estimate": None if math.isnan(one.estimate) else one.estimate, "low": one.low, "high": one.high}

    return {
        "arm": arm.arm,
        "assigned": arm.assigned,
        "followed": arm.followed,
        "reached_outcome": arm.reached_outcome,
        "share": interval(arm.share),
        "against_first": interval(arm.against_first),
    }
