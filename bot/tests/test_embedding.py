"""The featurizer: vectors of bare answers are worked out once, all others each time, and both are the encoder's own."""

import numpy as np
import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from components import embedding
from components.embedding import SentenceEmbedding


class Counting:
    """Encodes a text as its length, and counts how often it is asked."""

    size = 2

    def __init__(self):
        self.asked = []

    def embed(self, texts):
        self.asked += texts
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)

    def knows(self, word):
        return True


@pytest.fixture
def encoder(monkeypatch):
    counting = Counting()
    monkeypatch.setattr(embedding, "descriptions", lambda config: ["one"])
    monkeypatch.setattr(embedding, "part_origins", lambda origin, encoder: [(origin, 2)])
    monkeypatch.setattr(embedding, "open_encoder", lambda description: ("counting", counting))
    return counting


def vector_of(featurizer, text):
    (message,) = featurizer.process([Message({TEXT: text})])
    return message.features[0].features.tolist()


def test_a_bare_answer_is_encoded_once_and_a_longer_text_each_time(encoder):
    featurizer = SentenceEmbedding({})
    assert vector_of(featurizer, "Yes") == vector_of(featurizer, "yes") == [[3.0, 1.0]]
    assert encoder.asked == ["yes"]
    longer = "my mother had it too"
    assert vector_of(featurizer, longer) == vector_of(featurizer, longer) == [[len(longer), 1.0]]
    assert encoder.asked == ["yes", longer, longer]
