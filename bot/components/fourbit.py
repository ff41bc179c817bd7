"""Runs a BERT-shaped encoder by ONNX Runtime on 4-bit weights: a third of the time of floats, an eighth of the memory.

Weights stand in blocks of 32: a float16 scale and 32 nibbles, 8 standing for 0 (the layout "Q4_0" of ggml). That is
what ONNX Runtime's `MatMulNBits` takes but for the order of the nibbles, so they are packed as they are.
"""

from __future__ import annotations

from typing import Protocol, Sequence

import numpy as np
import onnxruntime

from components.onnx import MICROSOFT, Graph

BLOCK = 32
PACKED = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])


class Weights(Protocol):
    """Where the weights come from: `l0.q` to `l0.fo` are the products of layer 0, `.w` packed and `.b` their bias."""

    layers: int
    heads: int
    epsilon: float

    def blocks(self, name: str) -> np.ndarray:
        """A packed array, one entry a block."""

    def floats(self, name: str) -> np.ndarray:
        """A float32 array."""


def open_session(weights: Weights, layers: Sequence[int] = ()) -> onnxruntime.InferenceSession:
    """`rows` in (texts, tokens, size; word and position vectors added up), the mean over the tokens out: of the last layer,
    and then of each of `layers`, counted from 1."""
    options = onnxruntime.SessionOptions()
    # One message is too small for two threads (surroundings.py); training gives each thread a text of its own.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(_model(weights, layers), options, providers=["CPUExecutionProvider"])


def pack(weight: np.ndarray) -> np.ndarray:
    """Rounds a float32 weight (rows, columns; a multiple of BLOCK) to packed blocks."""
    blocks = weight.reshape(-1, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)[:, 0]
    scale = np.where(largest == 0, 1, largest / -8).astype(np.float16)
    values = np.clip(np.rint(blocks / scale.astype(np.float32)[:, None]) + 8, 0, 15).astype(np.uint8)
    packed = np.empty(len(blocks), dtype=PACKED)
    packed["scale"] = scale
    packed["nibbles"] = values[:, : BLOCK // 2] | values[:, BLOCK // 2 :] << 4
    return packed


def _model(reader: Weights, layers: Sequence[int]) -> bytes:
    graph = Graph()

    def dense(x: str, *names: str) -> str:
        blocks = np.concatenate([reader.blocks(f"{name}.w") for name in names])
        low, high = blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4
        values = np.concatenate([low, high], axis=-1)
        # MatMulNBits keeps neighbours in one byte, the file keeps weight j and weight j + 16.
        packed = values[:, 0::2] | values[:, 1::2] << 4
        rows = sum(len(reader.floats(f"{name}.b")) for name in names)
        weight = graph.constant(packed.reshape(rows, -1, BLOCK // 2))
        scales = graph.constant(blocks["scale"].astype(np.float32))
        return graph.one(
            "MatMulNBits",
            x,
            weight,
            scales,
            domain=MICROSOFT,
            K=len(blocks) // rows * BLOCK,
            N=rows,
            bits=4,
            block_size=BLOCK,
            # Products of bytes: on processors with such instructions several times as fast as floats.
            accuracy_level=4,
        )

    def floats(*names: str) -> str:
        return graph.constant(np.concatenate([reader.floats(name) for name in names]))

    x = graph.one("LayerNormalization", "rows", floats("emb.ln.w"), floats("emb.ln.b"), epsilon=reader.epsilon)
    states = []
    for number in range(reader.layers):
        layer = f"l{number}"
        qkv = dense(x, f"{layer}.q", f"{layer}.k", f"{layer}.v")
        query, key, value = graph.node("Split", [qkv], 3, axis=2)
        bias = floats(f"{layer}.q.b", f"{layer}.k.b", f"{layer}.v.b")
        context = graph.one("MultiHeadAttention", query, key, value, bias, domain=MICROSOFT, num_heads=reader.heads)
        x = _add_and_normalise(graph, reader, x, dense(context, f"{layer}.ao"), f"{layer}.aln", floats(f"{layer}.ao.b"))
        up = graph.one("BiasGelu", dense(x, f"{layer}.fi"), floats(f"{layer}.fi.b"), domain=MICROSOFT)
        x = _add_and_normalise(graph, reader, x, dense(up, f"{layer}.fo"), f"{layer}.oln", floats(f"{layer}.fo.b"))
        states.append(x)
    means = [graph.one("ReduceMean", states[layer - 1], axes=[1], keepdims=0) for layer in (reader.layers, *layers)]
    return graph.model({"rows": ("texts", "tokens", "size")}, dict.fromkeys(means, ("texts", "size")))


def _add_and_normalise(graph: Graph, reader: Weights, x: str, added: str, norm: str, bias: str) -> str:
    weights = [graph.constant(reader.floats(f"{norm}.{part}")) for part in ("w", "b")]
    return graph.one("SkipLayerNormalization", x, added, *weights, bias, domain=MICROSOFT, epsilon=reader.epsilon)
