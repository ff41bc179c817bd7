"""`perennial email measured`, and how counts are said: people, machines and what may be either apart, never one number."""

import json

import pytest
from typer.testing import CliRunner

from engagement.measuring import Counted, Split
from service.cli.email import app

COUNTED = Counted(
    mails=120,
    opened=Split(person=31, unsure=9, machine=44),
    clicked=Split(person=12, unsure=3, machine=5),
)
runner = CliRunner()


def test_a_report_says_the_four_apart() -> None:
    assert COUNTED.lines() == [
        "mails measured: 120",
        "opened by a person: at least 31; perhaps: 9; by machines only: 44; not known: 36",
        "a link followed by a person: at least 12; perhaps: 3; by machines only: 5; not known: 100",
    ]
    assert json.loads(json.dumps(COUNTED.data()))["opened"] == {"person": 31, "unsure": 9, "machine": 44}


@pytest.mark.parametrize(
    ("study", "code", "said"),
    [("oak", 2, "there is no study oak"), ("parkinson-lrrk2-gba1", 1, "are not measured")],
)
def test_a_study_that_is_not_there_or_not_measured(study: str, code: int, said: str) -> None:
    result = runner.invoke(app, ["measured", study])
    assert result.exit_code == code
    assert said in result.output
