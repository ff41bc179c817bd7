"""`perennial nlu`: measure the understanding, check its examples, read messages as the service would."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Measure the understanding, check its examples, read messages with it.")

_AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON on stdout, nothing else.")]


@app.callback()
def nlu_() -> None:
    """Measure the understanding, check its examples, read messages with it."""


@app.command()
def report(
    data: Annotated[Path | None, typer.Option(help="A folder in HINT3's format, in place of our examples.")] = None,
    as_json: _AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Write report.md, report.html and report.json here.")] = None,
    config: Annotated[Path | None, typer.Option(help="Measure this pipeline.", show_default="config.yml")] = None,
    against_diet: Annotated[bool, typer.Option(help="Also train Rasa's default pipeline (slow).")] = False,
    training: Annotated[bool, typer.Option(help="Time the training of the full bot.")] = True,
    safety: Annotated[bool, typer.Option(help="Cross-validate the safety triage.")] = True,
) -> None:
    """Cross-validate config.yml's pipeline on our examples, or run it on a benchmark.

    Ours: accuracy, macro F1, calibration, threshold and confusion by language (near-copies of a text never stand on
    both sides of a cut), overlap of the examples, recall and false alarms of the safety triage, the time of a parse
    against a bare MiniLM pass and of the training. A benchmark (train/*.csv, test/*.csv with sentence and label):
    in-scope accuracy and out-of-scope AUC of each set.
    """
    arguments = [
        f"--{name}={path.resolve()}" for name, path in (("data", data), ("out", out), ("config", config)) if path
    ]
    arguments += [flag for flag, given in (("--against-diet", against_diet), ("--no-training", not training)) if given]
    if data is None and safety:
        typer.echo("cross-validating the safety triage", err=True)
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(_safety(), file)
            file.flush()
            found = _measure([*arguments, f"--safety={file.name}"])
    else:
        found = _measure(arguments)
    if as_json:
        typer.echo(json.dumps({"sets": found["sets"]} if "sets" in found else found, ensure_ascii=False))
        return
    if "sets" in found:
        for name, each in found["sets"].items():
            typer.echo(
                f"{name:24} in-scope accuracy {_number(each['in_scope_accuracy'])}   "
                f"out-of-scope AUC {_number(each['oos_auc'])}"
            )
        return
    for language, each in found["languages"].items():
        typer.echo(
            f"{language}: accuracy {each['accuracy']:.3f}, macro F1 {each['macro_f1']:.3f}, "
            f"calibration error {each['calibration_error']:.3f}, answered {each['answered']:.3f}, "
            f"out of scope yet answered {each['out_of_scope_answered']:.3f}"
        )
    typer.echo(f"a parse takes {found['parse']['ratio']:.2f} times as long as a bare MiniLM pass")
    if "training" in found:
        seconds = found["training"]["full_bot_s"]
        ratio = found["training"].get("ratio")
        versus = f", {'less than ' if found['training']['diet_stopped'] else ''}{ratio:.2f} of DIET's" if ratio else ""
        typer.echo(f"training the full bot takes {seconds:.0f} s{versus}")


@app.command()
def check(as_json: _AsJson = False) -> None:
    """Name what is wrong with the examples: texts under two intents, and what a language lacks.

    Says how many examples have a near-copy. Ends 1 where a text stands under two intents or an intent has too few.
    """
    overlap = _measure(["--check"])["overlap"]
    if as_json:
        typer.echo(json.dumps({"overlap": overlap}, ensure_ascii=False))
    faults = 0
    for language, each in overlap.items():
        lines = [
            f"{language}: '{text}' stands under {' and '.join(both)}" for text, both in each["two_intents"].items()
        ]
        lines += [f"{language}: {intent} has {count} examples" for intent, count in each["lacking"].items()]
        faults += len(lines)
        if as_json:
            continue
        for line in lines:
            typer.echo(line)
        typer.echo(
            f"{language}: {each['examples']} examples, {each['near_copies']:.1%} with a near-copy, "
            f"{each['same_words']:.1%} in nearly the same words as another, {each['repeated']} repeated"
        )
    if faults:
        raise typer.Exit(1)


@app.command()
def parse(
    text: Annotated[str, typer.Argument(help="A message.")] = "",
    file: Annotated[Path | None, typer.Option(help="Read one message a line from this file.")] = None,
    language: Annotated[str, typer.Option(help="The language on record of whoever writes.")] = "en",
) -> None:
    """Show what the service would make of a message: one JSON object a message, as a first message of somebody.

    `in_scope` is false where it would not be answered: not understood, out of scope, asking for medical advice, or
    where an opt-out or the safety triage ends the turn. `topics` are the approved answers it would get.
    """
    from service.bot import ensure_model
    from service.cli.folders import CONTENT
    from service.settings import Settings
    from service.understanding import as_json, read_messages

    if (file is None) == (not text):
        raise typer.BadParameter("give one message, or --file")
    texts = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()] if file else [text]
    served = tuple(sorted(folder.name for folder in CONTENT.iterdir() if len(folder.name) == 2))
    model = ensure_model(Settings().data_dir)
    for reading in read_messages(texts, model=model, language=language, served=served):
        typer.echo(as_json(reading))


def _measure(arguments: list[str]) -> dict[str, Any]:
    from service.bot import bot_python, teaching_environment
    from service.settings import ROOT, Settings

    done = subprocess.run(  # noqa: S603
        [str(bot_python()), "-m", "report", *arguments],
        cwd=ROOT / "bot",
        env=teaching_environment(Settings().data_dir),
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise typer.Exit(done.returncode)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _safety() -> list[dict[str, Any]]:
    """The triage on statements that it was not taught, by language and kind; `none` is what must not alarm."""
    from conversation.triage.crossval import judge_unseen, tabulate

    return [
        {"language": language, "kind": kind.value, "texts": count, "right": both / count, "patterns": alone / count}
        for (language, kind), (count, both, alone) in sorted(tabulate(judge_unseen()).items())
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
