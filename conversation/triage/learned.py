"""The learned judge: a sum of weights over the words, pairs and pieces of a sentence, added to what the patterns found.

Two weak witnesses together are believed: a pattern that fires lowers what the learned judge must be sure of (`ADDED`), and
where it is sure that all is well, a pattern's lesser alarm is dropped. Without its file the patterns judge alone.
"""

import gzip
import json
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conversation.triage.features import Lexicon, load_lexicon
from conversation.triage.verdict import Severity, TriageKind, Trigger

FILE = Path(__file__).parent / "learned.json.gz"
KINDS = tuple(kind for kind in TriageKind if kind not in (TriageKind.NONE, TriageKind.ADVICE))
HEADS = ("any", *KINDS)
"""What is asked of a sentence: is anything wrong at all, and is it this kind."""

PIECE_WEIGHT = 0.5
"""Pieces of words are many and say the same thing often, so each counts half."""

ADDED = {Severity.LOW: 0.5, Severity.MODERATE: 0.5, Severity.SERIOUS: 0.5, Severity.CRITICAL: 0.8}
"""What a pattern's finding adds to the learned judge's sum, by its severity."""

LIMIT = -0.1
"""The sum from which a sentence alarms, chosen by cross-validation (docs/safety-triage.md)."""

NAMED = {
    TriageKind.CRISIS: -0.65,
    TriageKind.EMERGENCY: -0.3,
    TriageKind.OVERDOSE: -0.3,
    TriageKind.PREGNANCY: -0.3,
    TriageKind.MEDICATION_ERROR: -0.3,
}
"""The sum of its own head from which a kind is named, once a sentence alarms; what is named needs no `adverse_event`."""

ALONE = 0.65
"""How much more a kind's own head must say to alarm against the first head."""

UNTAUGHT = tuple(-1.0 for _ in HEADS)
"""The sums of a sentence in which nothing is known."""

RIVAL = 0.8
"""A kind is not named where `adverse_event` says this much more than it: `I fell and hurt myself` is no self-harm."""

SHOWN = 4
"""Words shown as the reason."""

SEVERITY = {
    TriageKind.CRISIS: Severity.CRITICAL,
    TriageKind.EMERGENCY: Severity.CRITICAL,
    TriageKind.OVERDOSE: Severity.CRITICAL,
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Model:
    """`weights`: feature → one weight a head (`HEADS`), in units of `scale`. `taught_from`: fingerprint of its sources."""

    weights: Mapping[str, tuple[int, ...]]
    bias: tuple[float, ...]
    scale: float
    taught_from: str
    lexicon: Lexicon

    def sums(self, features: Iterable[str]) -> tuple[float, ...]:
        """Head by head (`HEADS`): above 0 speaks for it, about 1 is plain."""
        found = [(row, value_of(feature)) for feature in features if (row := self.weights.get(feature))]
        if not found:
            return UNTAUGHT
        unit = self.scale / math.sqrt(sum(value * value for _, value in found))
        return tuple(
            bias + unit * sum([row[head] * value for row, value in found]) for head, bias in enumerate(self.bias)
        )

    def words_for(self, features: Iterable[str], head: int) -> str:
        """The words and pairs of a sentence that spoke most for a head, the strongest first."""
        words = (each for each in features if each[:2] in ("w:", "d:") and each.islower())
        told = [(self.weights[each][head], each) for each in words if each in self.weights]
        strongest = sorted((pair for pair in told if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))[:SHOWN]
        return ", ".join(each[2:].lstrip("-~") for _, each in strongest)


def value_of(feature: str) -> float:
    """How much a feature counts before the text is brought to length 1."""
    return PIECE_WEIGHT if feature.startswith("p:") else 1.0


def read_model(file: Path) -> Model:
    """The model as `learn` wrote it; OSError, ValueError or KeyError where it can't be used."""
    content = json.loads(gzip.decompress(file.read_bytes()))
    if content["heads"] != list(HEADS):
        raise ValueError("taught for other kinds")
    weights = {feature: tuple(row) for feature, row in content["weights"].items()}
    if any(len(row) != len(HEADS) for row in (*weights.values(), content["bias"])):
        raise ValueError("a row has not one weight a head")
    return Model(
        weights=weights,
        bias=tuple(content["bias"]),
        scale=float(content["scale"]),
        taught_from=content["taught_from"],
        lexicon=load_lexicon(),
    )


@cache
def load_model(file: Path = FILE) -> Model | None:
    """The model, or None where it is missing or broken: then the patterns judge alone, and the log says so."""
    try:
        return read_model(file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        _log.error("triage judges by patterns alone: %s cannot be used (%s)", file.name, type(error).__name__)
        return None


def add_found(found: tuple[Trigger, ...], sums: tuple[float, ...]) -> tuple[float, ...]:
    """The sums, head by head, with what the patterns' findings add: to the first head's, and to that of their kind."""
    added = {
        head: max((ADDED[each.severity] for each in found if head in ("any", each.kind)), default=0.0) for head in HEADS
    }
    return tuple(total + added[head] for head, total in zip(HEADS, sums, strict=True))


def weigh(
    found: tuple[Trigger, ...], sums: tuple[float, ...], words: Callable[[int], str] = lambda _: ""
) -> tuple[Trigger, ...]:
    """`found` and what the sums add to it, or nothing where the sums outweigh `found`. `words` names a head's reasons."""
    added = max((ADDED[each.severity] for each in found), default=0.0)
    heads: dict[TriageKind, float] = dict(zip(KINDS, sums[1:], strict=True))
    alarmed = sums[0] + added >= LIMIT
    rival = heads[TriageKind.ADVERSE_EVENT] - RIVAL
    named = [kind for kind, limit in NAMED.items() if heads[kind] >= max(rival, limit + (0.0 if alarmed else ALONE))]
    if not alarmed and not named:
        return ()
    kinds = named or ([] if found else [TriageKind.ADVERSE_EVENT])
    learned = (
        Trigger(
            rule=f"learned/{kind}",
            kind=kind,
            severity=SEVERITY.get(kind, Severity.MODERATE),
            matched=words(HEADS.index(kind)) or words(0),
        )
        for kind in kinds
    )
    return (*found, *learned)
