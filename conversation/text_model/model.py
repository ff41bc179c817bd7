"""A linear model over the features of a text: one row of weights a feature, one sum a head, and the file it is kept in.

Plain Python: the service must judge its first message, and needs no numerical library for it.
"""

import gzip
import json
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PIECE_WEIGHT = 0.5
"""Pieces of words are many and say the same thing often, so each counts half."""

UNKNOWN = -1.0
"""What each head says of a text in which nothing is known."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Model:
    """`heads`: what is asked of a text. `weights`: feature → one weight a head, in units of `scale`. `taught_from`: the
    fingerprint of its sources."""

    heads: tuple[str, ...]
    weights: Mapping[str, tuple[int, ...]]
    bias: tuple[float, ...]
    scale: float
    taught_from: str

    def sums(self, features: Iterable[str]) -> tuple[float, ...]:
        """Head by head: above 0 speaks for it, about 1 is plain."""
        found = [(row, value_of(feature)) for feature in features if (row := self.weights.get(feature))]
        if not found:
            return (UNKNOWN,) * len(self.heads)
        unit = self.scale / math.sqrt(sum(value * value for _, value in found))
        return tuple(
            bias + unit * sum([row[head] * value for row, value in found]) for head, bias in enumerate(self.bias)
        )


def value_of(feature: str) -> float:
    """How much a feature counts before the text is brought to length 1."""
    return PIECE_WEIGHT if feature.startswith("p:") else 1.0


def write_model(model: Model, file: Path) -> None:
    """As compressed JSON; the same model gives the same bytes."""
    content = {
        "heads": list(model.heads),
        "taught_from": model.taught_from,
        "scale": model.scale,
        "bias": model.bias,
        "weights": {feature: model.weights[feature] for feature in sorted(model.weights)},
    }
    file.write_bytes(gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0))


def read_model(file: Path, heads: Sequence[str]) -> Model:
    """The model as it was written; OSError, ValueError or KeyError where it can't be used."""
    content = json.loads(gzip.decompress(file.read_bytes()))
    if content["heads"] != list(heads):
        raise ValueError("taught for other kinds")
    weights = {feature: tuple(row) for feature, row in content["weights"].items()}
    if any(len(row) != len(heads) for row in (*weights.values(), content["bias"])):
        raise ValueError("a row has not one weight a head")
    return Model(
        heads=tuple(heads),
        weights=weights,
        bias=tuple(content["bias"]),
        scale=float(content["scale"]),
        taught_from=content["taught_from"],
    )


def load_or_none(file: Path, heads: Sequence[str]) -> Model | None:
    """The model, or None where it is missing or broken: then patterns judge alone, and the log says so."""
    try:
        return read_model(file, heads)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        place = f"{file.parent.name}/{file.name}"
        _log.error("patterns judge alone: %s cannot be used (%s)", place, type(error).__name__)
        return None
