"""An item of a questionnaire, as the engine works with it: flat in one list, in the order of the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from engagement.fhirpath import Expr
from engagement.questionnaires.values import Coding, Value
from engagement.questionnaires.words import NO_WORDS, Words

type ItemType = Literal[
    "group",
    "display",
    "boolean",
    "decimal",
    "integer",
    "date",
    "dateTime",
    "time",
    "string",
    "text",
    "url",
    "choice",
    "open-choice",
    "attachment",
    "reference",
    "quantity",
]
type Operator = Literal["exists", "=", "!=", ">", "<", ">=", "<="]


class Place(NamedTuple):
    """Where an answer stands: the item's number, and which instance of each repeating ancestor (from 0, outermost first)."""

    item: int
    at: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One enableWhen: the linkId asked about, and what its answer is held against."""

    question: str
    operator: Operator
    answer: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerOption:
    """One thing to choose."""

    value: Value
    words: Words
    """What the participant reads."""
    prefix: str = ""
    initial: bool = False
    exclusive: bool = False
    weight: Decimal | int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What an answer must keep to; None where the item does not say."""

    minimum: Value | None = None
    maximum: Value | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    max_decimals: int | None = None
    min_occurs: int | None = None
    max_occurs: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """A FHIRPath expression of the questionnaire; `name` that of a variable."""

    text: str
    parsed: Expr
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One item. `number` is its place in `Form.items` (depth first), `end` the number after its last descendant."""

    number: int
    end: int
    parent: int | None
    over: tuple[int, ...]
    """The ancestors that may occur several times: repeating groups, and repeating questions (their answers' children)."""
    path: str
    """Where it stands in the file: "item[2].item[0]"."""
    link_id: str
    type: ItemType
    text: Words = NO_WORDS
    prefix: Words = NO_WORDS
    help: Words = NO_WORDS
    """From a display item of the kind help, flyover or instructions beneath it."""
    short: Words = NO_WORDS
    """shortText: where space is short."""
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    """By its own extension; what is below a hidden item is hidden too."""
    control: str = ""
    """itemControl's code (radio-button, check-box, slider…), "" without one."""
    orientation: str = ""
    """horizontal or vertical."""
    entry_format: Words = NO_WORDS
    support_link: str = ""
    options: tuple[AnswerOption, ...] = ()
    limits: Limits = Limits()
    unit: Coding | None = None
    units: tuple[Coding, ...] = ()
    conditions: tuple[Condition, ...] = ()
    any_condition: bool = False
    """enableBehavior any; else all."""
    initial: tuple[Value, ...] = ()
    enable_expression: Expression | None = None
    initial_expression: Expression | None = None
    calculated: Expression | None = None
    variables: tuple[Expression, ...] = ()
    signals: frozenset[str] = frozenset()
    """Addresses of the extensions that mean something to others, such as a sensitive item's."""
    askable: bool = True
    """A question whose answer a participant can give: neither calculated nor of an unsupported kind."""
    multiplies: bool = False
    """What is below it may occur several times."""
    raw: Mapping[str, Any] = field(default=MappingProxyType({}), compare=False, repr=False)

    @property
    def is_question(self) -> bool:
        """Whether it takes answers: all but groups and displays."""
        return self.type not in ("group", "display")

    @property
    def has_children(self) -> bool:
        """Whether anything is below it."""
        return self.end > self.number + 1
