"""How well words and vectors together judge what neither was taught: `python -m service.safety_report`.

Prints a Markdown table of what both joined find of held-out statements (near-copies in one fold), and of ordinary messages
that neither is taught. Takes some ten minutes: five times both judges are taught anew.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conversation.triage import Judgement, TriageKind, is_alarm, join_judgements, judge_words
from conversation.triage.crossval import folds_of, is_right, judge_unseen
from conversation.triage.learn import background
from conversation.triage.statements import Statement, read_background, read_statements
from service.bot import bot_python
from service.settings import ROOT

ALWAYS_TAUGHT, NEVER_TAUGHT = -1, -2
SHARE = 3
"""One ordinary message in so many teaches the vectors, one in so many is judged."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A text that was held out, with what words say of it."""

    statement: Statement
    group: str
    words: Judgement


def judge_vectors(asked: Sequence[Mapping[str, object]]) -> list[Mapping[str, float] | None]:
    """What bot/report/safety.py answers; CalledProcessError where it fails."""
    command = [str(bot_python()), "-m", "report.safety"]
    done = subprocess.run(  # noqa: S603
        command,
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=ROOT / "bot",
        check=True,
    )
    answers: list[Mapping[str, float] | None] = json.loads(done.stdout)
    return answers


def cases() -> tuple[list[Case], list[int]]:
    """Held-out statements and ordinary messages, each with its fold."""
    judged = judge_unseen()
    statements = [each.statement for each in judged]
    found = [Case(statement=each.statement, group=_group(each.statement), words=each.judgement()) for each in judged]
    ordinary = read_background()[1][::SHARE]
    found += [Case(statement=each, group="ordinary", words=judge_words(each.text)) for each in ordinary]
    return found, [*folds_of(statements), *[NEVER_TAUGHT] * len(ordinary)]


def _group(statement: Statement) -> str:
    return "harmless, hard" if statement.kind is TriageKind.NONE else statement.kind.value


def tabulate(found: Iterable[tuple[Case, Mapping[str, float] | None]]) -> list[str]:
    """Markdown rows: language, kind, texts, right by words alone, right by both, and what was acted on at once."""
    rows: dict[tuple[str, str], list[tuple[bool, bool, bool]]] = defaultdict(list)
    for case, sums in found:
        joined = join_judgements(case.words, sums)
        if case.statement.kind is TriageKind.NONE:
            right = is_alarm(case.words.verdict), is_alarm(joined)
        elif case.statement.kind is TriageKind.CRISIS:
            right = case.words.verdict.kind is TriageKind.CRISIS, joined.kind is TriageKind.CRISIS
        else:
            right = is_right(case.statement, case.words.verdict), is_right(case.statement, joined)
        rows[(case.statement.language, case.group)].append((*right, case.words.sure))
    lines = []
    for (language, group), each in sorted(rows.items()):
        words, both, sure = (sum(column) / len(each) for column in zip(*each, strict=True))
        lines.append(f"| {language} | {group} | {len(each)} | {words:.1%} | {both:.1%} | {sure:.1%} |")
    return lines


def main() -> None:
    """Prints the table."""
    found, folds = cases()
    held = {case.statement.text for case in found}
    others = [each for each in read_statements() if each.weight == 1.0] + background()[::SHARE]
    taught = [each for each in others if each.text not in held]
    asked = [
        {"text": case.statement.text, "kind": case.statement.kind.value, "fold": fold, "ordinary": False}
        for case, fold in zip(found, folds, strict=True)
    ] + [
        {"text": each.text, "kind": each.kind.value, "fold": ALWAYS_TAUGHT, "ordinary": each.weight < 1.0}
        for each in taught
    ]
    answers = judge_vectors(asked)[: len(found)]
    sys.stdout.write("| language | kind | texts | words alone | with vectors | at once |\n|---|---|---|---|---|---|\n")
    sys.stdout.write("\n".join(tabulate(zip(found, answers, strict=True))) + "\n")


if __name__ == "__main__":
    main()
