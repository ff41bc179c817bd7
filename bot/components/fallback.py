"""Says "I did not understand" rather than guess: by the best intent's confidence and its lead over the next.

Rasa's own fallback compares what the dialogue sees; here two FAQ topics that tie are a tie too, which it cannot know.
"""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from components.intents import FULL_RANKING
from components.registration import register


@register("INTENT_CLASSIFIER", is_trainable=False)
class Fallback(GraphComponent, IntentClassifier):
    """Replaces the intent by `nlu_fallback` where it is too unsure."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`threshold`: least confidence of the best; `margin`: least lead over the second."""
        return {"threshold": 0.3, "margin": 0.05}

    def __init__(self, config: Dict[str, Any]) -> None:
        self._threshold: float = config["threshold"]
        self._margin: float = config["margin"]

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Fallback:
        """See the base class."""
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """The confidence of `nlu_fallback` is 1 minus the best intent's."""
        for message in messages:
            if FULL_RANKING not in message.data:
                continue
            confidences = [entry["confidence"] for entry in message.get(FULL_RANKING)[:2]] + [0.0, 0.0]
            if confidences[0] < self._threshold or confidences[0] - confidences[1] < self._margin:
                unsure = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1.0 - confidences[0]}
                message.set(INTENT, unsure, add_to_output=True)
                message.set("intent_ranking", [unsure, *(message.get("intent_ranking") or [])], add_to_output=True)
        return messages
