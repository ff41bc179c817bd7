"""Approved words as they are read, and every kind of fault by file and line."""

from pathlib import Path

import pytest

from engagement.words import Wording, load_words
from engagement.words.segments import count_template_segments

EN = """\
approval: PRN-1
texts:
  greet:
    text: >-
      Hello, {name}. This is
      {programme.name}.

      How are you?


      Bye.
    sms: "Hello, {name}."
    replies: [replies/yes]
  help:
    text: "Call us."
  replies/yes:
    text: "Yes"
"""


def folder(root: Path, en: str = EN, es: str = EN) -> Path:
    for language, text in (("en", en), ("es", es)):
        (root / language).mkdir(exist_ok=True)
        (root / language / "talk.yml").write_text(text, encoding="utf-8")
    return root


def only(words: list[Wording], key: str, channel: str = "") -> Wording:
    (found,) = [word for word in words if (word.key, word.language, word.channel) == (key, "en", channel)]
    return found


def test_texts_variants_and_lines(tmp_path: Path) -> None:
    words, faults = load_words(folder(tmp_path))
    assert faults == []
    assert len(words) == 8
    greet = only(words, "greet")
    assert greet.text == "Hello, {name}. This is {programme.name}.\n\nHow are you?\n\nBye."
    assert (greet.line, greet.file.name, greet.approval_id, greet.replies) == (4, "talk.yml", "PRN-1", ("replies/yes",))
    assert only(words, "greet", "sms").line == 12


def test_the_hash_follows_every_part_of_a_text() -> None:
    base = {"key": "a", "language": "en", "text": "Hi.", "approval_id": "P", "file": Path("a"), "line": 1}
    hashes = [
        Wording(**{**base, **change}).sha256  # type: ignore[arg-type]
        for change in (
            {},
            {"key": "b"},
            {"language": "es"},
            {"channel": "sms"},
            {"study": "oak"},
            {"text": "Hi!"},
            {"replies": ("replies/yes",)},
        )
    ]
    assert len(set(hashes)) == len(hashes)
    assert Wording(**{**base, "approval_id": "Q", "file": Path("b"), "line": 9}).sha256 == hashes[0]  # type: ignore[arg-type]


FAULTS = {
    "unknown field of the file": ("approval:", "aproval: x\napproval:", "aproval: x", "unknown field 'aproval'"),
    "unknown field of a text": ('    text: "Call', '    txt: x\n    text: "Call', "txt:", "help: unknown field 'txt'"),
    "approval missing": ("approval: PRN-1\n", "", "texts:", "the approval id is missing"),
    "empty text": ('"Call us."', '""', 'text: ""', "help: 'text' is empty"),
    "no text": ('    text: "Call us."', '    sms: "Call."', "help:", "help: 'text' is missing"),
    "text is a truth value": ('"Yes"', "Yes", "text: Yes", "replies/yes: 'text' is not a text; put it in quotes"),
    "nothing in it": ('  help:\n    text: "Call us."', "  help:", "help:", "help: has no fields"),
    "brace": ("Call us.", "Call {us.", "{us", "help: a brace that belongs to no placeholder"),
    "placeholder with a space": ("Call us.", "Call { us }.", "{ us }", "a brace that belongs to no placeholder"),
    "namespace": ("Call us.", "Call {team.phone}.", "{team", "help: {team.phone}: there is no 'team'"),
    "name in a namespace": ("Call us.", "Call {contact.fax}.", "{contact", "'contact' has only coordinator, phone"),
    "fact": ("Call us.", "{fact.parking}", "{fact", "{fact.parking}: 'fact' has only cost"),
    "replies is no list": ("[replies/yes]", "replies/yes", "replies: replies/yes", "greet: replies is a list of keys"),
    "SMS too long": ('"Hello, {name}."', f'"{{name}} {"Go on. " * 70}"', "Go on", "greet: the SMS takes 4 segments"),
    "long button": ('"Yes"', '"Yes please, I do want to"', "please", "a quick reply has at most 20 characters"),
    "hard to read": (
        "Call us.",
        "Participation necessitates comprehensive documentation regarding individual pharmacological susceptibility.",
        "Participation",
        "help: too hard to read: grade",
    ),
    "key twice": (
        "  help:",
        "  greet:\n    text: Hi.\n  help:",
        "  greet:",
        "'greet' stands here twice, first on line 3",
    ),
}


@pytest.mark.parametrize(("old", "new", "marker", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault(tmp_path: Path, old: str, new: str, marker: str, message: str) -> None:
    assert EN.count(old) == 1
    text = EN.replace(old, new)
    _, faults = load_words(folder(tmp_path, en=text))
    named = [fault for fault in faults if message in fault.message]
    last = max(number for number, line in enumerate(text.splitlines(), 1) if marker in line)
    assert [(fault.file, fault.line) for fault in named] == [(tmp_path / "en" / "talk.yml", last)]
    follow_ups = [fault.message for fault in faults if fault not in named]
    assert all(": has no text in" in said or "the quick reply" in said for said in follow_ups)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("  help:", "  hilfe:", 14, "help: has no text in es"),
        ("Hello, {name}.", "Hello.", 4, "greet: {name} is not used in es"),
    ],
    ids=["key", "bare name"],
)
def test_what_another_language_has(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    _, faults = load_words(folder(tmp_path, es=EN.replace(old, new)))
    found = [fault for fault in faults if message in fault.message]
    assert [(fault.file.parent.name, fault.line) for fault in found] == [("en", line + ("help" in message))]


def test_a_quick_reply_without_a_text(tmp_path: Path) -> None:
    text = EN.replace("[replies/yes]", "[replies/no, help]")
    _, faults = load_words(folder(tmp_path, en=text, es=text))
    assert {fault.message for fault in faults} == {
        "greet: the quick reply 'replies/no' has no text in en",
        "greet: the quick reply 'replies/no' has no text in es",
        "greet: 'help' is no quick reply; their keys begin with replies/",
    }


def test_a_key_in_two_files(tmp_path: Path) -> None:
    folder(tmp_path)
    second = tmp_path / "en" / "zoo.yml"
    second.write_text('approval: PRN-1\ntexts:\n  help:\n    text: "Other."\n    sms: "Other."\n', encoding="utf-8")
    words, faults = load_words(tmp_path)
    assert [str(fault) for fault in faults] == [f"{second}:4: 'help' stands already in talk.yml, line 15"]
    assert only(words, "help").text == "Call us."


def test_files_that_are_no_words(tmp_path: Path) -> None:
    folder(tmp_path)
    for name in ("notes.txt", "en/talk.yaml", "english/talk.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    _, faults = load_words(tmp_path)
    assert [fault.file.relative_to(tmp_path).as_posix() for fault in faults] == [
        "en/talk.yaml",
        "english/talk.yml",
        "notes.txt",
    ]


def test_a_folder_that_is_not_there_has_no_words(tmp_path: Path) -> None:
    assert load_words(tmp_path / "none") == ([], [])


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("é" * 160, 1),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments(text: str, count: int) -> None:
    assert count_template_segments(text) == count
