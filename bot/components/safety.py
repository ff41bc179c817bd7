"""A second safety judge: who is in trouble, by sentence vectors that are there anyway.

The service judges before Rasa by patterns and words (conversation/triage), which miss what nobody wrote a word for and
start at words that were meant otherwise. Vectors know a sentence by its sense. The service joins both judgements
(conversation/triage/judgement.py); here nothing is decided, only said.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.embedding import as_encoded
from components.encoders import opened
from components.kernel import Machine, Space
from components.parts import PARTS
from components.registration import register
from components.statements import HARMLESS, read_statements, statements_digest

SAFETY = "safety"

ANY = "any"

DEFAULTS: Dict[str, Any] = {
    "statements": "conversation/triage/statements",
    "cost": 3.0,
    "rare": 1.6,
    "ordinary": 0.7,
    "narrowness": 1.0,
    "axes": 128,
    "lengths": {"e5": 1.0, "use": 0.8, "bert": 1.3},
    "every": 6,
    "troubled": ["medical_advice", "report_problem", "faq/coping_support", "faq/newborn_prenatal"],
}

_ROOT = Path(__file__).resolve().parents[2]

# How much more a piece cut out of a sentence must say: by itself, "I'm starving" sounds like trouble.
FRAGMENT = 0.5

_SENTENCE_ENDS = ".!?;\n"

# Statements run through an encoder together.
_BATCH = 64


class OtherVectors(Exception):
    """The sentence vectors are not those the safety judge was trained with; train again or set the folder back."""


@dataclass
class SafetyModel:
    """What is asked of a text, and the machine that answers: is anything wrong at all (`ANY`), and is it this kind."""

    heads: List[str]
    space: Space
    machine: Machine

    @classmethod
    def fit(
        cls,
        vectors: np.ndarray,
        parts: Sequence[Tuple[str, int]],
        kinds: Sequence[str],
        ordinary: np.ndarray,
        options: Mapping[str, Any],
    ) -> SafetyModel:
        """`vectors` and `parts` as in Space.fit, one row a text of `kinds`; `ordinary`: which of them are no statements."""
        named = np.array(kinds)
        heads = [ANY, *sorted(set(kinds) - {HARMLESS})]
        positive = np.stack([named != HARMLESS if head == ANY else named == head for head in heads], axis=1)
        costs = np.where(positive, options["rare"], 1.0) * np.where(ordinary, options["ordinary"], 1.0)[:, None]
        costs[:, 0] = np.where(ordinary, options["ordinary"], 1.0)
        space = Space.fit(vectors, parts, options["lengths"], options["axes"])
        machine = Machine.fit(space.place(vectors), positive, options["cost"] * costs, options["narrowness"])
        return cls(heads, space, machine)

    def judge(self, text: str, parts: Sequence[str], vectors: np.ndarray) -> Dict[str, float]:
        """What each head says (above 0 speaks for it, about 1 is plain): the highest of `text` and of its parts.

        `vectors`: one row for the text and for each part.
        """
        less = np.array([0.0] + [0.0 if is_sentence(part, text) else FRAGMENT for part in parts])
        highest = (self.machine.sums(self.space.place(vectors)) - less[:, None]).max(axis=0)
        return {head: round(float(total), 4) for head, total in zip(self.heads, highest)}


@register("INTENT_CLASSIFIER", is_trainable=True)
class SafetyJudge(GraphComponent, IntentClassifier):
    """Sets `safety` on a message: {"sums": {head: sum}}, as SafetyModel.judge says them.

    Its place is behind the sentence vectors; it needs no pass of an encoder of its own.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`statements`: the folder that it is taught from, from the repository's root; `cost`: what a text got wrong costs,
        times `rare` where it is of the kind asked about, times `ordinary` where it is an intent's example; `narrowness`: how
        near a neighbour must be to be heard; `axes`: how many are kept of the vectors; `lengths`: how much each encoder
        counts, and one without a length is not asked; `every`: one in so many of the intents' examples teaches as harmless;
        `troubled`: but none of these intents."""
        return dict(DEFAULTS)

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Other statements make another judge, which Rasa's training cache could not know."""
        return statements_digest(_ROOT / {**DEFAULTS, **config}["statements"])

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._origins: List[str] = []
        self._model: Optional[SafetyModel] = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyJudge:
        """See the base class."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits on the statements and on a share of the intents' examples, and writes the model."""
        ordinary = [example for example in training_data.intent_examples if self._teaches(example)]
        statements = read_statements(_ROOT / self._config["statements"])
        self._origins = self._origins_of(ordinary[0]) if ordinary else []
        kinds = [kind for _, kind in statements] + [HARMLESS] * len(ordinary)
        vectors = [
            self._embed([text for text, _ in statements]),
            *(self._vector(example)[None, :] for example in ordinary),
        ]
        parts = [(origin.split(":", 1)[0], opened(origin).size) for origin in self._origins]
        known = np.arange(len(kinds)) >= len(statements)
        self._model = SafetyModel.fit(np.concatenate(vectors), parts, kinds, known, self._config)
        self._persist()
        return self._resource

    def _teaches(self, example: Message) -> bool:
        text = example.get(TEXT)
        if not text or example.get_full_intent() in self._config["troubled"]:
            return False
        return zlib.crc32(text.encode()) % int(self._config["every"]) == 0

    def _embed(self, texts: List[str]) -> np.ndarray:
        encoders = [opened(origin) for origin in self._origins]
        vectors = np.empty((len(texts), sum(encoder.size for encoder in encoders)), dtype=np.float32)
        # Texts of like length together: an encoder works as long on each as on the longest of them.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for start in range(0, len(texts), _BATCH):
            rows = order[start : start + _BATCH]
            batch = [as_encoded(texts[row]) for row in rows]
            column = 0
            for encoder in encoders:
                vectors[rows, column : column + encoder.size] = encoder.embed(batch)
                column += encoder.size
        return vectors

    def process(self, messages: List[Message]) -> List[Message]:
        """See the class. A message without text is left as it is."""
        for message in messages:
            text = message.get(TEXT) or ""
            if text.strip() and self._model is not None:
                parts = message.get(PARTS) or []
                vectors = np.stack([self._checked(each) for each in (message, *parts)])
                sums = self._model.judge(text, [part.get(TEXT) for part in parts], vectors)
                message.set(SAFETY, {"sums": sums}, add_to_output=True)
        return messages

    def _checked(self, message: Message) -> np.ndarray:
        if self._origins_of(message) != self._origins:
            raise OtherVectors(OtherVectors.__doc__)
        return self._vector(message)

    def _features(self, message: Message) -> List[Features]:
        kinds = self._config["lengths"]
        return [each for each in message.features if each.is_dense() and each.origin.split(":", 1)[0] in kinds]

    def _origins_of(self, message: Message) -> List[str]:
        return [feature.origin for feature in self._features(message)]

    def _vector(self, message: Message) -> np.ndarray:
        vectors = [feature.features[0] for feature in self._features(message)]
        return np.concatenate(vectors) if vectors else np.empty(0, dtype=np.float32)

    def _persist(self) -> None:
        space, machine = self._model.space, self._model.machine
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(
                folder / "weights.npz",
                centre=space.centre,
                axes=space.axes.astype(np.float16),
                points=machine.points.astype(np.float16),
                weights=machine.weights,
            )
            described = {
                "heads": self._model.heads,
                "origins": self._origins,
                "widths": space.widths,
                "lengths": space.lengths,
                "narrowness": machine.narrowness,
            }
            (folder / "safety.json").write_text(json.dumps(described), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SafetyJudge:
        """Reads what `train` wrote (JSON and plain arrays, nothing executable)."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            described = json.loads((folder / "safety.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                axes, points = (arrays[name].astype(np.float32) for name in ("axes", "points"))
                component._model = SafetyModel(
                    heads=described["heads"],
                    space=Space(arrays["centre"], described["widths"], described["lengths"], axes),
                    machine=Machine(points, arrays["weights"], described["narrowness"]),
                )
        component._origins = described["origins"]
        return component


def is_sentence(part: str, text: str) -> bool:
    """Whether `part` begins and ends where a sentence of `text` does."""
    start = text.find(part)
    before, after = text[:start].rstrip(" "), text[start + len(part) :].lstrip(" ")
    begins = not before or before[-1] in _SENTENCE_ENDS
    return begins and (not after or part[-1] in _SENTENCE_ENDS or after[0] in _SENTENCE_ENDS)
