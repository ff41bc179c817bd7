"""Which questions bring a field of their own for the answer, and that it is kept with what was said."""

from datetime import UTC, datetime

import pytest

from engagement.instruments import Instrument
from engagement.interviews import Line, begin, question_lines
from engagement.interviews.interview import Interview
from engagement.interviews.lines import read_line
from engagement.questionnaires import parse_questionnaire, write_json

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
OPTIONS = [{"valueCoding": {"code": "a", "display": "A"}}]


def asking(**item: object) -> Interview:
    """An interview with one question."""
    form = {"resourceType": "Questionnaire", "status": "active", "item": [{"linkId": "q", "text": "Q?", **item}]}
    parsed = parse_questionnaire(write_json(form).encode())
    return begin(Instrument(name="one", form=parsed, sha256=""), at=AT)


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"type": "date"}, "date"),
        ({"type": "integer"}, "number"),
        ({"type": "decimal"}, "number"),
        ({"type": "quantity"}, "number"),
        ({"type": "dateTime"}, ""),
        ({"type": "string"}, ""),
        ({"type": "text"}, ""),
        ({"type": "boolean"}, ""),
        ({"type": "choice", "answerOption": OPTIONS}, ""),
        ({"type": "integer", "answerOption": [{"valueInteger": 1}, {"valueInteger": 2}]}, ""),
        ({"type": "date", "initial": [{"valueDate": "2026-01-02"}]}, ""),
    ],
)
def test_a_date_or_a_number_has_a_field(item: dict[str, object], field: str) -> None:
    for channel in ("webchat", "sms"):
        [line] = question_lines(asking(**item), channel=channel)
        assert line.input == field


def test_an_amount_in_a_unit_has_a_field() -> None:
    unit = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
        "valueCoding": {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kg"},
    }
    [line] = question_lines(asking(type="quantity", extension=[unit]), channel="webchat")
    assert (line.key, line.input) == ("ask/amount", "number")


def test_a_line_is_read_back_as_it_was_kept_also_from_before_there_were_fields() -> None:
    line = Line(key="ask/date", values={"number": 1}, replies=("replies/yes",), input="date")
    assert read_line(line.to_json()) == line
    old = line.to_json()
    del old["input"]
    assert read_line(old).input == ""
