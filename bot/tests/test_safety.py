"""The safety judge: what it is taught from, that it tells trouble from talk, repeats itself, and survives its file."""

from pathlib import Path

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components import encoders, safety
from components.parts import PARTS
from components.safety import DEFAULTS, FRAGMENT, SAFETY, OtherVectors, SafetyJudge, is_sentence
from components.statements import read_statements, statements_digest

ORIGIN = "use:test"
TAUGHT = {
    "crisis": ["i want to die", "i want to end my life", "i will end it tonight", "i want to be dead"],
    "adverse_event": ["i have a rash", "my arm has a rash", "i feel so dizzy", "the pill made me dizzy"],
    "harmless_talk": ["what does it cost", "when is my visit", "this line is dead", "the wait is killing me"],
}


class Letters:
    """An encoder that counts letters."""

    size = 26
    parts = (("", 26),)

    def embed(self, texts):
        rows = np.array([[text.count(chr(97 + place)) for place in range(26)] for text in texts], dtype=np.float32)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)


def message(text, **more):
    made = Message({TEXT: text, **more})
    if text:
        made.add_features(Features(Letters().embed([text]), FEATURE_TYPE_SENTENCE, TEXT, ORIGIN))
    return made


@pytest.fixture
def statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "statements" / "en"
    folder.mkdir(parents=True)
    for name, lines in TAUGHT.items():
        (folder / f"{name}.txt").write_text("# a comment\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr(safety, "_ROOT", tmp_path)
    monkeypatch.setitem(encoders._opened, ("use", tmp_path), (ORIGIN, Letters()))
    return folder.parent


def trained(tmp_path, folder="models"):
    (tmp_path / folder).mkdir()
    storage, resource = LocalModelStorage(tmp_path / folder), Resource("safety")
    options = {**DEFAULTS, "statements": "statements", "every": 1, "axes": 20}
    judge = SafetyJudge.create(options, storage, resource, None)
    ordinary = ["who sees my answers", "how long does it take", "please call me back", "where is the lab"]
    examples = [message(text, **{INTENT: "faq"}) for text in ordinary]
    examples += [message("should i stop my pill", **{INTENT: "medical_advice"})]
    judge.train(TrainingData(examples))
    return SafetyJudge.load(options, storage, resource, None)


def test_statements_are_read_by_file(statements):
    found = dict(read_statements(statements))
    assert found["i want to die"] == "crisis"
    assert found["this line is dead"] == "none"
    assert len(found) == 12
    before = statements_digest(statements)
    (statements / "en" / "crisis.txt").write_text("i want to die\n", encoding="utf-8")
    assert statements_digest(statements) != before


def test_no_statements_no_judge(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_statements(tmp_path)


def test_trouble_is_told_from_talk(statements, tmp_path):
    judge = trained(tmp_path)
    for text, kind in (("i want to die", "crisis"), ("i have a rash", "adverse_event"), ("where is the lab", None)):
        (judged,) = judge.process([message(text)])
        said = judged.as_dict(only_output_properties=True)[SAFETY]["sums"]
        assert {head for head, total in said.items() if total > 0} == ({"any", kind} if kind else set())


def test_messages_are_judged_alike_alone_and_together(statements, tmp_path):
    judge = trained(tmp_path)
    texts = ["i want to die", "what does it cost", "my rash", "who pays"]
    together = [each.get(SAFETY) for each in judge.process([message(text) for text in texts])]
    assert together == [judge.process([message(text)])[0].get(SAFETY) for text in texts]


def test_learning_repeats_itself(statements, tmp_path):
    said = [trained(tmp_path, name).process([message("i am dizzy")])[0].get(SAFETY) for name in ("one", "two")]
    assert said[0] == said[1]


def test_a_part_is_heard_in_a_long_message(statements, tmp_path):
    judge = trained(tmp_path)
    whole = "what does it cost and where is the lab and i want to die"
    parts = [message("what does it cost"), message("i want to die")]
    alone, heard = judge.process([message(whole), message(whole, **{PARTS: parts})])
    assert heard.get(SAFETY)["sums"]["crisis"] > max(0, alone.get(SAFETY)["sums"]["crisis"])


def test_nothing_is_said_of_no_text(statements, tmp_path):
    (judged,) = trained(tmp_path).process([message("")])
    assert judged.get(SAFETY) is None


def test_other_vectors_are_refused(statements, tmp_path):
    judge = trained(tmp_path)
    bare = Message({TEXT: "i want to die"})
    with pytest.raises(OtherVectors):
        judge.process([bare])


def test_a_fragment_must_say_more_than_a_sentence(statements, tmp_path):
    judge = trained(tmp_path)
    parts = [message("what does it cost"), message("i want to die")]
    said = [
        judge.process([message(f"what does it cost{joint}i want to die", **{PARTS: parts})])[0].get(SAFETY)["sums"]
        for joint in ("? ", " and ")
    ]
    assert said[0]["crisis"] == pytest.approx(said[1]["crisis"] + FRAGMENT, abs=1e-3)


@pytest.mark.parametrize(
    "text", ["who pays? i itch", "i itch", "who pays; i itch; is it safe", "hello\ni itch", "i itch."]
)
def test_a_sentence_is_known_by_its_ends(text):
    assert is_sentence("i itch", text)
    assert not is_sentence("i itch", text.replace("i itch", "and i itch, ok"))


def test_the_repository_has_statements_of_each_kind():
    root = Path(__file__).resolve().parents[2]
    kinds = {kind for _, kind in read_statements(root / DEFAULTS["statements"])}
    assert kinds == {"none", "crisis", "emergency", "overdose", "adverse_event", "medication_error", "pregnancy"}
