"""`perennial consent`: what was agreed to, as evidence."""

import asyncio
import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer

if TYPE_CHECKING:
    from engagement.permissions.proof import Shown

app = typer.Typer(no_args_is_help=True, help="Consent: what was agreed to, and the proof of it.")


@app.callback()
def consent() -> None:
    """Consent: what was agreed to, and the proof of it."""


@app.command("export")
def export(
    participant: Annotated[UUID, typer.Option(help="The participant's id, as the console's address shows it.")],
    at: Annotated[
        str, typer.Option(help="What stood then: a date (its end, UTC) or an instant such as 2026-11-24T12:00+00:00.")
    ] = "",
    form: Annotated[Literal["text", "fhir"], typer.Option("--format", help="For reading, or FHIR R4 JSON.")] = "text",
) -> None:
    """Everything a participant permitted and refused, by the ledger, with who, when, how and in which words.

    Each entry carries its hash and the audit event that vouches for it. Ends 1 where one is not what the audit trail says, or
    one is missing; ends 2 where there is no such participant.
    """
    from engagement import clock
    from engagement.permissions.dates import BadDate, read_instant
    from engagement.permissions.fhir import to_bundle
    from engagement.permissions.report import to_text

    try:
        moment = read_instant(at) if at else clock.now()
    except BadDate as bad:
        typer.echo(str(bad), err=True)
        raise typer.Exit(2) from None
    found = asyncio.run(_read(participant, moment))
    if found is None:
        typer.echo("There is no such participant.", err=True)
        raise typer.Exit(2)
    history, faults = found
    if form == "fhir":
        typer.echo(json.dumps(to_bundle(participant, history, at=moment), indent=2, ensure_ascii=False))
    else:
        typer.echo(to_text(participant, history, at=moment), nl=False)
    for fault in faults:
        typer.echo(fault, err=True)
    raise typer.Exit(1 if faults else 0)


async def _read(participant: UUID, moment: datetime) -> "tuple[list[Shown], list[str]] | None":
    from sqlalchemy import select

    from engagement.audit import verify_chain
    from engagement.permissions.proof import find_missing, read_history
    from service.cli.connect import connected
    from storage.tables import participants

    async with connected() as database, database.begin() as connection:
        known = await connection.scalar(select(participants.c.id).where(participants.c.id == participant))
        if known is None:
            return None
        history = await read_history(connection, database.keyring, participant, until=moment)
        missing = await find_missing(connection, participant)
        chain = await verify_chain(connection)
    faults = [f"entry {shown.entry.id}: not what the audit trail vouches for" for shown in history if not shown.good]
    faults += [f"entry {entry}: missing" for entry in missing]
    if chain.broken_at is not None:
        faults.append(f"the audit trail is broken at event {chain.broken_at}")
    return list(history), faults


@app.command("report")
def report(
    study: Annotated[str, typer.Argument(help="The study's slug.")],
    version: Annotated[str, typer.Option(help="Only this version of the document.")] = "",
    language: Annotated[str, typer.Option(help="Only answers in this language, such as es.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """What the teach-back shows: by concept, how many understood at once, after a correction, with a person; the worst first.

    Says nothing about any one participant. Ends 1 where nobody has answered yet.
    """
    from dataclasses import asdict

    from engagement.consent.report import ConceptResult, read_answers, report_concepts
    from service.cli.connect import connected

    async def read() -> tuple[ConceptResult, ...]:
        async with connected() as database, database.begin() as connection:
            return report_concepts(await read_answers(connection, study, version=version, language=language))

    results = asyncio.run(read())
    if as_json:
        typer.echo(json.dumps([asdict(result) for result in results], indent=2))
    else:
        typer.echo(f"{'concept':<20} {'asked':>6} {'at once':>8} {'corrected':>10} {'person':>7} {'failed':>7}")
        for each in results:
            typer.echo(
                f"{each.concept:<20} {each.asked:>6} {each.at_once:>8} {each.corrected:>10} {each.person:>7} "
                f"{each.failed:>7.0%}"
            )
    raise typer.Exit(0 if results else 1)
