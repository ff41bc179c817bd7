"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
import warnings

import pytest

from service.settings import ROOT
from tests.unit.house.sources import PRODUCT, files, literals, trees

LOOK_AGAIN, TOO_LONG = 300, 400
_SENTENCE = re.compile(r"[A-ZÁÉÍÓÚÑ¿¡][^\\(|]*[.?!]")
_TO_A_PERSON = re.compile(
    r"\b(you|your|yours|we|our|please|thank|sorry|usted|su|sus|nosotros|gracias|por favor)\b", re.I
)


def test_no_file_is_too_long() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for suffix in (".py", ".js", ".css", ".html")
        for path in files(*PRODUCT, "bot", "tests", suffix=suffix)
    }
    assert len(lengths) > 200
    long = {path: lines for path, lines in sorted(lengths.items()) if lines > LOOK_AGAIN}
    if long:
        warnings.warn(f"look again at: {long}", stacklevel=1)
    assert {path: lines for path, lines in long.items() if lines > TOO_LONG} == {}


@pytest.mark.parametrize("top", [*PRODUCT, "bot", "tests/harness", "tests/conversations"])
def test_every_module_says_why_it_is_there(top: str) -> None:
    silent = [path for path, tree in trees(top) if tree.body and not ast.get_docstring(tree)]
    assert [path for path in silent if "migrations" not in path] == []


def test_what_a_participant_reads_does_not_stand_in_python() -> None:
    found = [
        f"{path}:{line}: {text}"
        for path, tree in trees("channels", "actions", "conversation", "engagement", "scheduler")
        for line, text in literals(tree)
        if len(text.split()) > 3 and _SENTENCE.fullmatch(text) and _TO_A_PERSON.search(text)
    ]
    assert found == []


def test_nothing_reads_what_lies_outside_of_the_project() -> None:
    """A clone alone passes: no test leans on folders beside it, no file names a path of one machine."""
    outside = re.compile(
        r"\.\./(?:\.\./)*shared\b|(?<![\w.$-])/(?:work|root|home/\w+)/|\bshared/(?:reference|DESIGN|FACTS)"
    )
    found = [
        path.relative_to(ROOT).as_posix()
        for suffix in (".py", ".yml", ".toml", ".js", ".md")
        for path in files(*PRODUCT, "bot", "tests", "content", "docs", "studies", suffix=suffix)
        if path.name != "test_conventions.py" and outside.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_datetimes_are_read_from_one_clock_below_the_channels() -> None:
    readers = [
        f"{path}:{node.lineno}"
        for path, tree in trees("conversation", "engagement", "scheduler", "console", "actions", "storage")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
    ]
    assert [reader for reader in readers if not reader.startswith("engagement/clock.py")] == []


def test_no_key_or_token_is_in_the_repository() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.split(b"\0")
    if len(tracked) < 2:
        pytest.skip("not a git clone")
    names = [name.decode() for name in tracked]
    assert [
        name for name in names if re.search(r"(^|/)\.env$|demo-keys|\.pem$|\.perennial/|coordinator\.txt$", name)
    ] == []
