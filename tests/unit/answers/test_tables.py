"""What participants write and how it is read, row by row, in both languages."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from engagement.answers import Expectation, Option, read_answer
from tests.unit.answers.reading_notation import written

TODAY = datetime.date(2026, 11, 24)
"""A Tuesday."""
FOLDER = Path(__file__).with_name("tables")


def expectation_of(said: dict[str, Any]) -> Expectation:
    """An expectation as the tables write it: options by their labels, `exclusive` and `synonyms` beside them."""
    fields = dict(said)
    labels, exclusive = fields.pop("options", []), fields.pop("exclusive", [])
    synonyms = fields.pop("synonyms", {})
    codes = fields.pop("codes", None) or [f"o{number}" for number in range(1, len(labels) + 1)]
    fields["options"] = tuple(
        Option(code=code, display=label, exclusive=label in exclusive, synonyms=tuple(synonyms.get(label, ())))
        for code, label in zip(codes, labels, strict=True)
    )
    fields["units"] = tuple(fields.pop("units", ()))
    for bound in ("minimum", "maximum"):
        if isinstance(fields.get(bound), float):
            fields[bound] = Decimal(str(fields[bound]))
    return Expectation(**fields)


def rows() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8")):
            for text, reading in block["rows"]:
                yield pytest.param(block, text, reading, id=f"{file.stem}-{block['language']}-{text}")


ROWS = list(rows())


@pytest.mark.parametrize(("block", "text", "reading"), ROWS)
def test_reading(block: dict[str, Any], text: str, reading: str) -> None:
    said = read_answer(
        text,
        expectation_of(block["expect"]),
        language=block["language"],
        today=block.get("today", TODAY),
        region=block.get("region"),
        zone=block.get("zone", "UTC"),
        born=block.get("born"),
    )
    assert written(said) == reading


def test_the_tables_are_wide() -> None:
    assert len(ROWS) > 1_000
    assert {row.values[0]["language"] for row in ROWS} >= {"en", "es"}
    kinds = {row.values[0]["expect"]["kind"] for row in ROWS}
    assert kinds >= {"boolean", "integer", "decimal", "quantity", "date", "dateTime", "time", "choice", "open-choice"}
