"""`perennial questionnaire`: try a FHIR Questionnaire before a participant meets it. Needs no settings, no database, no network."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Try FHIR Questionnaires: what is supported, how a run goes.")

_File = Annotated[Path, typer.Argument(metavar="FILE", help="A FHIR R4 Questionnaire as JSON.")]
_Language = Annotated[str, typer.Option(help="The participant's language, such as en or es.")]
_Region = Annotated[
    str | None, typer.Option(help="Where the participant lives (US, MX…): settles dates such as 3/4/24.")
]
_Today = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The day of the run; today if not said.")]


@app.callback()
def questionnaire() -> None:
    """Try FHIR Questionnaires: what is supported, how a run goes."""


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="FHIR R4 Questionnaires as JSON.")],
) -> None:
    """Say of each file what is supported, and `unsupported: <linkId> <feature>` of what is not.

    Lines that begin with `doubtful:` tell where a file breaks FHIR R4 and how it is read; `ignored:` what changes nothing here.
    Ends 0 where every file can be run, 1 where one can't.
    """
    from engagement.questionnaires import BadQuestionnaire, features, in_order, parse_questionnaire, start

    broken = False
    for file in files:
        try:
            form = parse_questionnaire(_bytes(file))
        except BadQuestionnaire as error:
            broken = True
            for fault in str(error).splitlines():
                typer.echo(f"error: {file}: {fault}")
            continue
        notes = in_order((*form.notes, *start(form, at=_at(None)).notes))
        questions = sum(item.askable for item in form.items)
        left = sum(note.kind == "unsupported" for note in notes)
        typer.echo(f"ok {file}: {len(form.items)} items, {questions} questions to ask, {left} unsupported")
        for feature, count in sorted(features(form).items()):
            typer.echo(f"supported: {feature} ({count})")
        for note in notes:
            typer.echo(str(note))
    raise typer.Exit(1 if broken else 0)


@app.command("run")
def run(
    file: _File,
    answers: Annotated[Path, typer.Option(metavar="A.jsonl", help='Lines {"linkId": …, "text": …} or {"text": …}.')],
    language: _Language = "en",
    region: _Region = None,
    today: _Today = None,
) -> None:
    """Run a questionnaire on a file of answers and print JSON lines.

    `{"ask": linkId, …}` for each question, `{"linkId": …, "reading": …}` for each answer (with `error` where it was not taken; the
    question is then asked again), `{"unsupported": linkId, …}`, and last the QuestionnaireResponse. A line with a linkId answers that
    item, wherever the run is: again for a repeating item adds to it, in a repeating group begins one more. Ends 0.
    """
    runner = _runner(file, language, region, today)
    _print(runner.begin())
    for number, line in enumerate(_lines(answers), start=1):
        try:
            given = json.loads(line)
        except (ValueError, RecursionError):
            given = None
        if isinstance(given, dict):
            _print(runner.take(given))
        else:
            _print([{"error": "no-json", "line": number}])
    _print([runner.response()])


@app.command("preview")
def preview(file: _File, language: _Language = "en", region: _Region = None, today: _Today = None) -> None:
    """Run a questionnaire in the terminal; an empty line skips, Ctrl-D ends. The QuestionnaireResponse comes last."""
    runner = _runner(file, language, region, today)
    _print(runner.begin(), shown=True)
    while runner.state.ask is not None:
        try:
            text = input("> ")
        except (EOFError, KeyboardInterrupt):
            typer.echo()
            break
        _print(runner.take({"text": text or "skip"}), shown=True)
    from engagement.questionnaires import write_json

    typer.echo(write_json(runner.response(), indent=2))


@app.command("replay")
def replay(
    file: _File,
    response: Annotated[Path, typer.Argument(metavar="RESPONSE", help="A QuestionnaireResponse as JSON.")],
    today: _Today = None,
) -> None:
    """Print the linkIds that are enabled under the answers of a response, one a line, in the questionnaire's order."""
    from engagement.questionnaires import BadJson, BadResponse, enabled_under, read_json

    form = _form(file)
    try:
        found = enabled_under(form, read_json(_bytes(response)), at=_at(today))
    except (BadJson, BadResponse) as error:
        typer.echo(f"error: {response}: {error}", err=True)
        raise typer.Exit(1) from None
    for link_id in found:
        typer.echo(link_id)


def _runner(file: Path, language: str, region: str | None, today: str | None) -> Any:
    from service.cli.questionnaire_run import Run

    return Run(form=_form(file), at=_at(today), language=language, region=region)


def _form(file: Path) -> Any:
    from engagement.questionnaires import BadQuestionnaire, parse_questionnaire

    try:
        return parse_questionnaire(_bytes(file))
    except BadQuestionnaire as error:
        for fault in str(error).splitlines():
            typer.echo(f"error: {file}: {fault}", err=True)
        raise typer.Exit(1) from None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        typer.echo(f"error: {file}: {error.strerror}", err=True)
        raise typer.Exit(2) from None


def _lines(file: Path) -> list[str]:
    text = _bytes(file).decode("utf-8-sig", errors="replace")
    return [line for line in text.split("\n") if line.strip()]


def _at(today: str | None) -> datetime:
    if today is None:
        return datetime.now(UTC)
    try:
        return datetime.combine(date.fromisoformat(today), time(12), UTC)
    except ValueError:
        raise typer.BadParameter(f"{today!r} is no date such as 2026-03-05", param_hint="--today") from None


def _print(lines: Iterator[dict[str, Any]] | list[dict[str, Any]], *, shown: bool = False) -> None:
    from engagement.questionnaires import write_json

    for line in lines:
        typer.echo(_shown(line) if shown else write_json(line))


def _shown(line: dict[str, Any]) -> str:
    """A line of a run for the eye."""
    from engagement.questionnaires import write_json

    if "ask" not in line:
        return f"  {write_json(line)}"
    done, total = line["progress"]
    told = [
        *line.get("lead", []),
        " ".join(filter(None, (line.get("prefix"), line.get("text")))),
        *line.get("beside", []),
    ]
    told += [f"  {number}. {option}" for number, option in enumerate(line.get("options", []), start=1)]
    extra = ", ".join(f"{name} {line[name]}" for name in ("unit", "format", "at") if name in line)
    marks = ", ".join(name for name in ("required", "repeats") if line.get(name))
    tail = "; ".join(filter(None, (line["ask"], line["type"], marks, extra)))
    return "\n".join(["", *told, f"  [{done + 1} of {total}; {tail}]"])
