"""One classifier for all intents and FAQ topics, English and Spanish together.

A small head on tf-idf joined with sentence vectors beats DIET in accuracy, training time and latency. FAQ topics are
classes of their own (`faq/cost`); the dialogue sees Rasa's retrieval intent `faq` with a response selection that
`utter_faq` reads, so no second model has to find the topic.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.calibration import Calibration
from components.dictionary import Dictionary
from components.encoders import opened
from components.heads import restore
from components.model import DEFAULTS, IntentModel
from components.ngrams import TfIdf
from components.parts import with_parts
from components.registration import register

FULL_RANKING = "full_intent_ranking"
NOTHING = {"name": None, "confidence": 0.0}


class OtherEmbedding(Exception):
    """The sentence vectors are not those the model was trained with; train again or set the folder back."""


@register("INTENT_CLASSIFIER", is_trainable=True)
class IntentClassifier(GraphComponent, RasaIntentClassifier):
    """Sets `intent`, `intent_ranking`, the FAQ response selection and `full_intent_ranking` (topics kept apart)."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`many`: from how many examples a label, on average, the network is taken and not the regression (null: never);
        `regression` and `network`: options of each, see components/heads.py; `blocks`: n-grams; `least`: texts an n-gram
        must stand in; `calibration_texts`: how many left-out texts the calibration asks for at least, 0 leaves the
        confidence as it comes; `ranking_length`: entries kept."""
        return {**DEFAULTS, "ranking_length": 10}

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._origin: Optional[str] = None
        self._model: Optional[IntentModel] = None
        self._dictionary = Dictionary(())

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        """See the base class."""
        return cls(config, model_storage, resource)

    def adopt(self, model: IntentModel, texts: Sequence[str], like: Optional[Message]) -> None:
        """Takes a model that was fitted elsewhere on `texts`, with the encoders that the message `like` has vectors of."""
        self._model = model
        self._dictionary = Dictionary.of(texts)
        self._origin = _origin(like) if like else None

    def train(self, training_data: TrainingData) -> Resource:
        """Fits on the full retrieval intents and writes the model."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        labels = [example.get_full_intent() for example in examples]
        if len(set(labels)) < 2:
            raise ValueError("training needs examples of at least two intents")
        self._origin = _origin(examples[0])
        embeddings = np.stack([_vector(example) for example in examples])
        texts = [example.get(TEXT) for example in examples]
        self._model = IntentModel.fit(texts, embeddings, _widths(examples[0]), labels, self._config)
        self._dictionary = Dictionary.of(texts)
        self._persist()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """See the class. A message without text or of noise (components/dictionary.py) has no intent and confidence 0."""
        for message in with_parts(messages):
            # A developer's `/intent` message was decided before us.
            if (message.get(INTENT) or {}).get("name"):
                continue
            ranking = self._rank(message)
            length = self._config["ranking_length"]
            message.set(FULL_RANKING, ranking[:length], add_to_output=True)
            message.set("intent_ranking", fold_topics(ranking)[:length], add_to_output=True)
            message.set(INTENT, message.get("intent_ranking")[0] if ranking else dict(NOTHING), add_to_output=True)
            selection = select_response(ranking)
            if selection:
                message.set("response_selector", selection, add_to_output=True)
        return messages

    def _rank(self, message: Message) -> List[Dict[str, Any]]:
        text = message.get(TEXT)
        if not text or not text.strip() or self._model is None:
            return []
        if _origin(message) != self._origin:
            raise OtherEmbedding(OtherEmbedding.__doc__)
        if self._dictionary.is_noise(text, self._knows):
            return []
        chances = self._model.chances(text, _vector(message))
        classes = self._model.classes
        return [{"name": classes[index], "confidence": float(chances[index])} for index in np.argsort(-chances)]

    def _knows(self, word: str) -> bool:
        return any(opened(origin).knows(word) for origin in (self._origin or "").split("+") if origin)

    def _persist(self) -> None:
        model = self._model
        state, idf = model.tfidf.state()
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(folder / "weights.npz", idf=idf, **model.head.arrays())
            described = {
                "classes": model.classes,
                "origin": self._origin,
                "tfidf": state,
                "calibration": model.calibration._asdict(),
                "words": self._dictionary.words(),
            }
            (folder / "intents.json").write_text(json.dumps(described), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Reads what `train` wrote (JSON and plain arrays, nothing executable)."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            described = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                tfidf = TfIdf.from_state(described["tfidf"], arrays["idf"])
                component._model = IntentModel(
                    tfidf=tfidf,
                    head=restore(described["classes"], arrays, tfidf.size),
                    calibration=Calibration(**described["calibration"]),
                )
        component._origin = described["origin"]
        component._dictionary = Dictionary(described["words"])
        return component


def _origin(message: Message) -> Optional[str]:
    return "+".join(feature.origin for feature in message.features if feature.is_dense()) or None


def _widths(message: Message) -> List[Tuple[str, int]]:
    """Kind and width of each encoder's vector; an origin begins with the kind."""
    dense = [feature for feature in message.features if feature.is_dense()]
    return [(feature.origin.split(":", 1)[0], feature.features.shape[-1]) for feature in dense]


def _vector(message: Message) -> np.ndarray:
    vectors = [feature.features[0] for feature in message.features if feature.is_dense()]
    return np.concatenate(vectors) if vectors else np.empty(0, dtype=np.float32)


def fold_topics(ranking: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """The ranking as the dialogue sees it: `faq` once, at its best topic's place and confidence."""
    folded: Dict[str, Dict[str, Any]] = {}
    for entry in ranking:
        name = entry["name"].split("/", 1)[0]
        folded.setdefault(name, {"name": name, "confidence": entry["confidence"]})
    return list(folded.values())


def select_response(ranking: List[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    """What `ActionRetrieveResponse` reads: for each retrieval intent, the utterance of its best topic."""
    selection: Dict[str, Any] = {}
    for entry in ranking:
        intent, _, topic = entry["name"].partition("/")
        if topic and intent not in selection:
            selection[intent] = {
                "response": {
                    "intent_response_key": entry["name"],
                    "utter_action": f"utter_{entry['name']}",
                    "confidence": entry["confidence"],
                    "responses": [],
                },
                "ranking": [],
            }
    return {"all_retrieval_intents": sorted(selection), **selection} if selection else None
