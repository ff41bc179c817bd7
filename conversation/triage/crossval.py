"""How well triage judges what it was not taught: cross-validation with near-copies of a statement in one fold.

`python -m conversation.triage.crossval` prints the table of docs/safety-triage.md. Only statements that neither came from a
template nor were known to who wrote the patterns are counted; templates teach in every fold.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conversation.language.text import split_sentences
from conversation.triage.features import features_of, load_lexicon
from conversation.triage.judge import by_patterns
from conversation.triage.judgement import Judgement
from conversation.triage.learn import background, seen_in, teach
from conversation.triage.learned import HEADS, UNTAUGHT, add_found, weigh
from conversation.triage.statements import Statement, read_statements
from conversation.triage.verdict import Severity, Triage, TriageKind, Trigger, verdict_of

FOLDS = 5
NEAR = 0.5
"""Share of common runs of four letters from which two statements are near-copies."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A statement with, sentence by sentence, what the patterns found and what a model said that was not taught it."""

    statement: Statement
    sentences: tuple[tuple[tuple[Trigger, ...], tuple[float, ...]], ...]

    def verdict(self) -> Triage:
        """Both judges joined."""
        return verdict_of(tuple(each for found, sums in self.sentences for each in weigh(found, sums)))

    def judgement(self) -> Judgement:
        """Both judges, as the bot's is joined with them."""
        sums = [add_found(found, said) for found, said in self.sentences] or [UNTAUGHT]
        return Judgement(
            verdict=self.verdict(), sums=tuple(max(each[head] for each in sums) for head in range(len(HEADS)))
        )

    def by_patterns(self) -> Triage:
        """The patterns alone."""
        return verdict_of(tuple(each for found, _ in self.sentences for each in found))


def folds_of(statements: Sequence[Statement]) -> list[int]:
    """Each statement's fold; near-copies are in one."""
    runs = [
        frozenset(text[at : at + 4] for at in range(len(text) - 3)) for text in (_bare(each) for each in statements)
    ]
    parent = list(range(len(statements)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    holders: dict[str, list[int]] = defaultdict(list)
    for place, mine in enumerate(runs):
        common: dict[int, int] = defaultdict(int)
        for run in mine:
            for other in holders[run]:
                common[other] += 1
            holders[run].append(place)
        for other, count in common.items():
            if count >= NEAR * (len(mine) + len(runs[other]) - count):
                parent[root(place)] = root(other)
    groups = sorted({root(place) for place in range(len(statements))})
    random.Random(0).shuffle(groups)
    fold = {group: number % FOLDS for number, group in enumerate(groups)}
    return [fold[root(place)] for place in range(len(statements))]


def _bare(statement: Statement) -> str:
    return "_" + "_".join(statement.text.casefold().split()) + "_"


def judge_unseen(languages: tuple[str, ...] = ("en", "es")) -> list[Judged]:
    """Every counted statement, judged by a model taught on the other folds."""
    statements = (*read_statements(), *background())
    lexicon = load_lexicon()
    seen = [seen_in(each.text, lexicon) for each in statements]
    written = [place for place, each in enumerate(statements) if each.weight == 1.0]
    fold = dict(zip(written, folds_of([statements[place] for place in written]), strict=True))
    judged = []
    for number in range(FOLDS):
        taught = [place for place in range(len(statements)) if fold.get(place) != number]
        model = teach([statements[place] for place in taught], [seen[place] for place in taught])
        for place in written:
            if fold[place] == number and statements[place].counted:
                text = statements[place].text
                found = by_patterns(text, languages=languages)
                sums = tuple(
                    (triggers, model.sums(features_of(sentence, lexicon)))
                    for sentence, triggers in zip(split_sentences(text), found, strict=True)
                )
                judged.append(Judged(statement=statements[place], sentences=sums))
    return judged


def is_right(statement: Statement, verdict: Triage) -> bool:
    """An adverse event must be escalated at all; another kind by its name or as critical; harmless must not be."""
    if statement.kind is TriageKind.NONE:
        return verdict.kind is TriageKind.NONE
    if statement.kind is TriageKind.ADVERSE_EVENT:
        return verdict.kind is not TriageKind.NONE
    return statement.kind in verdict.kinds or verdict.severity is Severity.CRITICAL


def tabulate(judged: Sequence[Judged]) -> Mapping[tuple[str, TriageKind], tuple[int, int, int]]:
    """(language, kind) → statements, right by both judges, right by the patterns alone."""
    table: dict[tuple[str, TriageKind], tuple[int, int, int]] = {}
    for each in judged:
        key = (each.statement.language, each.statement.kind)
        count, both, alone = table.get(key, (0, 0, 0))
        table[key] = (
            count + 1,
            both + is_right(each.statement, each.verdict()),
            alone + is_right(each.statement, each.by_patterns()),
        )
    return table


def main() -> None:
    """Prints one Markdown row a language and kind."""
    sys.stdout.write("| language | kind | statements | both judges | patterns alone |\n|---|---|---|---|---|\n")
    for (language, kind), (count, both, alone) in sorted(tabulate(judge_unseen()).items()):
        sys.stdout.write(f"| {language} | {kind} | {count} | {both / count:.1%} | {alone / count:.1%} |\n")


if __name__ == "__main__":
    main()
