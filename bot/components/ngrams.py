"""Tf-idf of words and characters, small enough to read and quick enough for one message at a time.

The same numbers as scikit-learn's TfidfVectorizer (sublinear tf, smoothed idf, length 1 a block; a test holds that),
without its per-call cost and without a pickle in the model file.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from typing import Any, Dict, Iterable, List, Sequence, Tuple

import numpy as np

_WORD = re.compile(r"\w+")
_SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """Lower case without accents: people drop both on a phone keyboard."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def word_grams(text: str, shortest: int, longest: int) -> List[str]:
    """Runs of `shortest` to `longest` words of folded text; a one-letter word counts."""
    words = _WORD.findall(text)
    return [
        " ".join(words[start : start + size])
        for size in range(shortest, longest + 1)
        for start in range(len(words) - size + 1)
    ]


def character_grams(text: str, shortest: int, longest: int) -> List[str]:
    """Runs of characters inside each word of folded text, the word padded with one space a side."""
    grams: List[str] = []
    for word in _SPACE.sub(" ", text).split():
        padded = f" {word} "
        for size in range(shortest, longest + 1):
            grams.append(padded[:size])
            # A word shorter than the run is counted once, as scikit-learn's char_wb does.
            if size >= len(padded):
                break
            grams.extend(padded[start : start + size] for start in range(1, len(padded) - size + 1))
    return grams


_ANALYSERS = {"word": word_grams, "character": character_grams}


class TfIdf:
    """Blocks of n-grams side by side, each of length 1."""

    def __init__(
        self, blocks: Sequence[Tuple[str, int, int]], vocabularies: List[Dict[str, int]], idf: np.ndarray
    ) -> None:
        self.blocks = [tuple(block) for block in blocks]
        self._vocabularies = vocabularies
        self._idf = idf

    @property
    def size(self) -> int:
        """Number of columns."""
        return len(self._idf)

    @classmethod
    def fit(cls, texts: Iterable[str], blocks: Sequence[Tuple[str, int, int]], least: int = 1) -> TfIdf:
        """Learns the n-grams that `least` or more of `texts` hold; a block is (word or character, shortest, longest)."""
        folded = [fold(text) for text in texts]
        vocabularies: List[Dict[str, int]] = []
        counts: List[int] = []
        for kind, shortest, longest in blocks:
            found: Counter = Counter()
            for text in folded:
                found.update(set(_ANALYSERS[kind](text, shortest, longest)))
            start = len(counts)
            kept = sorted(gram for gram, count in found.items() if count >= least)
            vocabularies.append({gram: start + index for index, gram in enumerate(kept)})
            counts.extend(found[gram] for gram in kept)
        idf = np.log((1 + len(folded)) / (1 + np.array(counts))) + 1
        return cls(blocks, vocabularies, idf.astype(np.float32))

    def transform(self, text: str) -> Tuple[np.ndarray, np.ndarray]:
        """Columns and values of one text; both empty where nothing is known."""
        folded = fold(text)
        columns: List[int] = []
        values: List[float] = []
        for (kind, shortest, longest), vocabulary in zip(self.blocks, self._vocabularies):
            found: Dict[int, int] = {}
            for gram in _ANALYSERS[kind](folded, shortest, longest):
                column = vocabulary.get(gram)
                if column is not None:
                    found[column] = found.get(column, 0) + 1
            if not found:
                continue
            weights = [(1 + math.log(count)) * float(self._idf[column]) for column, count in found.items()]
            length = math.sqrt(sum(weight * weight for weight in weights))
            columns.extend(found)
            values.extend(weight / length for weight in weights)
        return np.array(columns, dtype=np.int64), np.array(values, dtype=np.float32)

    def state(self) -> Tuple[Dict[str, Any], np.ndarray]:
        """What `from_state` needs: a JSON value and an array."""
        return {
            "blocks": self.blocks,
            "vocabularies": [list(vocabulary) for vocabulary in self._vocabularies],
        }, self._idf

    @classmethod
    def from_state(cls, state: Dict[str, Any], idf: np.ndarray) -> TfIdf:
        """The inverse of `state`."""
        vocabularies: List[Dict[str, int]] = []
        start = 0
        for grams in state["vocabularies"]:
            vocabularies.append({gram: start + index for index, gram in enumerate(grams)})
            start += len(grams)
        return cls(state["blocks"], vocabularies, idf)
