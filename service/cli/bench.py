"""`perennial bench`: speed and memory, each beside a reference in the same run."""

import asyncio
import json
from typing import Annotated

import typer

app = typer.Typer(help="Speed and memory, each beside a reference in the same run on this machine.")


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    turns: Annotated[int, typer.Option(help="Turns of the throughput run.")] = 400,
    soak: Annotated[int, typer.Option(help="Then run this many more turns and watch memory.")] = 0,
) -> None:
    """Measure turns and acknowledgements against stock Rasa and a bare handler, in one run on this machine."""
    if context.invoked_subcommand is not None:
        return
    from service.bench.run import run_bench
    from service.cli.run import run
    from service.logs import set_up_logs
    from service.settings import Settings

    set_up_logs("ERROR")
    run(run_bench(Settings(), turns=turns, soak=soak, as_json=as_json))


@app.command("outreach")
def outreach(
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    sends: Annotated[int, typer.Option(min=50, help="Messages of each block.")] = 1000,
    participants: Annotated[int, typer.Option(min=10_000, help="Of the larger database.")] = 1_000_000,
) -> None:
    """Measure gated sends against a bare loop (claim, post, record), and finding what is due among few and among many."""
    from service.bench.outreach import measure_outreach
    from service.logs import set_up_logs
    from service.settings import Settings

    set_up_logs("ERROR")
    found = asyncio.run(
        measure_outreach(
            Settings().data_dir, sends=sends, many=participants, progress=lambda said: typer.echo(said, err=True)
        )
    ).as_json()
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(
        f"gated {found['gated_per_s']} a second, bare {found['bare_per_s']}: {found['gated_ratio']} (wanted ≥ 0.5)"
    )
    typer.echo(
        f"touchpoints due: {found['due_few_ms']} ms and {found['due_many_ms']} ms: {found['due_ratio']} (wanted ≤ 1.3)"
    )
    typer.echo(f"journeys due: {found['plans_few_ms']} ms and {found['plans_many_ms']} ms: {found['plans_due_ratio']}")


@app.command("campaign")
def campaign(
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    participants: Annotated[int, typer.Option(min=50, help="Who are invited.")] = 50_000,
) -> None:
    """Stop a large campaign in the middle, start it again: what still comes after the stop, who gets it twice or not at all."""
    from service.bench.campaign import measure_campaign
    from service.bench.processes import BenchFailed
    from service.logs import set_up_logs
    from service.settings import Settings

    set_up_logs("ERROR")
    try:
        found = asyncio.run(
            measure_campaign(Settings(), participants=participants, progress=lambda said: typer.echo(said, err=True))
        ).as_json()
    except BenchFailed as failure:
        typer.echo(str(failure), err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(f"{found['participants']} people, {found['per_s']} messages a second; dry run {found['dry_run_s']} s")
    typer.echo(
        f"stopped after {found['before_stop']}: the last message came {found['last_after_stop_s']} s later,"
        f" {found['later_than_2_s']} later than 2 s (wanted 0)"
    )
    typer.echo(f"to the end: {found['arrived']} messages, twice {found['twice']}, missed {found['missed']} (wanted 0)")
