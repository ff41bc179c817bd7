"""`perennial study`: look after study packs. Needs no settings, no database, no network."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.folders import CONTENT, STUDIES, shown

app = typer.Typer(no_args_is_help=True, help="Look after study packs, the folders under studies/.")


@app.callback()
def study() -> None:
    """Look after study packs, the folders under studies/."""


@app.command("check")
def check(
    slugs: Annotated[
        list[str] | None, typer.Argument(metavar="[SLUG]...", help="The studies to check; all if none is named.")
    ] = None,
    studies: Annotated[Path, typer.Option(help="The folder of the study packs.", show_default="studies/")] = STUDIES,
    content: Annotated[
        Path, typer.Option(help="The folder of the words for all studies.", show_default="content/")
    ] = CONTENT,
) -> None:
    """Name every fault of study packs as file:line: what is wrong.

    Ends 0 where there is none, 1 where there are faults, 2 where a study is not there.
    """
    from engagement.studies import check_packs, load_pack
    from engagement.studies.checking import pack_folders
    from engagement.words import load_words

    there = {folder.name: folder for folder in pack_folders(studies)} if studies.is_dir() else {}
    unknown = [slug for slug in slugs or () if slug not in there]
    if unknown or not there:
        known = f"there are {', '.join(there)}" if there else "there is none"
        typer.echo(
            f"perennial study check: no study {', '.join(unknown) or 'pack'} in {shown(studies)}; {known}", err=True
        )
        raise typer.Exit(2)
    faults = check_packs(studies, shared=content)
    broken = False
    for slug in dict.fromkeys(slugs or there):
        found = [fault for fault in faults if fault.file.is_relative_to(there[slug])]
        for fault in found:
            typer.echo(f"{shown(fault.file)}:{fault.line}: {fault.message}")
        if found:
            broken = True
            continue
        pack = load_pack(there[slug], shared=content)
        words, _ = load_words(there[slug] / "content", study=slug)
        typer.echo(
            f"ok {slug}: {', '.join(pack.languages)}; {len(pack.facts)} facts, {len(pack.stages)} stages, "
            f"{len(pack.sites)} sites, {len(words)} texts of its own"
        )
    raise typer.Exit(1 if broken else 0)
