"""Writes the few parts of an ONNX model that an encoder needs, because the `onnx` package pins another protobuf.

The format is protocol buffers (github.com/onnx/onnx, onnx.proto; field numbers below are from there): a field is a key
and a value, the value a number or a run of bytes. ONNX Runtime reads the result from memory; nothing is written to disk.
"""

from __future__ import annotations

import struct
from typing import Dict, List, Sequence, Tuple, Union

import numpy as np

# ONNX Runtime's own operators: 4-bit products, attention, fused sums.
MICROSOFT = "com.microsoft"

_IR_VERSION, _OPSET = 8, 17
_FLOAT, _UINT8, _INT64 = 1, 2, 7
_TYPES = {np.dtype(np.float32): _FLOAT, np.dtype(np.uint8): _UINT8, np.dtype(np.int64): _INT64}

Attribute = Union[int, float, Sequence[int]]


class Graph:
    """Collects nodes and constants; `model` gives the bytes."""

    def __init__(self) -> None:
        self._nodes: List[bytes] = []
        self._constants: List[bytes] = []
        self._count = 0

    def constant(self, value: np.ndarray) -> str:
        """Keeps an array (float32, uint8 or int64); returns its name."""
        name = self._name("constant")
        value = np.ascontiguousarray(value)
        shape = b"".join(_number(1, size) for size in value.shape)
        self._constants.append(shape + _number(2, _TYPES[value.dtype]) + _text(8, name) + _bytes(9, value.tobytes()))
        return name

    def node(
        self, kind: str, inputs: Sequence[str], outputs: int = 1, domain: str = "", **attributes: Attribute
    ) -> List[str]:
        """Adds an operator; returns the names of its outputs. An empty input name leaves that input out."""
        names = [self._name(kind) for _ in range(outputs)]
        body = b"".join(_text(1, name) for name in inputs) + b"".join(_text(2, name) for name in names)
        body += _text(3, names[0]) + _text(4, kind) + _text(7, domain)
        body += b"".join(_bytes(5, _attribute(name, value)) for name, value in attributes.items())
        self._nodes.append(body)
        return names

    def one(self, kind: str, *inputs: str, domain: str = "", **attributes: Attribute) -> str:
        """`node` with one output."""
        return self.node(kind, inputs, domain=domain, **attributes)[0]

    def model(self, inputs: Dict[str, Tuple[str, ...]], outputs: Dict[str, Tuple[str, ...]]) -> bytes:
        """The model as bytes; inputs and outputs are float32, named, with a name for each dimension."""
        graph = b"".join(_bytes(1, node) for node in self._nodes) + _text(2, "graph")
        graph += b"".join(_bytes(5, constant) for constant in self._constants)
        graph += b"".join(_bytes(11, _value(name, shape)) for name, shape in inputs.items())
        graph += b"".join(_bytes(12, _value(name, shape)) for name, shape in outputs.items())
        opsets = _bytes(8, _text(1, "") + _number(2, _OPSET)) + _bytes(8, _text(1, MICROSOFT) + _number(2, 1))
        return _number(1, _IR_VERSION) + _bytes(7, graph) + opsets

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count}"


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode("utf-8"))


def _attribute(name: str, value: Attribute) -> bytes:
    # Field 20 is the type: 1 a float, 2 an integer, 7 integers.
    if isinstance(value, float):
        return _text(1, name) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    return _text(1, name) + b"".join(_number(8, item) for item in value) + _number(20, 7)


def _value(name: str, shape: Sequence[str]) -> bytes:
    dimensions = b"".join(_bytes(1, _text(2, size)) for size in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, _FLOAT) + _bytes(2, dimensions)))
