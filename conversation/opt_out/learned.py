"""The learned judge of opt-outs: a sum of weights over what a sentence is built of, joined with what the patterns found.

A set word never comes here: STOP works without it. Without its file the patterns judge alone.
"""

import gzip
import json
import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conversation.opt_out.features import Lexicon, features_of, load_lexicon, value_of

FILE = Path(__file__).parent / "learned.json.gz"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Model:
    """`weights`: feature → its weight in units of `scale`. `taught_from`: fingerprint of its sources."""

    weights: Mapping[str, int]
    bias: float
    scale: float
    taught_from: str
    lexicon: Lexicon

    def sum_of(self, features: Iterable[str]) -> float:
        """Above 0 speaks for an opt-out, about 1 is plain; -1 where nothing is known."""
        found = [(weight, value_of(feature)) for feature in features if (weight := self.weights.get(feature))]
        if not found:
            return -1.0
        length = math.sqrt(sum(value * value for _, value in found))
        return self.bias + self.scale * sum(weight * value for weight, value in found) / length

    def judge(self, sentences: Iterable[str]) -> float:
        """The highest sum of a message's folded sentences."""
        return max((self.sum_of(features_of(each, self.lexicon)) for each in sentences), default=-1.0)


def read_model(file: Path) -> Model:
    """The model as `learn` wrote it; OSError, ValueError or KeyError where it can't be used."""
    content = json.loads(gzip.decompress(file.read_bytes()))
    return Model(
        weights={str(feature): int(weight) for feature, weight in content["weights"].items()},
        bias=float(content["bias"]),
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
        _log.error("opt-outs are judged by patterns alone: %s cannot be used (%s)", file.name, type(error).__name__)
        return None
