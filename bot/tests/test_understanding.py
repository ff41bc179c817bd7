"""What the classifier and the fallback hand to the dialogue."""

import pytest
from rasa.shared.nlu.training_data.message import Message

from components.decision import Bounds, decide
from components.fallback import ALSO, Fallback
from components.intents import FULL_RANKING, fold_topics, select_response
from components.parts import PARTS, split_parts

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
    assert fold_topics(RANKING) == [{"name": "faq", "confidence": 0.5}, {"name": "greet", "confidence": 0.2}]


def test_the_best_topic_is_uttered():
    selection = select_response(RANKING)
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
    (message,) = Fallback({"threshold": 0.3, "margin": 0.05, "part": 0.5}).process([message_with(*confidences)])
    assert message.get("intent")["name"] == intent


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("how much is it and who sees my data", ["how much is it", "who sees my data"]),
        ("How long does it take? Can I quit later?", ["How long does it take?", "Can I quit later?"]),
        ("¿Cuánto cuesta? ¿Y quién ve mis datos?", ["¿Cuánto cuesta?", "¿Y quién ve mis datos?"]),
        ("cuánto tarda y cómo me hago la prueba", ["cuánto tarda", "cómo me hago la prueba"]),
        ("what does it cost", []),
        ("yes and no", []),
        ("my mother and father had it", []),
        ("", []),
    ],
)
def test_a_message_is_split_where_a_question_begins(text, parts):
    assert split_parts(text) == parts


def ranked(name, confidence):
    return [{"name": name, "confidence": confidence}, {"name": "rest", "confidence": (1 - confidence) / 2}]


BOUNDS = Bounds(threshold=0.3, margin=0.05, part=0.5)


@pytest.mark.parametrize(
    ("whole", "parts", "first", "also"),
    [
        # Two topics, both sure, in the order they were asked.
        (("faq/cost", 0.5), [("faq/privacy", 0.8), ("faq/cost", 0.9)], "faq/privacy", ["faq/cost"]),
        # The same topic twice is one question, and the whole message decides.
        (("faq/cost", 0.5), [("faq/cost", 0.8), ("faq/cost", 0.9)], "faq/cost", []),
        # A part that is not sure enough counts for nothing.
        (("faq/cost", 0.5), [("faq/privacy", 0.4), ("faq/cost", 0.9)], "faq/cost", []),
        # A greeting asks for nothing.
        (("greet", 0.6), [("greet", 0.9), ("thank", 0.9)], "greet", []),
        # What is wanted of us comes first; the question is answered too.
        (("faq/cost", 0.9), [("faq/cost", 0.9), ("ask_person", 0.8)], "ask_person", ["faq/cost"]),
        (("faq/cost", 0.9), [("medical_advice", 0.9), ("faq/cost", 0.8)], "medical_advice", ["faq/cost"]),
        # Never more than two.
        (("faq/a", 0.4), [("faq/a", 0.9), ("faq/b", 0.9), ("faq/c", 0.9)], "faq/a", ["faq/b"]),
        # One plain question among words that blur it.
        (("rest", 0.2), [("rest", 0.2), ("faq/cost", 0.9)], "faq/cost", []),
        (("rest", 0.2), [], None, []),
    ],
)
def test_two_questions(whole, parts, first, also):
    decision = decide(ranked(*whole), [ranked(*part) for part in parts], BOUNDS)
    assert (decision.first or {}).get("name") == first
    assert list(decision.also) == also


def test_the_second_topic_is_handed_to_the_dialogue():
    parts = [Message({FULL_RANKING: ranked(name, 0.9)}) for name in ("faq/cost", "faq/privacy")]
    message = Message({FULL_RANKING: ranked("faq/cost", 0.5), PARTS: parts, "intent": {"name": "faq"}})
    Fallback({"threshold": 0.3, "margin": 0.05, "part": 0.5}).process([message])
    assert message.get("intent")["name"] == "faq"
    assert message.get("response_selector")["faq"]["response"]["utter_action"] == "utter_faq/cost"
    assert message.as_dict(only_output_properties=True)[ALSO] == ["faq/privacy"]
