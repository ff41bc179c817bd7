"""`perennial appointment`: a coordinator books, moves and calls off what no site reports by itself."""

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import uuid4
from zoneinfo import ZoneInfo

import typer

app = typer.Typer(no_args_is_help=True, help="Appointments that a coordinator keeps. Sites report theirs as events.")

SOURCE = "coordinator"

Study = Annotated[str, typer.Option(help="The study's slug.")]
Who = Annotated[str, typer.Option(help="The participant's code in the study.")]
Name = Annotated[str, typer.Argument(help="What the appointment is called, such as visit-2; its own in the study.")]
Start = Annotated[str, typer.Option("--at", help="Its start: 2026-12-03T14:30, local to the study, or with an offset.")]


@app.command("book")
def book(
    name: Name,
    study: Study,
    participant: Who,
    at: Start,
    minutes: Annotated[int, typer.Option(min=5, max=1440, help="How long it takes.")] = 60,
    place: Annotated[str, typer.Option(help="Where; told in the web chat and by e-mail, never by SMS.")] = "",
) -> None:
    """Book an appointment; the participant is told and reminded."""
    _change("appointment_booked", name, study, participant, at=at, minutes=minutes, place=place)


@app.command("move")
def move(name: Name, study: Study, participant: Who, at: Start) -> None:
    """Move it; what was to be said of the old time is called off at once."""
    _change("appointment_moved", name, study, participant, at=at)


@app.command("cancel")
def cancel(name: Name, study: Study, participant: Who) -> None:
    """Call it off; no reminder of it leaves after this."""
    _change("appointment_cancelled", name, study, participant)


def _change(
    kind: str, name: str, study: str, participant: str, *, at: str = "", minutes: int | None = None, place: str = ""
) -> None:
    from engagement import clock
    from engagement.appointments import AppointmentTaken, Change
    from engagement.codes import BadCode, read_code
    from engagement.reports import Report, UnknownParticipant, take_report
    from engagement.studies import load_packs
    from service.cli.connect import connected
    from service.settings import ROOT

    packs, now = load_packs(ROOT / "studies"), clock.now()
    if study not in packs:
        typer.echo(f"There is no study {study}.", err=True)
        raise typer.Exit(2)

    async def main() -> bool:
        change = Change(
            kind=kind,
            at=now,
            starts_at=_start(at, packs[study].time_zone) if at else None,
            minutes=minutes,
            place=place or None,
        )
        report = Report(
            key=uuid4().hex,
            study=study,
            participant=read_code(participant),
            kind=kind,
            at=now,
            change=change,
            appointment=name,
        )
        async with connected() as database, database.begin() as connection:
            taken = await take_report(
                connection, database.keyring, report, source=SOURCE, zone=packs[study].time_zone, now=now
            )
            return taken.told

    try:
        changed = asyncio.run(main())
    except (BadCode, UnknownParticipant, AppointmentTaken, ValueError) as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from None
    typer.echo("done" if changed else "it is so already")


def _start(text: str, zone: str) -> datetime:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("--at is no date and time such as 2026-12-03T14:30") from None
    return start if start.tzinfo else start.replace(tzinfo=ZoneInfo(zone))
