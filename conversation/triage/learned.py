"""The learned judge: a sum of weights over the words, pairs and pieces of a sentence, added to what the patterns found.

Two weak witnesses together are believed: a pattern that fires lowers what the learned judge must be sure of (`ADDED`), and
where it is sure that all is well, a pattern's lesser alarm is dropped. Without its file the patterns judge alone.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from conversation.text_model import Model, load_or_none
from conversation.triage.verdict import Severity, TriageKind, Trigger

FILE = Path(__file__).parent / "learned.json.gz"
KINDS = tuple(kind for kind in TriageKind if kind not in (TriageKind.NONE, TriageKind.ADVICE))
HEADS = ("any", *KINDS)
"""What is asked of a sentence: is anything wrong at all, and is it this kind."""

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


@cache
def load_model(file: Path = FILE) -> Model | None:
    """The model, or None where its file can't be used: then the patterns judge alone."""
    return load_or_none(file, HEADS)


def words_for(model: Model, features: Iterable[str], head: int) -> str:
    """The words and pairs of a sentence that spoke most for a head, the strongest first."""
    words = (each for each in features if each[:2] in ("w:", "d:") and each.islower())
    told = [(model.weights[each][head], each) for each in words if each in model.weights]
    strongest = sorted((pair for pair in told if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))[:SHOWN]
    return ", ".join(each[2:].lstrip("-~") for _, each in strongest)


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
