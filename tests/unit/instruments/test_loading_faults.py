"""A broken instrument is named by file and line."""

import json
from pathlib import Path
from typing import Any

import pytest

from engagement.instruments import load_instruments

FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "status": "active",
    "language": "en",
    "item": [{"linkId": "age", "type": "integer", "text": "How old are you?"}],
}
ELIGIBILITY = """approval: OAK-1
questionnaire: prescreen
name_criterion: false
criteria:
  - id: age
    version: 1
    expression: "%resource.item.where(linkId='age').answer.value >= 18"
    meaning: {en: You are 18 or older.}
"""
CHECK_INS = """approval: OAK-1
check_ins:
  - questionnaire: prescreen
    every_days: 28
    title: {en: monthly check-in}
    scores: []
    thresholds:
      - id: fall
        expression: "true"
        reason: check_in
        meaning: {en: A fall}
"""


def faults(folder: Path, *, form: object = FORM, eligibility: str = ELIGIBILITY, check_ins: str = "") -> list[str]:
    (folder / "questionnaires").mkdir()
    (folder / "questionnaires" / "prescreen.json").write_text(form if isinstance(form, str) else json.dumps(form))
    (folder / "eligibility.yml").write_text(eligibility)
    if check_ins:
        (folder / "check_ins.yml").write_text(check_ins)
    _, _, found = load_instruments(folder, study="oak", languages=("en",))
    return [f"{fault.file.name}:{fault.line}: {fault.message}" for fault in found]


def test_a_sound_pack_has_none(tmp_path: Path) -> None:
    assert faults(tmp_path, check_ins=CHECK_INS) == []


@pytest.mark.parametrize(
    ("before", "behind", "fault"),
    [
        ("approval: OAK-1\n", "", "eligibility.yml:1: approval: the approval id is missing"),
        ("prescreen\n", "intake\n", "eligibility.yml:2: questionnaire: there is no questionnaires/intake.json"),
        ("name_criterion: false", "name_criterion: maybe", "eligibility.yml:3: name_criterion: must be true or false"),
        (">= 18", ">= >= 18", "eligibility.yml:7: expression:"),
        ("version: 1", "version: one", "eligibility.yml:5: version: must be a whole number"),
        ("{en: You are 18 or older.}", "{es: Usted}", "eligibility.yml:8: meaning: has no text in en"),
        ("    version: 1", "    version: 1\n    colour: red", "unknown field 'colour'"),
        ("criteria:", "criteria: none\nrest:", "criteria: must be a list"),
    ],
)
def test_eligibility(tmp_path: Path, before: str, behind: str, fault: str) -> None:
    assert before in ELIGIBILITY
    found = faults(tmp_path, eligibility=ELIGIBILITY.replace(before, behind, 1))
    assert any(fault in line for line in found), found


@pytest.mark.parametrize(
    ("before", "behind", "fault"),
    [
        ("every_days: 28", "every_days: 0", "every_days: must be a whole number of days"),
        ("reason: check_in", "reason: boredom", "reason: must be one of"),
        ("scores: []", "scores: [sum]", "scores: must be linkIds"),
        ('expression: "true"', "colour: red", "expression: is missing"),
    ],
)
def test_check_ins(tmp_path: Path, before: str, behind: str, fault: str) -> None:
    assert before in CHECK_INS
    found = faults(tmp_path, check_ins=CHECK_INS.replace(before, behind, 1))
    assert any(fault in line for line in found), found


def test_a_questionnaire_that_is_none_or_that_nothing_uses(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    assert any("prescreen.json:1:" in line for line in faults(one, form="{"))
    (two / "questionnaires").mkdir()
    (two / "questionnaires" / "lonely.json").write_text(json.dumps(FORM))
    _, _, found = load_instruments(two, study="oak", languages=("en",))
    assert [fault.message for fault in found] == ["nothing uses the questionnaire 'lonely'"]


def test_a_language_that_a_text_does_not_have(tmp_path: Path) -> None:
    (tmp_path / "questionnaires").mkdir()
    (tmp_path / "questionnaires" / "prescreen.json").write_text(json.dumps(FORM))
    (tmp_path / "eligibility.yml").write_text(ELIGIBILITY.replace("{en:", "{es: Usted es mayor., en:"))
    _, _, found = load_instruments(tmp_path, study="oak", languages=("en", "es"))
    assert [fault.message for fault in found] == ["age: a text is missing in 'es'"]
