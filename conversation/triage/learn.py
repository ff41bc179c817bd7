"""Teaches the learned judge: `python -m conversation.triage.learn` after a change of statements, lexicon or features.

The file it writes is part of the repository (a service must not need half a minute of learning before it may judge); a
test holds its fingerprint against the sources. The same sources give the same file.
"""

import gzip
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from conversation.language.text import split_sentences
from conversation.triage import features
from conversation.triage.features import Lexicon, features_of, load_lexicon
from conversation.triage.judge import by_patterns
from conversation.triage.learned import FILE, HEADS, Model, value_of
from conversation.triage.linear import Row, train_linear
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
    digest = hashlib.sha256()
    here = Path(features.__file__).parent
    sources = [
        *(path for path in sorted(FOLDER.glob("**/*")) if path.is_file()),
        *sorted(features.FOLDER.glob("*.yml")),
    ]
    sources += [here / name for name in ("features.py", "linear.py", "learn.py", "statements.py")]
    for path in sources:
        digest.update(f"{path.parent.name}/{path.name}\n".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def seen_in(text: str, lexicon: Lexicon) -> set[str]:
    """The features of all sentences of a statement together."""
    found: set[str] = set()
    for sentence in split_sentences(text):
        found |= features_of(sentence, lexicon)
    return found


def teach(statements: Sequence[Statement], seen: Sequence[set[str]]) -> Model:
    """The model for `statements`, whose features are `seen`. A feature met once teaches nothing and is left out."""
    times = Counter(feature for each in seen for feature in each)
    numbers = {feature: place for place, feature in enumerate(sorted(key for key, count in times.items() if count > 1))}
    rows = [_row(each, numbers) for each in seen]
    taught = []
    for head in HEADS:
        positive = [each.kind is not TriageKind.NONE if head == "any" else each.kind == head for each in statements]
        costs = [
            COST * each.weight * (RARE if yes and head != "any" else 1.0)
            for each, yes in zip(statements, positive, strict=True)
        ]
        taught.append(train_linear(rows, positive, costs, len(numbers) + 1))
    weights = {feature: tuple(round(head[place] * FINEST) for head in taught) for feature, place in numbers.items()}
    return Model(
        weights=weights,
        bias=tuple(round(head[-1], 4) for head in taught),
        scale=1 / FINEST,
        taught_from=fingerprint(),
        lexicon=load_lexicon(),
    )


def background() -> list[Statement]:
    """The half of the intents' examples that is taught as harmless, less those in which a pattern finds trouble."""
    return [each for each in read_background()[0] if not any(by_patterns(each.text))]


def _row(found: Iterable[str], numbers: dict[str, int]) -> Row:
    """Length 1, then a feature that each row has (the last number), for the bias."""
    values = sorted((numbers[each], value_of(each)) for each in found if each in numbers)
    length = sum(value * value for _, value in values) ** 0.5 or 1.0
    return [*((at, value / length) for at, value in values), (len(numbers), 1.0)]


def write_model(model: Model, file: Path = FILE) -> None:
    """As compressed JSON; the same model gives the same bytes."""
    content = {
        "heads": list(HEADS),
        "taught_from": model.taught_from,
        "scale": model.scale,
        "bias": model.bias,
        "weights": {feature: model.weights[feature] for feature in sorted(model.weights)},
    }
    file.write_bytes(gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0))


def main() -> None:
    """Reads the statements, teaches, writes the file, says what came of it."""
    statements = (*read_statements(), *background())
    lexicon = load_lexicon()
    model = teach(statements, [seen_in(each.text, lexicon) for each in statements])
    write_model(model)
    sys.stdout.write(f"{len(statements)} statements, {len(model.weights)} features, {FILE.stat().st_size >> 10} KB\n")


if __name__ == "__main__":
    main()
