"""`perennial study check`: what it prints and how it ends."""

from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from service.cli.folders import CONTENT, STUDIES
from service.cli.study import app

SLUG = "parkinson-lrrk2-gba1"


@pytest.fixture
def studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copytree(CONTENT, tmp_path / "content")
    copytree(STUDIES, tmp_path / "studies")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "studies"


def check(studies: Path, *slugs: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", *slugs, "--studies", str(studies), "--content", str(CONTENT)])
    return result.exit_code, result.output


def test_a_good_pack(studies: Path) -> None:
    code, said = check(studies, SLUG)
    assert code == 0
    assert said.startswith(f"ok {SLUG}: en, es; 15 facts, 14 stages, 1 sites, ")


def test_faults_are_named_by_file_and_line(studies: Path) -> None:
    file = studies / SLUG / "study.yml"
    file.write_text(f"extra: 1\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    code, said = check(studies)
    assert code == 1
    faults = [line for line in said.splitlines() if not line.startswith("ok ")]
    assert faults == [f"studies/{SLUG}/study.yml:1: unknown field 'extra'"]


def test_an_unknown_study(studies: Path) -> None:
    code, said = check(studies, "nope")
    assert code == 2
    assert f"no study nope in studies; there are batten-cln2, {SLUG}" in said


def test_no_folder_of_studies(tmp_path: Path) -> None:
    code, said = check(tmp_path / "elsewhere")
    assert code == 2
    assert "there is none" in said
