"""`perennial campaign`: invitations to a study, from the first line to the last answer."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from storage.database import Database

app = typer.Typer(
    no_args_is_help=True,
    help="Recontact campaigns: written down, checked by a dry run, approved by somebody else, halted within seconds.",
)

By = Annotated[str, typer.Option("--by", help="The coordinator's address; the password is asked for.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, help="The coordinator's password.")]
Name = Annotated[str, typer.Argument(help="The campaign's name.")]


@app.callback()
def campaign() -> None:
    """Recontact campaigns."""


@app.command("create")
def create(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML; docs/campaigns.md has an example.")],
    by: By,
    password: Password,
) -> None:
    """Write a campaign down. Nothing is sent."""

    async def act(database: "Database", who: str, at: Any) -> str:
        from engagement.campaigns import create_campaign
        from service.campaigns import read_draft

        draft = read_draft(file)
        async with database.begin() as connection:
            await create_campaign(connection, draft, by=who, at=at)
        return f"{draft.name} is written down; next: perennial campaign dry-run {draft.name}"

    _as_coordinator(by, password, act)


@app.command("dry-run")
def dry_run_(
    name: Name,
    by: By,
    password: Password,
    list_: Annotated[
        bool, typer.Option("--list", help="Everybody's id, with the reason where they do not get it.")
    ] = False,
) -> None:
    """Count and list who would get it, who would not, and why. Nothing is sent; an earlier approval is taken back."""

    async def act(database: "Database", who: str, at: Any) -> str:
        from sqlalchemy import select

        from engagement.campaigns import dry_run, read_campaign
        from engagement.studies import load_packs
        from service.settings import ROOT
        from storage.tables import campaign_members

        sponsors = {slug: pack.sponsor for slug, pack in load_packs(ROOT / "studies").items()}
        found = await dry_run(database, name, sponsors=sponsors, by=who, at=at)
        lines = [f"{found.included} get it"]
        lines += [f"{number} do not: {reason}" for reason, number in sorted(found.excluded.items())]
        if list_:
            async with database.begin() as connection:
                campaign = await read_campaign(connection, name)
                rows = await connection.execute(
                    select(campaign_members)
                    .where(campaign_members.c.campaign_id == campaign.id)
                    .order_by(campaign_members.c.place, campaign_members.c.participant_id)
                )
                lines += [f"{row.participant_id} {row.reason or 'gets it'}" for row in rows]
        lines.append(f"to be approved by somebody else: perennial campaign approve {name} --list-sha256 {found.sha256}")
        return "\n".join(lines)

    _as_coordinator(by, password, act)


@app.command("approve")
def approve_(
    name: Name,
    by: By,
    password: Password,
    list_sha256: Annotated[str, typer.Option(help="Of the list, as the dry run printed it.")],
) -> None:
    """Agree to the list of a dry run that somebody else has made."""

    async def act(database: "Database", who: str, at: Any) -> str:
        from engagement.campaigns import approve

        async with database.begin() as connection:
            await approve(connection, name, sha256=list_sha256, by=who, at=at)
        return f"approved; next: perennial campaign start {name}"

    _as_coordinator(by, password, act)


@app.command("start")
def start_(name: Name, by: By, password: Password) -> None:
    """Begin, or go on with exactly those who were not reached yet."""

    async def act(database: "Database", who: str, at: Any) -> str:
        from engagement.campaigns import start

        async with database.begin() as connection:
            await start(connection, name, by=who, at=at)
        return "running"

    _as_coordinator(by, password, act)


@app.command("pause")
def pause(name: Name, by: By, password: Password) -> None:
    """Send nothing more for now. What has not left the house is called back."""
    _halt(name, "pause", by, password)


@app.command("stop")
def stop(name: Name, by: By, password: Password) -> None:
    """Send nothing more. What has not left the house is called back."""
    _halt(name, "stop", by, password)


def _halt(name: str, step: str, by: str, password: str) -> None:
    async def act(database: "Database", who: str, at: Any) -> str:
        from engagement.campaigns import halt

        async with database.begin() as connection:
            back = await halt(connection, name, step, by=who, at=at)
        return f"halted; {back} called back"

    _as_coordinator(by, password, act)


@app.command("status")
def status(name: Name) -> None:
    """How far it has come."""

    async def main() -> str:
        from sqlalchemy import func, select

        from engagement.campaigns import read_campaign
        from engagement.measuring import count_looks
        from service.cli.connect import connected
        from storage.tables import campaign_members, touchpoints

        async with connected() as database, database.begin() as connection:
            found = await read_campaign(connection, name)
            gets = await connection.scalar(
                select(func.count()).where(
                    campaign_members.c.campaign_id == found.id, campaign_members.c.place.is_not(None)
                )
            )
            rows = await connection.execute(
                select(touchpoints.c.status, touchpoints.c.reason, func.count().label("n"))
                .where(touchpoints.c.campaign_id == found.id)
                .group_by(touchpoints.c.status, touchpoints.c.reason)
                .order_by(touchpoints.c.status)
            )
            lines = [f"{found.draft.name}: {found.status}; {gets} get it"]
            lines += [f"  {row.n} {row.status}{f' ({row.reason})' if row.reason else ''}" for row in rows]
            counted = await count_looks(connection, campaign=found.id)
            lines += [f"  {line}" for line in counted.lines()] if counted.mails else []
            return "\n".join(lines)

    _run(main)


def _as_coordinator(by: str, password: str, act: "Callable[[Database, str, Any], Coroutine[Any, Any, str]]") -> None:
    """Do it as the coordinator whose password this is; one sentence and 1 where it is refused."""

    async def main() -> str:
        from console.accounts import coordinator_of
        from engagement import clock
        from engagement.campaigns import CampaignRefused
        from service.cli.connect import connected

        async with connected() as database:
            async with database.begin() as connection:
                who = await coordinator_of(connection, database.keyring, email=by, password=password)
            if who is None:
                raise CampaignRefused("no coordinator has this address and password")
            return await act(database, str(who), clock.now())

    _run(main)


def _run(main: "Callable[[], Coroutine[Any, Any, str]]") -> None:
    from engagement.errors import EngagementError

    try:
        typer.echo(asyncio.run(main()))
    except EngagementError as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from None
