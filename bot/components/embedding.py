"""Sentence vectors for the classifier, from the encoders that config.yml names. Nothing is downloaded."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.encoders import descriptions, encoder_digest, open_encoder, part_origins
from components.parts import with_parts
from components.registration import register

# "yes", "2", "not sure", "ok thanks": half of what is written in a questionnaire, and the same for everybody. The vectors
# of so short a message are kept in memory for the next who says it (some 8 MB); nothing of it is written down.
_BARE = 16
_MOST = 1024


@register("MESSAGE_FEATURIZER", is_trainable=False)
class SentenceEmbedding(GraphComponent):
    """Adds one dense sentence feature to a message and to its parts for each part of an encoder; its origin names the weights."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`encoders`: see components/encoders.py. PERENNIAL_BOT_BERT, the path of a BERT folder, replaces them."""
        return {"encoders": []}

    def __init__(self, config: Dict[str, Any]) -> None:
        self._encoders: List[Tuple[str, Any, Callable[[str], np.ndarray]]] = [
            (origin, encoder, lru_cache(maxsize=_MOST)(partial(_alone, encoder)))
            for origin, encoder in (open_encoder(description) for description in descriptions(config))
        ]

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
        complete = {**cls.get_default_config(), **config}
        each = descriptions(complete)
        return " ".join(f"{encoder_digest(description)} {description.get('layers', '')}" for description in each)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to every example."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the features to messages that have a text, and to the parts of those that have several questions."""
        spoken = [message for message in with_parts(messages) if message.get(TEXT)]
        if not spoken:
            return messages
        texts = [as_encoded(message.get(TEXT)) for message in spoken]
        bare = len(texts) == 1 and len(texts[0]) <= _BARE
        for origin, encoder, remembered in self._encoders:
            vectors = remembered(texts[0]) if bare else encoder.embed(texts)
            start = 0
            for name, width in part_origins(origin, encoder):
                for message, vector in zip(spoken, vectors[:, start : start + width]):
                    message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, name))
                start += width
        return messages


def _alone(encoder: Any, text: str) -> np.ndarray:
    vectors: np.ndarray = encoder.embed([text])
    vectors.setflags(write=False)  # it is handed out again
    return vectors


def as_encoded(text: str) -> str:
    """In lower case: people shout and start no sentence with a capital, and cross-validation gains by it."""
    return text.lower()
