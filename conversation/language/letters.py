"""How likely a word is in a language, by its letters: what tells the words that no list has.

A model of letters a language, learned from what patients write in it (`conversation.language.learn`): how often each letter
follows up to four others, with shorter contexts where longer ones are rare (Witten & Bell 1991). A language without a
model is told by langdetect.
"""

import gzip
import json
import logging
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "letters.json.gz"

LONGEST = 5
"""Letters of a run; a word's ends are marked `_`."""

ALPHABET = 27
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Run of letters → how often it was met; context (a run) → letters met after it, and how many different ones."""

    runs: Mapping[str, int]
    after: Mapping[str, tuple[int, int]]

    def log_likelihood(self, word: str) -> float:
        """Natural logarithm of the probability of `word` (folded) among words of the language."""
        line = f"_{word}_"
        return sum(
            math.log(self._probability(line[max(0, at - LONGEST + 1) : at], line[at])) for at in range(1, len(line))
        )

    def _probability(self, context: str, letter: str) -> float:
        probability = 1 / ALPHABET
        for start in range(len(context), -1, -1):
            total, kinds = self.after.get(context[start:], (0, 0))
            if total == 0:
                break
            probability = (self.runs.get(context[start:] + letter, 0) + kinds * probability) / (total + kinds)
        return probability


def count_runs(words: Mapping[str, float]) -> dict[str, int]:
    """Word → its weight, as run → how often (in whole numbers, at least 1)."""
    runs: Counter[str] = Counter()
    for word, weight in words.items():
        line = f"_{word}_"
        for size in range(1, LONGEST + 1):
            for at in range(len(line) - size + 1):
                if not (size == 1 and at == 0):
                    runs[line[at : at + size]] += max(round(weight), 1)
    return dict(runs)


def letters_of(runs: Mapping[str, int]) -> Letters:
    """A model from its runs."""
    after: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for run, count in runs.items():
        found = after[run[:-1]]
        found[0] += count
        found[1] += 1
    return Letters(runs=runs, after={context: (total, kinds) for context, (total, kinds) in after.items()})


@cache
def load_letters(file: Path = FILE) -> Mapping[str, Letters]:
    """Language → its model; none where the file is missing or broken: then word lists and langdetect judge alone."""
    try:
        content = json.loads(gzip.decompress(file.read_bytes()))
        return {language: letters_of(runs) for language, runs in content["languages"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        _log.error("languages are told without %s: it cannot be used (%s)", file.name, type(error).__name__)
        return {}


@lru_cache(maxsize=8192)
def word_likelihoods(word: str, languages: tuple[str, ...]) -> tuple[float, ...] | None:
    """Log-likelihood of a folded word in each of `languages`; None where one of them has no model."""
    models = load_letters()
    if any(language not in models for language in languages):
        return None
    return tuple(models[language].log_likelihood(word) for language in languages)


def write_letters(runs: Mapping[str, Mapping[str, int]], taught_from: str, file: Path = FILE) -> None:
    """As compressed JSON; the same runs give the same bytes."""
    content = {
        "taught_from": taught_from,
        "languages": {language: dict(_sorted(found)) for language, found in sorted(runs.items())},
    }
    file.write_bytes(gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0))


def _sorted(runs: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    return sorted(runs.items())
