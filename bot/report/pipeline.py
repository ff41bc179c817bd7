"""The pipeline of a Rasa config, without Rasa: the same encoders, classifier and bounds, called as functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import ruamel.yaml

from components.decision import Bounds
from components.embedding import as_encoded
from components.encoders import descriptions, open_encoder, part_origins
from components.fallback import Fallback
from components.model import IntentModel
from components.vectors import remembering


class NotMeasurable(ValueError):
    """The config's pipeline has no components.intents.IntentClassifier: only pipelines with it can be measured."""


class Pipeline:
    """Reads a config; opens its encoders as a training does. `keep_vectors`: where the environment names a folder, on disk."""

    def __init__(self, config: Path, *, keep_vectors: bool = False) -> None:
        parts = components_of(config)
        if "components.intents.IntentClassifier" not in parts:
            raise NotMeasurable(f"{config}: {NotMeasurable.__doc__}")
        self.options: Dict[str, Any] = parts["components.intents.IntentClassifier"]
        embedding = parts.get("components.embedding.SentenceEmbedding")
        encoders = [open_encoder(each) for each in descriptions(embedding)] if embedding is not None else []
        self._encoders = [(origin, remembering(origin, each, keep=keep_vectors)) for origin, each in encoders]
        self.widths: List[Tuple[str, int]] = [
            (name.split(":")[0], width) for origin, each in self._encoders for name, width in part_origins(origin, each)
        ]
        bounds = {**Fallback.get_default_config(), **parts.get("components.fallback.Fallback", {})}
        self.bounds = Bounds(bounds["threshold"], bounds["margin"], bounds["part"])

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of all encoders side by side, shape (len(texts), sum of widths)."""
        encoded = [as_encoded(text) for text in texts]
        vectors = [encoder.embed(encoded) for _, encoder in self._encoders]
        return np.hstack(vectors) if vectors else np.empty((len(texts), 0), dtype=np.float32)

    def fit(self, texts: Sequence[str], vectors: np.ndarray, labels: Sequence[str]) -> IntentModel:
        """The classifier, trained and calibrated as in the bot."""
        return IntentModel.fit(texts, vectors, self.widths, labels, self.options)


def components_of(config: Path) -> Dict[str, Dict[str, Any]]:
    """The pipeline's components in order: their options by name."""
    read = ruamel.yaml.YAML(typ="safe").load(config.read_text(encoding="utf-8"))
    return {entry["name"]: {key: value for key, value in entry.items() if key != "name"} for entry in read["pipeline"]}
