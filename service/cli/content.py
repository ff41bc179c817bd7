"""`perennial content`: check, approve and list the words that may reach participants. Needs no settings."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from engagement.shelves import Shelf, load_shelves
from engagement.words import read_approvals
from engagement.words.approvals import APPROVAL_ID, decide_approval, write_approval
from service.cli.folders import CONTENT, STUDIES, shown

app = typer.Typer(no_args_is_help=True, help="Check, approve and list the words that may reach participants.")

_Content = Annotated[Path, typer.Option(help="The folder of the words for all studies.", show_default="content/")]
_Studies = Annotated[Path, typer.Option(help="The folder of the study packs.", show_default="studies/")]


@app.callback()
def content_() -> None:
    """Check, approve and list the words that may reach participants."""


@app.command("check")
def check(content: _Content = CONTENT, studies: _Studies = STUDIES) -> None:
    """Name every fault of the words as file:line: what is wrong.

    Ends 0 where there is none, 1 where there are faults. A text that nobody approved is no fault: see
    `list --unapproved`.
    """
    shelves = _shelves(content, studies)
    if _say_faults(shelves):
        raise typer.Exit(1)
    texts = sum(len(shelf.words) for shelf in shelves)
    unapproved = sum(len(shelf.unapproved()) for shelf in shelves)
    typer.echo(f"ok: {texts} texts, {unapproved} not approved")


@app.command("approve")
def approve(
    approval_id: Annotated[str, typer.Option("--id", help="The approval id that the files name, such as PRN-WORDS-1.")],
    by: Annotated[str, typer.Option(help="Who approves: a name, and the office if it matters.")],
    study: Annotated[str, typer.Option(help="Only the texts of this study.")] = "",
    content: _Content = CONTENT,
    studies: _Studies = STUDIES,
) -> None:
    """Approve all texts that name this approval id and are not approved yet, as they now stand.

    Writes an approval file beside the texts and shows what was approved. An approval given earlier by somebody else,
    or on another day, stays as it is; the new one is its next part (PRN-WORDS-1.2). Ends 1 where the texts have faults.
    """
    if not APPROVAL_ID.fullmatch(approval_id) or not by.strip():
        _refuse("an approval needs an id such as PRN-WORDS-1 and the name of who approves")
    shelves = [shelf for shelf in _shelves(content, studies) if not study or shelf.study == study]
    if not any(wording.approval_id == approval_id for shelf in shelves for wording in shelf.words):
        _refuse(f"no text names the approval id {approval_id}{f' in the study {study}' if study else ''}")
    if _say_faults(shelves):
        typer.echo("Nothing was approved: the words have faults.", err=True)
        raise typer.Exit(1)
    for shelf in shelves:
        words = [wording for wording in shelf.unapproved() if wording.approval_id == approval_id]
        if not words:
            continue
        approval = decide_approval(
            read_approvals(shelf.folder)[0],
            approval_id=approval_id,
            by=by.strip(),
            on=datetime.now(UTC).date(),
            words=words,
        )
        file = write_approval(shelf.folder, approval)
        for wording in words:
            typer.echo(f"approved {wording.label}")
        typer.echo(f"{len(words)} texts approved by {approval.approved_by}: {shown(file)}")


@app.command("list")
def list_(
    unapproved: Annotated[bool, typer.Option("--unapproved", help="Only the texts that nobody approved.")] = False,
    content: _Content = CONTENT,
    studies: _Studies = STUDIES,
) -> None:
    """List the texts with the approval each one has: approval, key, language, channel, study, where it stands."""
    for shelf in _shelves(content, studies):
        for wording in shelf.words:
            approval = shelf.approval_of(wording)
            if approval is None or not unapproved:
                state = approval or "unapproved"
                typer.echo(f"{state}\t{wording.label}\t{shown(wording.file)}:{wording.line}")


def _shelves(content: Path, studies: Path) -> list[Shelf]:
    if not content.is_dir():
        _refuse(f"there is no folder {shown(content)}")
    return load_shelves(content, studies)


def _say_faults(shelves: list[Shelf]) -> bool:
    faults = [fault for shelf in shelves for fault in shelf.faults]
    for fault in faults:
        typer.echo(f"{shown(fault.file)}:{fault.line}: {fault.message}")
    return bool(faults)


def _refuse(problem: str) -> None:
    typer.echo(f"perennial content: {problem}", err=True)
    raise typer.Exit(2)
