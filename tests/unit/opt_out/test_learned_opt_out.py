"""The learned judge of opt-outs: that its file fits its sources, what it sees, and that STOP never depends on it."""

from pathlib import Path

import pytest
import yaml

from conversation.language.patterns import BrokenPatterns
from conversation.language.text import split_sentences
from conversation.opt_out import OptOutVerdict, free_text, judge_opt_out
from conversation.opt_out.examples import Example, read_background, read_examples
from conversation.opt_out.features import features_of, load_lexicon
from conversation.opt_out.learn import fingerprint, teach
from conversation.opt_out.learned import FILE, HEADS, judge_sentences, load_model
from conversation.text_model import read_model, write_model

CORPUS = Path(__file__).parent / "corpus"


def fresh(section: str) -> list[str]:
    content = yaml.safe_load((CORPUS / "fresh.yml").read_text(encoding="utf-8"))
    return [line for line in content[section].splitlines() if line]


def seen(text: str) -> frozenset[str]:
    (sentence,) = split_sentences(text)
    return features_of(sentence, load_lexicon())


def test_the_file_was_taught_from_these_examples() -> None:
    """Else: `python -m conversation.opt_out.learn`."""
    assert read_model(FILE, HEADS).taught_from == fingerprint()


def test_what_strangers_write_is_seldom_missed() -> None:
    cases = fresh("yes")
    verdicts = [(judge_opt_out(text), text) for text in cases]
    missed = [text for verdict, text in verdicts if verdict is OptOutVerdict.NO]
    asked = [text for verdict, text in verdicts if verdict is OptOutVerdict.ASK]
    assert len(cases) >= 290
    assert len(missed) <= 0.05 * len(cases), missed
    assert len(asked) <= 0.1 * len(cases), asked


def test_what_only_sounds_like_it_is_left_alone() -> None:
    verdicts = [(judge_opt_out(text), text) for text in fresh("no")]
    assert len(verdicts) >= 280
    assert [text for verdict, text in verdicts if verdict is OptOutVerdict.YES] == []
    asked = [text for verdict, text in verdicts if verdict is OptOutVerdict.ASK]
    assert len(asked) <= 0.05 * len(verdicts), asked


def test_ordinary_messages_are_left_alone() -> None:
    """They were taught as background; a share of them found would show that the examples of opt-outs reach too far."""
    cases = [each.text for each in read_background()[::7]]
    wrong = [text for text in cases if judge_opt_out(text) is OptOutVerdict.YES]
    assert len(cases) > 1000
    assert len(wrong) <= 0.002 * len(cases), wrong


@pytest.mark.parametrize(
    ("text", "has", "lacks"),
    [
        ("quit texting my cell", {"d:END WRITING ME", "w:quit"}, {"c:-END"}),
        ("don't stop texting me", {"c:-END", "d:dont -END -WRITING"}, {"c:END"}),
        ("do you text?", {"q:WRITE"}, set()),
        ("unsubscribbe", {"p:_unsu", "f:unsubscribbe"}, set()),
    ],
)
def test_what_it_sees(text: str, has: set[str], lacks: set[str]) -> None:
    found = seen(text)
    assert has <= found
    assert not lacks & found


def test_a_long_sentence_about_something_else_is_not_looked_at() -> None:
    assert seen("the nurse was very kind and explained how blood is drawn from small veins") == frozenset()


def test_what_is_taught_is_found_and_repeats_itself(tmp_path: Path) -> None:
    taught = [
        *(Example(text=f"no more {thing} for me", wanted=True) for thing in ("texts", "emails", "alerts")),
        *(Example(text=f"no more {thing} today", wanted=False) for thing in ("pain", "tests", "pills")),
    ]
    model = teach(taught)
    assert judge_sentences(model, ("no more messages for me",)) > 0 > judge_sentences(model, ("no more visits today",))
    assert judge_sentences(model, ()) == judge_sentences(model, ("xyzzy",)) == -1.0
    write_model(model, tmp_path / "learned.json.gz")
    assert read_model(tmp_path / "learned.json.gz", HEADS) == model == teach(taught)


def test_without_its_file_the_patterns_judge_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.json.gz").write_bytes(b"no gzip")
    assert load_model(tmp_path / "broken.json.gz") is None
    assert load_model(tmp_path / "missing.json.gz") is None
    monkeypatch.setattr(free_text, "load_model", lambda: None)
    assert judge_opt_out("STOP") is OptOutVerdict.YES
    assert judge_opt_out("please stop texting me") is OptOutVerdict.YES
    assert judge_opt_out("wrong number") is OptOutVerdict.ASK
    assert judge_opt_out("cancel my appointment") is OptOutVerdict.NO


def test_templates_are_filled_and_a_bad_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "xx.yml"
    file.write_text('groups: {thing: a | b}\n"yes": "stop it"\nyes_templates: "[no|more] {thing}"\n', encoding="utf-8")
    texts = {each.text for each in read_examples(tmp_path)}
    assert texts <= {"stop it", "no a", "no b", "more a", "more b"}
    assert len(texts) > 2
    file.write_text('no_templates: "{nobody} x"', encoding="utf-8")
    with pytest.raises(BrokenPatterns, match="unknown group nobody"):
        read_examples(tmp_path)
