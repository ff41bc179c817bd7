"""What docs/events-api.md shows is what is taken and answered."""

import re
from datetime import UTC, datetime

from channels.events.model import MAX_EVENTS
from channels.events.parse import parse_request
from channels.events.problems import PROBLEMS
from channels.events.table import COLUMNS
from service.settings import ROOT

TEXT = (ROOT / "docs" / "events-api.md").read_text(encoding="utf-8")
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def test_its_examples_are_taken() -> None:
    examples = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        assert parse_request(example.encode(), key_header=None, now=NOW).events


def test_it_names_every_problem_column_and_bound() -> None:
    assert {name for name in PROBLEMS if f"`{name}`" not in TEXT} <= {"not-found", "method"}
    assert [name for name in COLUMNS if f"`{name}`" not in TEXT] == []
    assert f"up to {MAX_EVENTS}" in TEXT
