"""Teaches a model: features are numbered, texts become rows of length 1, and each head is learned by itself.

The file that comes of it is part of the repository; its fingerprint tells whether its sources have changed since.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from conversation.text_model.linear import Row, train_linear
from conversation.text_model.model import Model, value_of

Head = tuple[str, Sequence[bool], Sequence[float]]
"""Its name, which texts are of it, and what it costs to have a text wrong."""


def fingerprint(sources: Iterable[Path]) -> str:
    """Of `sources` (in their order) and of the code in this folder, SHA-256 in hex."""
    digest = hashlib.sha256()
    for path in (*sources, *sorted(Path(__file__).parent.glob("*.py"))):
        digest.update(f"{path.parent.name}/{path.name}\n".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def teach_heads(seen: Sequence[Collection[str]], heads: Sequence[Head], *, finest: int, taught_from: str) -> Model:
    """The model for texts whose features are `seen`. A feature met once teaches nothing and is left out.

    `finest`: weights are kept as whole numbers, so many steps to 1.
    """
    times = Counter(feature for each in seen for feature in each)
    numbers = {feature: place for place, feature in enumerate(sorted(key for key, count in times.items() if count > 1))}
    rows = [_row(each, numbers) for each in seen]
    taught = [train_linear(rows, positive, costs, len(numbers) + 1) for _, positive, costs in heads]
    return Model(
        heads=tuple(name for name, _, _ in heads),
        weights={feature: tuple(round(head[place] * finest) for head in taught) for feature, place in numbers.items()},
        bias=tuple(round(head[-1], 4) for head in taught),
        scale=1 / finest,
        taught_from=taught_from,
    )


def _row(found: Iterable[str], numbers: dict[str, int]) -> Row:
    """Length 1, then a feature that each row has (the last number), for the bias."""
    values = sorted((numbers[each], value_of(each)) for each in found if each in numbers)
    length = sum(value * value for _, value in values) ** 0.5 or 1.0
    return [*((at, value / length) for at, value in values), (len(numbers), 1.0)]
