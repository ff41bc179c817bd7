"""`perennial questionnaire`: what it prints and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.cli.questionnaire import app

SAMPLES = Path(__file__).parent / "samples"


def run(tmp_path: Path, name: str, *lines: Any, language: str = "en") -> list[dict[str, Any]]:
    """The lines that a run prints."""
    answers = tmp_path / "answers.jsonl"
    answers.write_text("\n".join(json.dumps({"text": x} if isinstance(x, str) else x) for x in lines), encoding="utf-8")
    arguments = [
        "run",
        str(SAMPLES / f"{name}.json"),
        "--answers",
        str(answers),
        "--today",
        "2026-03-05",
        "--language",
        language,
    ]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def asked(lines: list[dict[str, Any]]) -> list[str]:
    return [line["ask"] for line in lines if "ask" in line]


def test_check_names_what_is_and_what_is_not_supported() -> None:
    result = CliRunner().invoke(app, ["check", str(SAMPLES / "every_type.json")])
    assert result.exit_code == 0
    said = result.output.splitlines()
    assert said[0].startswith("ok ")
    assert said[0].endswith("20 items, 15 questions to ask, 4 unsupported")
    assert {"supported: boolean (1)", "supported: optionExclusive (1)", "supported: regex (1)"} <= set(said)
    assert said[-4:] == [
        "unsupported: att attachment",
        "unsupported: ref reference",
        "unsupported: ext answerValueSet http://hl7.org/fhir/ValueSet/iso3166-1-2",
        "unsupported: cql initialExpression (text/cql)",
    ]


def test_check_names_faults(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text('{"resourceType": "Questionnaire", "item": [{"type": "string"}]}', encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(file), str(SAMPLES / "phq9.json")])
    assert result.exit_code == 1
    assert f"error: {file}: item[0].linkId: is missing" in result.output
    assert "ok " in result.output


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["check", str(tmp_path / "nowhere.json")]).exit_code == 2


def test_run_asks_reads_scores_and_responds(tmp_path: Path) -> None:
    lines = run(tmp_path, "phq9", *["several days"] * 8, "purple", "not at all", "somewhat difficult")
    assert asked(lines).count("44260-8") == 2  # not understood, asked again
    assert next(line for line in lines if line.get("text") == "purple")["error"] == "not-understood"
    response = lines[-1]
    assert response["resourceType"] == "QuestionnaireResponse"
    assert response["questionnaire"] == "http://example.org/Questionnaire/phq9|1.0"
    assert response["status"] == "completed"
    assert response["authored"] == "2026-03-05T12:00:00+00:00"
    assert response["item"][-1]["linkId"] == "44261-6"
    assert response["item"][-1]["answer"] == [{"valueDecimal": 8}]


def test_run_in_spanish(tmp_path: Path) -> None:
    lines = run(tmp_path, "phq9", "varios días", language="es")
    assert lines[0]["text"] == "Poco interés o placer en hacer cosas"
    assert lines[0]["options"][0] == "Ningún día"
    assert lines[1]["values"][0]["valueCoding"]["code"] == "LA6569-3"


def test_run_with_repeating_groups(tmp_path: Path) -> None:
    lines = run(
        tmp_path, "household", "yes", "parent", "no", "2015", "yes", "brother or sister", "yes", "54", "no",
        "tremor and acting out dreams", "March 3rd 2020", "my hand shook",
    )  # fmt: skip
    kinds = [(line["ask"], line["type"], line.get("at")) for line in lines if "ask" in line]
    assert ("relative", "another", None) in kinds
    assert ("who", "choice", [1]) in kinds
    response = lines[-1]
    assert [entry["linkId"] for entry in response["item"]] == ["any", "relative", "relative", "symptoms", "noted"]
    assert response["item"][1]["item"][2]["answer"] == [{"valueDate": "2015"}]
    tremor, dreams = response["item"][3]["answer"]
    assert tremor["item"][0]["answer"] == [{"valueDate": "2020-03-03"}]
    assert "item" not in dreams


def test_lines_with_a_link_id_go_to_their_item(tmp_path: Path) -> None:
    """Again for an item of a repeating group begins one more; for one that does not repeat it corrects."""
    lines = run(
        tmp_path,
        "household",
        {"linkId": "any", "text": "yes"},
        {"linkId": "who", "text": "parent"},
        {"linkId": "who", "text": "child"},
        {"linkId": "age", "text": "3"},
        {"linkId": "nothing", "text": "3"},
        {"linkId": "symptoms", "text": "tremor"},
        {"linkId": "symptoms", "text": "acting out dreams"},
    )
    errors = [(line["linkId"], line["error"]) for line in lines if "error" in line]
    assert errors == [("age", "not-asked"), ("nothing", "unknown-link-id")]
    response = lines[-1]
    assert [entry["item"][0]["answer"][0]["valueCoding"]["code"] for entry in response["item"][1:3]] == [
        "parent",
        "child",
    ]
    assert len(response["item"][3]["answer"]) == 2
    corrected = run(tmp_path, "household", "yes", "parent", {"linkId": "any", "text": "no"})[-1]
    assert [entry["linkId"] for entry in corrected["item"]] == ["any"]


def test_lines_that_are_no_answers(tmp_path: Path) -> None:
    lines = run(tmp_path, "phq9", {"linkId": "44250-9"}, {"text": 5})
    assert [line["error"] for line in lines if "error" in line] == ["no-text", "no-text"]


def test_required_is_not_skipped(tmp_path: Path) -> None:
    lines = run(tmp_path, "phq9", "skip", "I don't know")
    assert [line["error"] for line in lines if "error" in line] == ["required", "required"]
    assert lines[-1]["status"] == "in-progress"


def test_initial_values_are_suggested_and_yes_takes_them(tmp_path: Path) -> None:
    lines = run(tmp_path, "every_type", "no", "2", "yes")
    suggested = {line["ask"]: line["suggested"] for line in lines if "suggested" in line}
    assert suggested == {"bool": [{"valueBoolean": True}], "int": [{"valueInteger": 3}]}
    taken = [line for line in lines if line.get("linkId") == "int"]
    assert taken[0]["values"] == [{"valueInteger": 3}]
    assert asked(lines)[-1] == "date"


def test_replay_prints_what_is_enabled(tmp_path: Path) -> None:
    response = tmp_path / "response.json"
    response.write_text(json.dumps(run(tmp_path, "household", "yes", "parent", "no")[-1]), encoding="utf-8")
    result = CliRunner().invoke(app, ["replay", str(SAMPLES / "household.json"), str(response)])
    assert result.exit_code == 0
    assert result.output.split() == ["any", "relative", "who", "alive", "died", "symptoms", "noted"]


def test_replay_of_something_else(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["replay", str(SAMPLES / "household.json"), str(SAMPLES / "phq9.json")])
    assert result.exit_code == 1
    assert "'Questionnaire' is no QuestionnaireResponse" in result.output


def test_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(app, ["preview", str(SAMPLES / "bmi.json")], input="\n170\n100\nno\n")
    assert result.exit_code == 0, result.output
    assert "[2 of 3; height; decimal; required; unit cm]" in result.output
    assert '"valueDecimal": 34.6' in result.output
    assert '"status": "completed"' in result.output
