"""A BERT folder rounded to 4 bits when it is opened: MiniLM as a third encoder at a quarter of its time.

The same folders as `components/bert.py` reads. Word vectors stay on disk, mapped. Sentences come out at a cosine of
about 0.97 to the published vectors: what the rounding loses is little beside what a third encoder adds.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Dict, List, Sequence

import numpy as np

from components.bert import make_tokenizer
from components.fourbit import open_session, pack

MAX_TOKENS = 128

# Texts of one length that run together.
MAX_BATCH = 32

# Our names of a layer's parts and BERT's.
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


class MiniBert:
    """Texts in, vectors out: float32, `size` wide, length 1."""

    def __init__(self, folder: Path) -> None:
        weights = _Folder(folder)
        self.size = weights.size
        self.parts = [("", self.size)]
        self._words = weights.array("embeddings.word_embeddings.weight")
        kind = weights.array("embeddings.token_type_embeddings.weight")[0]
        self._positions = weights.array("embeddings.position_embeddings.weight")[:MAX_TOKENS] + kind
        self._tokenizer = make_tokenizer(folder, MAX_TOKENS)
        self._session = open_session(weights)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of `texts`, shape (len(texts), size). Texts of one length run together, so nothing is padded."""
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        vectors = np.empty((len(texts), self.size), dtype=np.float32)
        by_length: Dict[int, List[int]] = {}
        for index, numbers in enumerate(tokens):
            by_length.setdefault(len(numbers), []).append(index)
        for length, indices in by_length.items():
            for start in range(0, len(indices), MAX_BATCH):
                chosen = indices[start : start + MAX_BATCH]
                rows = self._words[np.array([tokens[index] for index in chosen])] + self._positions[:length]
                vectors[chosen] = self._session.run(None, {"rows": rows})[0]
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def knows(self, word: str) -> bool:
        """See Encoder."""
        return self._tokenizer.token_to_id(word) is not None


class _Folder:
    """`components.fourbit.Weights` of a BERT folder (config.json, model.safetensors)."""

    def __init__(self, folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
            raise ValueError(f"{folder}: only BERT models with gelu are understood")
        self.size: int = config["hidden_size"]
        self.heads: int = config["num_attention_heads"]
        self.layers: int = config["num_hidden_layers"]
        self.epsilon = float(config["layer_norm_eps"])
        # safetensors: the length of a JSON head, the head (type, shape and place of each array), the arrays.
        self._file = folder / "model.safetensors"
        with self._file.open("rb") as handle:
            (length,) = struct.unpack("<Q", handle.read(8))
            head = json.loads(handle.read(length))
        self._start = 8 + length
        self._arrays = {name.removeprefix("bert."): entry for name, entry in head.items() if name != "__metadata__"}

    def array(self, name: str) -> np.ndarray:
        """A float32 array, mapped: read where it is touched."""
        entry = self._arrays[name]
        if entry["dtype"] != "F32":
            raise ValueError(f"{self._file}: {name} is {entry['dtype']}, not F32")
        offset = self._start + entry["data_offsets"][0]
        return np.memmap(self._file, dtype=np.float32, mode="r", offset=offset, shape=tuple(entry["shape"]))

    def blocks(self, name: str) -> np.ndarray:
        """See Weights."""
        return pack(np.asarray(self.array(_long(name))))

    def floats(self, name: str) -> np.ndarray:
        """See Weights."""
        return np.asarray(self.array(_long(name)))


def _long(name: str) -> str:
    """`l3.q.w` in BERT's words."""
    layer, part, kind = name.split(".")
    suffix = {"w": "weight", "b": "bias"}[kind]
    return f"embeddings.LayerNorm.{suffix}" if layer == "emb" else f"encoder.layer.{layer[1:]}.{_PARTS[part]}.{suffix}"
