"""Splits a message that may ask two things into its parts, so that each can be understood by itself.

"how much is it and who sees my data" is one vector between two topics; apart, both are plain. Cuts are made generously
(at the end of a sentence, and before a word that begins a new question): a cut in the wrong place costs nothing, since
a second topic counts only where its part is as sure as a message of its own would have to be.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.registration import register

PARTS = "parts"

# More than this is a story, not a list of questions.
MOST = 4

_LEAST_WORDS = 2

# Words that begin a question in English and Spanish, folded to lower case without accents.
_OPENERS = (
    "what|when|where|who|whose|why|how|which|do|does|did|is|are|am|can|could|will|would|should|may|have|has|if|i|my|"
    "que|cuando|donde|adonde|quien|quienes|por que|como|cual|cuales|cuanto|cuanta|cuantos|cuantas|puedo|puede|pueden|"
    "debo|tengo|tiene|hay|es|son|me|se|si|mi|a que"
)
_JOINT = re.compile(
    r"(?<=[.!?;\n])\s+"
    r"|\n+"
    r"|\s*[,;]?\s+(?:and also|and then|and|also|plus|or|but|y tambien|y ademas|ademas|tambien|y|o|pero)\s+"
    rf"(?=¿|(?:{_OPENERS})\b)"
    rf"|\s*,\s*(?=¿|(?:{_OPENERS})\b)"
    r"|\s+(?=¿)"
)
_ACCENTS = str.maketrans("áéíóúüÁÉÍÓÚÜ", "aeiouuAEIOUU")


def split_parts(text: str) -> List[str]:
    """The parts of `text` in order, or nothing where it is one question. Each has two words or more."""
    # One character for one: the places found in the folded text are places in the text.
    folded = text.translate(_ACCENTS).lower()
    if len(folded) != len(text):
        return []
    parts: List[str] = []
    start = 0
    for joint in [*_JOINT.finditer(folded), None]:
        part = text[start : joint.start() if joint else len(text)].strip(" ,;\n")
        if joint:
            start = joint.end()
        if len(part.split()) >= _LEAST_WORDS:
            parts.append(part)
    return parts if 2 <= len(parts) <= MOST else []


def with_parts(messages: Iterable[Message]) -> List[Message]:
    """Messages and their parts in one list: what is done to one is done to the other."""
    return [each for message in messages for each in (message, *(message.get(PARTS) or ()))]


@register("MESSAGE_FEATURIZER", is_trainable=False)
class Parts(GraphComponent):
    """Puts the parts of a message beside it, each a message of its own."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Nothing to set."""
        return {}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Parts:
        """See the base class."""
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """An example teaches as a whole."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """See the class."""
        for message in messages:
            parts = split_parts(message.get(TEXT) or "")
            if parts:
                message.set(PARTS, [Message({TEXT: part}) for part in parts])
        return messages
