"""Teaches the models of letters: `python -m conversation.language.learn`, after adding a language or many examples.

It reads what the project has in each language: word lists, examples of intents, approved texts, statements of triage. These
change daily, and any state of them serves: the file need not be taught again at each change.
"""

import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from conversation.language.evidence import load_evidence
from conversation.language.letters import FILE, LONGEST, count_runs, write_letters
from conversation.language.text import strip_accents

ROOT = Path(__file__).parents[2]
SOURCES = ("data/nlu/{}/*.yml", "content/{}/*.yml", "conversation/triage/statements/{}/**/*.txt")

LISTED = 3
"""How often a word of the lists counts as met; a word of the texts counts by the logarithm of how often it is met."""

FOREIGN = 4
"""A word met this many times as often in another language, in proportion, is a guest here and teaches nothing."""

PRUNED = {4: 2, 5: 3}
"""Letters of a run → how often it must be met to be kept: the rare long runs are most of the file and tell least."""

_WORD = re.compile(r"(?<![\w{}/.])[^\W\d_]{2,}(?:['’][^\W\d_]+)?(?![\w{}/])")
_NOT_SAID = re.compile(
    r"^\s*(?:#.*|-?\s*(?:intent|regex|synonym|lookup|approval|version)\s*:.*|[\w/-]+:.*)$|\{[^}]*\}|\[\w+\]"
)


def words_in(language: str) -> Counter[str]:
    """Folded words of all texts in a language, and how often each is met. Words with a capital are left out: names."""
    found: Counter[str] = Counter()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern.format(language))):
            for line in path.read_text(encoding="utf-8").splitlines():
                for match in _WORD.finditer(_NOT_SAID.sub(" ", line)):
                    if match[0].islower():
                        found[re.sub("['’]", "", strip_accents(match[0]))] += 1
    return found


def teach() -> dict[str, dict[str, int]]:
    """Language → its runs of letters, for each language that has a word file."""
    listed = {language: evidence.words for language, evidence in load_evidence().items()}
    met = {language: words_in(language) for language in listed}
    runs = {}
    for language, words in listed.items():
        weights = dict(_own(language, met))
        for word in words:
            weights[word] = max(weights.get(word, 0), LISTED)
        counted = count_runs(weights)
        runs[language] = {run: count for run, count in counted.items() if count >= PRUNED.get(len(run), 1)}
    return runs


def _own(language: str, met: dict[str, Counter[str]]) -> Iterator[tuple[str, float]]:
    totals = {each: met[each].total() or 1 for each in met}
    for word, count in met[language].items():
        share = count / totals[language]
        if all(met[other][word] / totals[other] < FOREIGN * share for other in met if other != language):
            yield word, 1 + math.log(count)


def main() -> None:
    """Reads, teaches, writes the file, says what came of it."""
    runs = teach()
    write_letters(runs, f"runs of {LONGEST}")
    told = ", ".join(f"{language}: {len(found)} runs" for language, found in sorted(runs.items()))
    sys.stdout.write(f"{told}; {FILE.stat().st_size >> 10} KB\n")


if __name__ == "__main__":
    main()
