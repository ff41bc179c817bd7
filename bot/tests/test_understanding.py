"""What the classifier and the fallback hand to the dialogue."""

import pytest
from rasa.shared.nlu.training_data.message import Message

from components.fallback import Fallback
from components.intents import FULL_RANKING, _fold_topics, _select_response

RANKING = [
    {"name": "faq/cost", "confidence": 0.5},
    {"name": "faq/benefits", "confidence": 0.3},
    {"name": "greet", "confidence": 0.2},
]


def message_with(*confidences):
    ranking = [{"name": f"faq/{number}", "confidence": value} for number, value in enumerate(confidences)]
    return Message(
        {FULL_RANKING: ranking, "intent": {"name": "faq", "confidence": confidences[0] if confidences else 0}}
    )


def test_the_dialogue_sees_one_faq():
    assert _fold_topics(RANKING) == [{"name": "faq", "confidence": 0.5}, {"name": "greet", "confidence": 0.2}]


def test_the_best_topic_is_uttered():
    selection = _select_response(RANKING)
    assert selection["all_retrieval_intents"] == ["faq"]
    assert selection["faq"]["response"]["utter_action"] == "utter_faq/cost"


@pytest.mark.parametrize(
    ("confidences", "intent"),
    [
        ((0.6, 0.2), "faq"),
        ((0.29, 0.1), "nlu_fallback"),
        ((0.4, 0.36), "nlu_fallback"),
        ((0.4, 0.34), "faq"),
        ((), "nlu_fallback"),
    ],
)
def test_unsure_is_said_so(confidences, intent):
    (message,) = Fallback({"threshold": 0.3, "margin": 0.05}).process([message_with(*confidences)])
    assert message.get("intent")["name"] == intent
