"""A BERT encoder in numpy, because one short message at a time needs no deep-learning framework.

TensorFlow costs seconds of start-up and hundreds of megabytes; for one message of twenty tokens it is no faster than
six layers of matrix products on one core. Any BERT folder in the published layout works (config.json,
model.safetensors, tokenizer.json or vocab.txt); the vector is the mean over the tokens, as sentence-transformers
pools MiniLM. `tests/test_bert.py` holds the result equal to transformers' TFBertModel.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence

import numpy as np
from safetensors.numpy import load_file
from tokenizers import BertWordPieceTokenizer, Tokenizer

# sentence-transformers cuts MiniLM's input at 256 tokens; longer texts only dilute the mean.
MAX_TOKENS = 256

# Rows of tokens that run together; more gain nothing and only take memory.
MAX_ROWS = 512


class _Layer(NamedTuple):
    qkv: np.ndarray
    qkv_bias: np.ndarray
    out: np.ndarray
    out_bias: np.ndarray
    norm_1: np.ndarray
    norm_1_bias: np.ndarray
    up: np.ndarray
    up_bias: np.ndarray
    down: np.ndarray
    down_bias: np.ndarray
    norm_2: np.ndarray
    norm_2_bias: np.ndarray


class Bert:
    """Texts in, vectors out: float32, `size` wide, length 1."""

    def __init__(self, folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
            raise ValueError(f"{folder}: only BERT models with gelu are understood")
        self.size: int = config["hidden_size"]
        self.parts = [("", self.size)]
        self._heads: int = config["num_attention_heads"]
        self._epsilon = np.float32(config["layer_norm_eps"])
        self._tokenizer = make_tokenizer(folder, min(MAX_TOKENS, config["max_position_embeddings"]))
        weights = {name.removeprefix("bert."): value for name, value in load_file(folder / "model.safetensors").items()}
        self._words = weights["embeddings.word_embeddings.weight"]
        # A message is one segment: its type embedding is a constant, added to the positions once.
        self._positions = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = weights["embeddings.LayerNorm.weight"]
        self._norm_bias = weights["embeddings.LayerNorm.bias"]
        self._layers = [_layer(weights, number) for number in range(config["num_hidden_layers"])]

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of `texts`, shape (len(texts), size). Together they cost much less than one by one."""
        token_ids = [self._tokenizer.encode(text).ids for text in texts]
        vectors = np.empty((len(texts), self.size), dtype=np.float32)
        start = 0
        while start < len(texts):
            end, rows = start + 1, len(token_ids[start])
            while end < len(texts) and rows + len(token_ids[end]) <= MAX_ROWS:
                rows += len(token_ids[end])
                end += 1
            vectors[start:end] = self._encode(token_ids[start:end])
            start = end
        return vectors

    def knows(self, word: str) -> bool:
        """See Encoder."""
        return self._tokenizer.token_to_id(word) is not None

    def _encode(self, messages: Sequence[Sequence[int]]) -> np.ndarray:
        # The tokens of all messages are rows of one matrix, without padding: one product a weight for all of them.
        # Only attention looks at the messages one at a time.
        lengths = [len(ids) for ids in messages]
        starts = np.cumsum([0, *lengths[:-1]])
        ids = np.concatenate(messages)
        positions = np.concatenate([np.arange(length) for length in lengths])
        x = self._normalise(self._words[ids] + self._positions[positions], self._norm, self._norm_bias)
        for layer in self._layers:
            qkv = _dense(x, layer.qkv, layer.qkv_bias)
            context = np.empty_like(x)
            for start, length in zip(starts, lengths):
                context[start : start + length] = self._attend(qkv[start : start + length])
            attended = _dense(context, layer.out, layer.out_bias)
            attended += x
            x = self._normalise(attended, layer.norm_1, layer.norm_1_bias)
            lowered = _dense(_gelu(_dense(x, layer.up, layer.up_bias)), layer.down, layer.down_bias)
            lowered += x
            x = self._normalise(lowered, layer.norm_2, layer.norm_2_bias)
        mean = np.add.reduceat(x, starts) / np.array(lengths, dtype=np.float32)[:, None]
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def _attend(self, qkv: np.ndarray) -> np.ndarray:
        length, head = len(qkv), self.size // self._heads
        query, key, value = qkv.reshape(length, 3, self._heads, head).transpose(1, 2, 0, 3)
        scores = query @ key.transpose(0, 2, 1)
        scores *= np.float32(head**-0.5)
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        return (scores @ value).transpose(1, 0, 2).reshape(length, self.size)

    def _normalise(self, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        x = x - x.mean(axis=-1, keepdims=True)
        variance = np.einsum("ij,ij->i", x, x)[:, None] / np.float32(x.shape[1])
        x /= np.sqrt(variance + self._epsilon)
        x *= weight
        x += bias
        return x


def _dense(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    # BLAS repacks the weight for every product of matrices, which for "yes" or "gracias" takes longer than the product.
    product = np.stack([weight @ row for row in x]) if len(x) <= 4 else x @ weight.T
    product += bias
    return product


def _gelu(x: np.ndarray) -> np.ndarray:
    """x·Φ(x), with erf as in Abramowitz and Stegun 7.1.26 (error below 1.5e-7, float32's own), in place."""
    z = np.abs(x)
    z *= np.float32(0.5**0.5)
    t = np.float32(1) / (np.float32(1) + np.float32(0.3275911) * z)
    tail = np.full_like(t, 1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail *= t
        tail += np.float32(coefficient)
    tail *= t
    z *= z
    np.negative(z, out=z)
    tail *= np.exp(z, out=z)
    # tail is 1 - erf(|x|/√2): Φ(x) is tail/2 below zero and 1 - tail/2 above.
    tail *= np.float32(0.5)
    x *= np.where(x < 0, tail, np.float32(1) - tail)
    return x


def _layer(weights: Dict[str, np.ndarray], number: int) -> _Layer:
    def dense(*names: str) -> List[np.ndarray]:
        prefix = f"encoder.layer.{number}."
        weight = np.concatenate([weights[f"{prefix}{name}.weight"] for name in names])
        bias = np.concatenate([weights[f"{prefix}{name}.bias"] for name in names])
        return [weight, bias]

    def norm(name: str) -> List[np.ndarray]:
        prefix = f"encoder.layer.{number}.{name}.LayerNorm."
        return [weights[f"{prefix}weight"], weights[f"{prefix}bias"]]

    return _Layer(
        *dense("attention.self.query", "attention.self.key", "attention.self.value"),
        *dense("attention.output.dense"),
        *norm("attention.output"),
        *dense("intermediate.dense"),
        *dense("output.dense"),
        *norm("output"),
    )


def make_tokenizer(folder: Path, max_tokens: int) -> Tokenizer:
    """The tokenizer of a BERT folder; it cuts and does not pad."""
    if (folder / "tokenizer.json").is_file():
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    else:
        tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer
