"""A second safety judge: who is in trouble, by sentence vectors that are there anyway.

The service judges before Rasa by patterns and words (conversation/triage), which miss what nobody wrote a word for and
start at words that were meant otherwise. Vectors know a sentence by its sense. The service joins both judgements
(conversation/triage/joining.py); here nothing is decided, only said.
"""

from __future__ import annotations

import json
import zlib
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

from components.calibration import Calibration, fit_calibration
from components.embedding import as_encoded
from components.encoders import opened
from components.folds import cut, group_near_copies
from components.logistic import fit_logistic, stack_rows
from components.model import IntentModel, standardise
from components.ngrams import TfIdf
from components.parts import with_parts
from components.registration import register
from components.statements import HARMLESS, read_statements, statements_digest

SAFETY = "safety"

DEFAULTS: Dict[str, Any] = {
    "statements": "conversation/triage/statements",
    "C": 1.0,
    "blocks": [["word", 1, 2], ["character", 2, 4]],
    "least": 2,
    "embedding_weights": {"e5": 3.0, "use": 2.0, "bert": 3.0},
    "rarity": 0.3,
    "every": 3,
    "troubled": ["medical_advice", "report_problem", "faq/coping_support", "faq/newborn_prenatal"],
}

_ROOT = Path(__file__).resolve().parents[2]
_FOLDS = 5
_COPY_BLOCKS = [("character", 2, 4)]
_CALIBRATION_TEXTS = 50

# Statements run through an encoder together.
_BATCH = 64


class OtherVectors(Exception):
    """The sentence vectors are not those the safety judge was trained with; train again or set the folder back."""


def fit_safety(
    texts: Sequence[str],
    embeddings: np.ndarray,
    widths: Sequence[Tuple[str, int]],
    kinds: Sequence[str],
    options: Mapping[str, Any],
    calibrated: bool = True,
) -> IntentModel:
    """`embeddings` (rows, width) and `widths` as in IntentModel; `options` as DEFAULTS. One row a text and its kind."""
    tfidf = TfIdf.fit(texts, options["blocks"], options["least"])
    sparse = stack_rows([tfidf.transform(text) for text in texts], tfidf.size)
    centre, scale = standardise(embeddings, widths, options["embedding_weights"])
    dense = ((embeddings - centre) * scale).astype(np.float32)
    emphasis = _emphasis(kinds, options["rarity"])
    classes, weights, bias = fit_logistic(sparse, dense, kinds, options["C"], emphasis)
    calibration = Calibration()
    if calibrated:
        calibration = _calibrate(texts, sparse, dense, kinds, classes, emphasis, options)
    return IntentModel(classes, tfidf, weights, bias, centre, scale, calibration)


def _emphasis(kinds: Sequence[str], rarity: float) -> np.ndarray:
    """A weight for each row: 1 for harmless texts and the commonest kind, more for rare kinds (`rarity` 1: as much in sum
    as the commonest)."""
    counts = {kind: list(kinds).count(kind) for kind in set(kinds) - {HARMLESS}}
    most = max(counts.values())
    return np.array([1.0 if kind == HARMLESS else (most / counts[kind]) ** rarity for kind in kinds])


def _calibrate(
    texts: Sequence[str],
    sparse: Any,
    dense: np.ndarray,
    kinds: Sequence[str],
    classes: List[str],
    emphasis: np.ndarray,
    options: Mapping[str, Any],
) -> Calibration:
    """The temperature under which a fifth of the texts, left out, is likeliest; there is no text of none of the kinds."""
    copies = TfIdf.fit(texts, _COPY_BLOCKS, least=2)
    groups = group_near_copies(stack_rows([copies.transform(text) for text in texts], copies.size))
    fold_of = cut(groups, kinds, _FOLDS)
    named = np.array(kinds)
    taught, asked = np.flatnonzero(fold_of != 0), np.flatnonzero(fold_of == 0)
    if len(asked) < _CALIBRATION_TEXTS or sorted(set(named[taught])) != classes:
        return Calibration()
    _, weights, bias = fit_logistic(
        sparse[taught], dense[taught], named[taught].tolist(), options["C"], emphasis[taught], tolerance=3e-4
    )
    scores = sparse[asked] @ weights[: sparse.shape[1]] + dense[asked] @ weights[sparse.shape[1] :] + bias
    return fit_calibration(scores, np.searchsorted(np.array(classes), named[asked]))


@register("INTENT_CLASSIFIER", is_trainable=True)
class SafetyJudge(GraphComponent, IntentClassifier):
    """Sets `safety` on a message: {"kind", "confidence", "chances": {kind: chance}}, the gravest of it and of its parts.

    Its place is behind the sentence vectors; it needs no pass of an encoder of its own.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`statements`: the folder that it is taught from, from the repository's root; `C`, `blocks`, `least`,
        `embedding_weights`: as the intent classifier's, but an encoder without a weight is not asked; `rarity`: how far rare
        kinds weigh as much as frequent ones (0 to 1); `every`: one in so many of the intents' examples teaches as harmless;
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
        self._model: Optional[IntentModel] = None

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
        texts = [text for text, _ in statements] + [example.get(TEXT) for example in ordinary]
        kinds = [kind for _, kind in statements] + [HARMLESS] * len(ordinary)
        vectors = [
            self._embed([text for text, _ in statements]),
            *(self._vector(example)[None, :] for example in ordinary),
        ]
        widths = [(origin.split(":", 1)[0], opened(origin).size) for origin in self._origins]
        self._model = fit_safety(texts, np.concatenate(vectors), widths, kinds, self._config)
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
            judged = [self._judge(each) for each in with_parts([message]) if (each.get(TEXT) or "").strip()]
            if judged and self._model is not None:
                message.set(SAFETY, gravest(judged), add_to_output=True)
        return messages

    def _judge(self, message: Message) -> Dict[str, float]:
        if self._model is None:
            return {}
        if self._origins_of(message) != self._origins:
            raise OtherVectors(OtherVectors.__doc__)
        chances = self._model.chances(message.get(TEXT), self._vector(message))
        return {name: float(chance) for name, chance in zip(self._model.classes, chances)}

    def _features(self, message: Message) -> List[Features]:
        kinds = self._config["embedding_weights"]
        return [each for each in message.features if each.is_dense() and each.origin.split(":", 1)[0] in kinds]

    def _origins_of(self, message: Message) -> List[str]:
        return [feature.origin for feature in self._features(message)]

    def _vector(self, message: Message) -> np.ndarray:
        vectors = [feature.features[0] for feature in self._features(message)]
        return np.concatenate(vectors) if vectors else np.empty(0, dtype=np.float32)

    def _persist(self) -> None:
        model = self._model
        state, idf = model.tfidf.state()
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(
                folder / "weights.npz",
                weights=model.weights.astype(np.float16),
                bias=model.bias,
                idf=idf,
                centre=model.centre,
                scale=model.scale,
            )
            described = {
                "classes": model.classes,
                "origins": self._origins,
                "tfidf": state,
                "calibration": model.calibration._asdict(),
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
                component._model = IntentModel(
                    classes=described["classes"],
                    tfidf=TfIdf.from_state(described["tfidf"], arrays["idf"]),
                    weights=arrays["weights"].astype(np.float32),
                    bias=arrays["bias"],
                    centre=arrays["centre"],
                    scale=arrays["scale"],
                    calibration=Calibration(**described["calibration"]),
                )
        component._origins = described["origins"]
        return component


def gravest(judged: Sequence[Mapping[str, float]]) -> Dict[str, Any]:
    """Of a message's chances and those of its parts, each kind's highest; of harmlessness, the lowest."""
    kinds = {kind: max(each[kind] for each in judged) for kind in judged[0] if kind != HARMLESS}
    harmless = min(each.get(HARMLESS, 0.0) for each in judged)
    kind = max(kinds, key=lambda name: kinds[name])
    if harmless >= kinds[kind]:
        kind = HARMLESS
    chances = {HARMLESS: harmless, **kinds}
    return {
        "kind": kind,
        "confidence": round(chances[kind], 4),
        # Sums of logarithms weigh them: a chance of 0 could not be taken back.
        "chances": {name: round(max(chance, 1e-6), 6) for name, chance in chances.items()},
    }
