"""Opens sentence encoders from installed packages or from a folder: offline, once a process, checked against a SHA-256.

A description is a mapping: `kind` (e5, use, bert, minibert), `package` and `path` in it, `sha256` by file name; for e5
`layers`, whose vectors are wanted beside the last one's. The digest of an encoder names its weights, so that a model is
never used with others than it was trained with.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
from pathlib import Path
from typing import Any, Dict, List, Mapping, Protocol, Sequence, Tuple

import numpy as np

FOLDER_VARIABLE = "PERENNIAL_BOT_BERT"

# What is hashed where a description pins nothing.
_BERT_WEIGHTS = "model.safetensors"


class Encoder(Protocol):
    """Turns texts into vectors: side by side, those of its parts, each of length 1."""

    size: int
    parts: Sequence[Tuple[str, int]]
    """What is added to the name of its kind for each part, and the part's width; the first is named as its kind is."""

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32, shape (len(texts), size)."""

    def knows(self, word: str) -> bool:
        """Whether a word in lower case is a piece of its vocabulary by itself, and so a common word somewhere."""


class WrongWeights(Exception):
    """The weights are not the ones that were pinned."""


_opened: Dict[Tuple[str, Path, Tuple[int, ...]], Tuple[str, Encoder]] = {}
_remembers = False


def remember_vectors() -> None:
    """From now on encoders are opened for training: each text alone, its vector kept (components/vectors.py)."""
    global _remembers
    _remembers = True


def descriptions(config: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """The encoders of a component's config; the environment's BERT folder takes the place of them all."""
    replaced = os.environ.get(FOLDER_VARIABLE)
    return [{"kind": "bert", "folder": replaced}] if replaced else list(config["encoders"])


def location(description: Mapping[str, Any]) -> Path:
    """The folder or file of the weights. A package is found without importing it: its code may import what is missing."""
    if description.get("folder"):
        return Path(description["folder"])
    spec = importlib.util.find_spec(description["package"])
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {description['package']} is not installed; run `uv --directory bot sync`")
    return Path(spec.submodule_search_locations[0]) / description.get("path", "")


def check_weights(path: Path, sha256: Mapping[str, str]) -> str:
    """Raises WrongWeights unless each file (beside or in `path`) has its SHA-256 (hex); returns one digest of them all."""
    folder = path if path.is_dir() else path.parent
    for name, expected in sha256.items():
        found = file_digest(folder / name)
        if found != expected:
            raise WrongWeights(f"{folder / name}: SHA-256 is {found}, expected {expected}")
    return hashlib.sha256(" ".join(sorted(sha256.values())).encode()).hexdigest()


def file_digest(file: Path) -> str:
    """SHA-256 (hex) of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def encoder_digest(description: Mapping[str, Any]) -> str:
    """What names the weights without opening them."""
    path, pinned = location(description), description.get("sha256")
    return check_weights(path, pinned) if pinned else file_digest(path / _BERT_WEIGHTS)


def open_encoder(description: Mapping[str, Any]) -> Tuple[str, Encoder]:
    """The origin (`kind:digest`) and the encoder, one instance a place and process. WrongWeights if a pin differs."""
    path = location(description)
    layers = tuple(description.get("layers", ()))
    key = (description["kind"], path, layers)
    if key not in _opened:
        origin = f"{description['kind']}:{encoder_digest(description)[:16]}"
        _opened[key] = (origin, _for_training(origin, _KINDS[description["kind"]](path, layers)))
        _give_back()
    return _opened[key]


def _for_training(origin: str, encoder: Encoder) -> Encoder:
    if not _remembers:
        return encoder
    from components.vectors import remembering

    return remembering(origin, encoder)


def opened(origin: str) -> Encoder:
    """The encoder of an origin, or a part of it, which this process has opened; KeyError where it has not."""
    for whole, encoder in _opened.values():
        start = 0
        for name, width in part_origins(whole, encoder):
            if name == origin:
                return _Part(encoder, start, width)
            start += width
    raise KeyError(origin)


def part_origins(origin: str, encoder: Encoder) -> List[Tuple[str, int]]:
    """The origin and the width of each part of an encoder's vectors, in order."""
    kind, digest = origin.split(":", 1)
    return [(f"{kind}{name}:{digest}", width) for name, width in encoder.parts]


class _Part:
    """One part of an encoder's vectors, as an encoder of its own."""

    def __init__(self, encoder: Encoder, start: int, size: int) -> None:
        self.size = size
        self.parts = [("", size)]
        self._encoder, self._start = encoder, start

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        return self._encoder.embed(texts)[:, self._start : self._start + self.size]

    def knows(self, word: str) -> bool:
        return self._encoder.knows(word)


def _give_back() -> None:
    """Hands what opening took and freed back to the system, where its C library can (glibc): some 30 MB."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        return


def _bert(path: Path, layers: Sequence[int]) -> Encoder:
    from components.bert import Bert

    return Bert(path)


def _e5(path: Path, layers: Sequence[int]) -> Encoder:
    from components.e5 import E5

    return E5(path, layers)


def _use(path: Path, layers: Sequence[int]) -> Encoder:
    from components.use import Use

    return Use(path)


def _minibert(path: Path, layers: Sequence[int]) -> Encoder:
    from components.minibert import MiniBert

    return MiniBert(path)


_KINDS = {"bert": _bert, "e5": _e5, "minibert": _minibert, "use": _use}
