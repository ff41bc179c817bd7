"""What a turn wants said: content keys with values, never words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Say:
    """One thing to say. `values` fill the text's placeholders; a value that starts with "@" is itself a content key.

    `replies`: content keys offered as quick replies, beside those of the text. `input`: the field that the web chat offers
    for the answer, beside free text: "date", "number" or "" for none.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    purpose: str = "reply"
    replies: tuple[str, ...] = ()
    input: str = ""


def when_expected(kind: str, hours: int) -> dict[str, Any]:
    """The values of `person/coming`: by when a person answers, from `engagement.studies.decide_expected`."""
    return {"expected": f"@expected/{kind}", "hours": hours}
