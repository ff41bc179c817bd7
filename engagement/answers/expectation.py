"""What a question expects for an answer: all that reading a participant's text needs to know of an item.

The names follow FHIR R4's Questionnaire, so that the engine fills this in from an item without translation; reading
knows nothing else of questionnaires.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

type Kind = Literal[
    "boolean",
    "integer",
    "decimal",
    "quantity",
    "date",
    "dateTime",
    "time",
    "choice",
    "open-choice",
    "string",
    "text",
    "url",
]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing to choose. `display` is what the participant was shown; `exclusive`: never with another option."""

    code: str
    display: str
    system: str | None = None
    synonyms: tuple[str, ...] = ()
    exclusive: bool = False


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """An amount in a unit. `unit` is as the questionnaire writes it, `code` UCUM's code where the unit is known."""

    value: Decimal
    unit: str | None = None
    code: str | None = None


type Value = bool | int | Decimal | Quantity | Option | str
"""What an answer is made of, by the kind of the expectation:

boolean → bool, integer → int, decimal → Decimal, quantity → Quantity, choice → Option, open-choice → Option or str;
date → str as FHIR has it ("2024", "2024-03" or "2024-03-05"); dateTime → the same, or "2024-03-05T08:30:00-05:00";
time → "08:30:00"; string, text, url → str.
"""


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """An item as the reader sees it.

    `minimum` and `maximum` are of the values' own type: a number (of `unit`) or a FHIR date, dateTime or time.
    `unit`: UCUM code or plain name that a number is in ("kg"), also for decimals and integers. `units`: units a
    quantity may stay in; any other unit is converted to `unit`, or to the first of these. `max_decimals` counts
    digits after the point. `regex` must match the whole text. `partial_date`: a year or a month will do.

    A boolean may have two `options`, coded "true" and "false", where the participant was shown a numbered list: then
    "1" and their labels answer it too. `required` changes nothing in reading: whether "skip" may be is the engine's.
    """

    kind: Kind
    options: tuple[Option, ...] = ()
    repeats: bool = False
    unit: str | None = None
    units: tuple[str, ...] = ()
    minimum: Decimal | int | str | None = None
    maximum: Decimal | int | str | None = None
    min_length: int | None = None
    max_length: int | None = None
    max_decimals: int | None = None
    regex: str | None = None
    partial_date: bool = False
    required: bool = False
