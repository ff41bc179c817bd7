"""SentencePiece's unigram tokenizer in Python, for vocabularies of a hundred thousand pieces and messages of a line.

The libraries keep a trie of the whole vocabulary, some hundred megabytes; a plain dictionary of the pieces takes a
third, and a message asks it a few hundred times, which is nothing beside an encoder. The way with the highest sum of
scores wins (Kudo 2018, "Subword regularization", section 3); `tests/test_encoders.py` holds it equal to the library.
"""

from __future__ import annotations

from array import array
from typing import List, Sequence

SPACE = "\u2581"

# As SentencePiece: an unknown character costs ten more than the worst piece.
UNKNOWN_PENALTY = 10.0


class Unigram:
    """Pieces and their scores (log chances); a normalised text in, piece numbers out."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float], unknown: int) -> None:
        self._scores = array("f", scores)
        self._numbers = {piece: number for number, piece in enumerate(pieces) if piece and number != unknown}
        self._longest = max(len(piece) for piece in pieces)
        self._unknown = unknown
        self._unknown_score = min(self._scores) - UNKNOWN_PENALTY

    def has(self, piece: str) -> bool:
        """Whether it is one of the pieces."""
        return piece in self._numbers

    def split(self, text: str) -> List[int]:
        """Numbers of the pieces of `text`, in which SPACE stands for each space and before the first word."""
        length = len(text)
        best = [0.0] + [-1e30] * length
        came_from = [0] * (length + 1)
        piece_at = [self._unknown] * (length + 1)
        number_of, scores = self._numbers.get, self._scores
        for start in range(length):
            base = best[start]
            for end in range(start + 1, min(start + self._longest, length) + 1):
                number = number_of(text[start:end])
                if number is not None and base + scores[number] > best[end]:
                    best[end], came_from[end], piece_at[end] = base + scores[number], start, number
            if base + self._unknown_score > best[start + 1]:
                best[start + 1], came_from[start + 1] = base + self._unknown_score, start
                piece_at[start + 1] = self._unknown
        numbers: List[int] = []
        end = length
        while end > 0:
            numbers.append(piece_at[end])
            end = came_from[end]
        return numbers[::-1]
