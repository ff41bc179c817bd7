"""What an interview wants said: content keys with values, never words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing to say. `values` as in `conversation.say.Say`; `replies`: content keys offered as quick replies.

    `input`: the field that a web page may offer for the answer, "date" or "number"; "" for none but free text.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    replies: tuple[str, ...] = ()
    input: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it is kept with the turn that said it."""
        return {"key": self.key, "values": dict(self.values), "replies": list(self.replies), "input": self.input}


def read_line(data: Mapping[str, Any]) -> Line:
    """The inverse of `to_json`."""
    return Line(key=data["key"], values=data["values"], replies=tuple(data["replies"]), input=data.get("input", ""))


def at(key: str) -> str:
    """A value that is itself an approved text."""
    return f"@{key}"


UNITS: Mapping[str, str] = {"a": "years", "mo": "months", "wk": "weeks", "d": "days", "h": "hours", "min": "minutes"}
"""Units of UCUM whose name is another one in each language, and the content key `unit/…` that has it."""


def unit_of(code: str | None, display: str | None) -> str:
    """A unit as a value of a text: in the participant's language where its name differs, else as the questionnaire has it."""
    known = UNITS.get(code or "")
    return at(f"unit/{known}") if known else display or code or ""


def amount_of(value: Decimal | int, *, code: str | None, display: str | None) -> str | dict[str, list[str]]:
    """An amount with its unit, as a value of a text."""
    unit = unit_of(code, display)
    return {"side": [str(value), unit]} if unit else str(value)
