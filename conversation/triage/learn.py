"""Teaches the learned judge: `python -m conversation.triage.learn` after a change of statements, lexicon or features.

The file it writes is part of the repository (a service must not need half a minute of learning before it may judge); a
test holds its fingerprint against the sources. The same sources give the same file.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from conversation.language.text import split_sentences
from conversation.text_model import Model, teaching, write_model
from conversation.triage import features
from conversation.triage.features import Lexicon, features_of, load_lexicon
from conversation.triage.judge import by_patterns
from conversation.triage.learned import FILE, HEADS
from conversation.triage.statements import FOLDER, Statement, read_background, read_statements
from conversation.triage.verdict import TriageKind

COST = 2.0
RARE = 1.6
"""How much more a missed crisis costs than another statement got wrong."""
FINEST = 2000
"""Weights are kept as whole numbers: this many steps to 1."""


def fingerprint() -> str:
    """Of statements, lexicon and code; another fingerprint in the file means that it must be taught again.

    The intents' examples are left out: they change daily, are only a background, and any state of them serves.
    """
    here = Path(features.__file__).parent
    return teaching.fingerprint(
        (
            *(path for path in sorted(FOLDER.glob("**/*")) if path.is_file()),
            *sorted(features.FOLDER.glob("*.yml")),
            *(here / name for name in ("features.py", "learn.py", "statements.py")),
        )
    )


def seen_in(text: str, lexicon: Lexicon) -> set[str]:
    """The features of all sentences of a statement together."""
    found: set[str] = set()
    for sentence in split_sentences(text):
        found |= features_of(sentence, lexicon)
    return found


def teach(statements: Sequence[Statement], seen: Sequence[set[str]]) -> Model:
    """The model for `statements`, whose features are `seen`."""
    heads: list[teaching.Head] = []
    for head in HEADS:
        positive = [each.kind is not TriageKind.NONE if head == "any" else each.kind == head for each in statements]
        costs = [
            COST * each.weight * (RARE if yes and head != "any" else 1.0)
            for each, yes in zip(statements, positive, strict=True)
        ]
        heads.append((head, positive, costs))
    return teaching.teach_heads(seen, heads, finest=FINEST, taught_from=fingerprint())


def background() -> list[Statement]:
    """The half of the intents' examples that is taught as harmless, less those in which a pattern finds trouble."""
    return [each for each in read_background()[0] if not any(by_patterns(each.text))]


def main() -> None:
    """Reads the statements, teaches, writes the file, says what came of it."""
    statements = (*read_statements(), *background())
    lexicon = load_lexicon()
    model = teach(statements, [seen_in(each.text, lexicon) for each in statements])
    write_model(model, FILE)
    sys.stdout.write(f"{len(statements)} statements, {len(model.weights)} features, {FILE.stat().st_size >> 10} KB\n")


if __name__ == "__main__":
    main()
