"""Says "I did not understand" rather than guess, and finds the second question of a message that holds two.

Rasa's own fallback compares what the dialogue sees; see components/decision.py for what is compared here.
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

from components.decision import Bounds, decide
from components.intents import FULL_RANKING, select_response
from components.parts import PARTS
from components.registration import register

# The names of the FAQ topics that are answered after the first.
ALSO = "also"


@register("INTENT_CLASSIFIER", is_trainable=False)
class Fallback(GraphComponent, IntentClassifier):
    """Replaces the intent by `nlu_fallback` where it is too unsure; sets `also` where a second topic is asked for."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """See `components.decision.Bounds`."""
        return {"threshold": 0.3, "margin": 0.05, "part": 0.5}

    def __init__(self, config: Dict[str, Any]) -> None:
        self._bounds = Bounds(config["threshold"], config["margin"], config["part"])

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
            if FULL_RANKING in message.data:
                self._decide(message)
        return messages

    def _decide(self, message: Message) -> None:
        whole = message.get(FULL_RANKING)
        decision = decide(whole, [part.get(FULL_RANKING) for part in message.get(PARTS) or ()], self._bounds)
        if decision.first is None:
            best = whole[0]["confidence"] if whole else 0.0
            first = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1.0 - best}
        else:
            entry = decision.first
            first = {"name": entry["name"].split("/", 1)[0], "confidence": entry["confidence"]}
            selection = select_response([entry])
            if selection:
                message.set("response_selector", selection, add_to_output=True)
        others = [entry for entry in message.get("intent_ranking") or [] if entry["name"] != first["name"]]
        message.set(INTENT, first, add_to_output=True)
        message.set("intent_ranking", [first, *others], add_to_output=True)
        if decision.also:
            message.set(ALSO, list(decision.also), add_to_output=True)
