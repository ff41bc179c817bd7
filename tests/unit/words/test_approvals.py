"""Approvals: an edit takes them away, nobody's name is put under another's, broken files are named."""

import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engagement.shelves import load_shelves
from engagement.words import BadApprovals, load_approvals, load_words, read_approvals
from engagement.words.approvals import Approval, decide_approval
from service.cli.content import app

TEXTS = 'approval: PRN-1\ntexts:\n  help:\n    text: "Call us."\n  bye:\n    text: "See you."\n'
DAY = datetime.date(2026, 11, 24)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    (tmp_path / "content" / "en").mkdir(parents=True)
    (tmp_path / "content" / "en" / "talk.yml").write_text(TEXTS, encoding="utf-8")
    own = tmp_path / "studies" / "oak" / "content" / "en"
    own.mkdir(parents=True)
    (own / "own.yml").write_text(TEXTS.replace("PRN-1", "OAK-1"), encoding="utf-8")
    return tmp_path / "content"


def run(content: Path, *arguments: str) -> Result:
    places = ["--content", str(content), "--studies", str(content.parent / "studies")]
    return CliRunner().invoke(app, [*arguments, *places])


def test_approve_then_edit(content: Path) -> None:
    said = run(content, "approve", "--id", "PRN-1", "--by", "Ana Ruiz")
    assert said.exit_code == 0
    assert said.output.splitlines()[:2] == ["approved bye en", "approved help en"]
    words, _ = load_words(content)
    approved = load_approvals(content)
    assert {approved[word.sha256] for word in words} == {"PRN-1"}

    file = content / "en" / "talk.yml"
    file.write_text(TEXTS.replace("Call us.", "Call us now."), encoding="utf-8")
    shelf = load_shelves(content, content.parent / "studies")[0]
    assert [word.key for word in shelf.unapproved()] == ["help"]
    listed = run(content, "list", "--unapproved").output.splitlines()
    assert [line.split("\t")[:2] for line in listed] == [
        ["unapproved", "help en"],
        ["unapproved", "bye en oak"],
        ["unapproved", "help en oak"],
    ]


def test_a_second_run_approves_nothing_more(content: Path) -> None:
    run(content, "approve", "--id", "PRN-1", "--by", "Ana Ruiz")
    before = (content / "approvals" / "PRN-1.yml").read_bytes()
    assert run(content, "approve", "--id", "PRN-1", "--by", "Ana Ruiz").output == ""
    assert (content / "approvals" / "PRN-1.yml").read_bytes() == before


def test_the_words_of_a_study_are_approved_beside_them(content: Path) -> None:
    assert run(content, "approve", "--id", "OAK-1", "--by", "Ana Ruiz", "--study", "oak").exit_code == 0
    own = content.parent / "studies" / "oak" / "content"
    assert len(load_approvals(own)) == 2
    assert not (content / "approvals").exists()


def test_an_approval_of_shared_words_does_not_reach_a_study_that_says_the_same(content: Path) -> None:
    run(content, "approve", "--id", "PRN-1", "--by", "Ana Ruiz")
    oak = load_shelves(content, content.parent / "studies")[1]
    assert len(oak.unapproved()) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--id", "PRN-9", "--by", "Ana"], 2, "no text names the approval id PRN-9"),
        (["--id", "PRN-1", "--by", "Ana", "--study", "oak"], 2, "no text names the approval id PRN-1 in the study oak"),
        (["--id", "../x", "--by", "Ana"], 2, "an approval needs an id"),
        (["--id", "PRN-1", "--by", " "], 2, "an approval needs an id"),
    ],
)
def test_refused(content: Path, arguments: list[str], code: int, message: str) -> None:
    result = run(content, "approve", *arguments)
    assert (result.exit_code, message in result.output) == (code, True)


def test_words_with_faults_are_not_approved(content: Path) -> None:
    (content / "en" / "talk.yml").write_text(TEXTS.replace("Call", "{call"), encoding="utf-8")
    assert run(content, "check").exit_code == 1
    result = run(content, "approve", "--id", "PRN-1", "--by", "Ana")
    assert result.exit_code == 1
    assert "talk.yml:4: help: a brace" in result.output
    assert not (content / "approvals").exists()


def test_check_says_how_many(content: Path) -> None:
    result = run(content, "check")
    assert (result.exit_code, result.output) == (0, "ok: 4 texts, 4 not approved\n")


def test_nobodys_approval_is_given_another_name_or_day(content: Path) -> None:
    words, _ = load_words(content)
    first = Approval(id="PRN-1", approved_by="Ana", approved_on=DAY, texts={"0" * 64: "old en"})

    def more(by: str, on: datetime.date, *earlier: Approval) -> Approval:
        return decide_approval(earlier, approval_id="PRN-1", by=by, on=on, words=words)

    same = more("Ana", DAY, first)
    assert (same.id, len(same.texts)) == ("PRN-1", 3)
    other = more("Ben", DAY, first)
    assert (other.id, len(other.texts)) == ("PRN-1.2", 2)
    assert more("Ana", DAY + datetime.timedelta(days=1), first, other).id == "PRN-1.3"


@pytest.mark.parametrize(
    ("name", "text", "line", "message"),
    [
        ("PRN-1", "approved_on: 2026-11-24\ntexts: {}\n", 1, "the name of who approved is missing"),
        ("PRN-1", "approved_by: A\napproved_on: soon\ntexts: {}\n", 2, "a day such as"),
        ("PRN-1", "approved_by: A\napproved_on: 2026-11-24\n", 1, "the list of hashes is missing"),
        ("PRN-1", "approved_by: A\napproved_on: 2026-11-24\ntexts:\n  abc: x\n", 4, "64 letters of its SHA-256"),
        ("PRN-1", "approved_by: A\napproved_on: 2026-11-24\ntexts: {}\nby: B\n", 4, "unknown field 'by'"),
        ("PRN-1", "- a\n", 1, "an approval has approved_by"),
        ("prn 1", "approved_by: A\napproved_on: 2026-11-24\ntexts: {}\n", 1, "the file's name is the approval id"),
    ],
)
def test_a_broken_approval(tmp_path: Path, name: str, text: str, line: int, message: str) -> None:
    file = tmp_path / "approvals" / f"{name}.yml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    _, faults = read_approvals(tmp_path)
    assert [(fault.file, fault.line) for fault in faults] == [(file, line)]
    assert message in faults[0].message
    with pytest.raises(BadApprovals):
        load_approvals(tmp_path)
