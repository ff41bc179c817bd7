"""What reading a participant's text came to: one of a few frozen outcomes, each with what the dialogue needs to go on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engagement.answers.expectation import Value

type CommandKind = Literal["back", "skip", "continue", "pause", "restart", "why", "help", "change", "repeat", "person"]

type NoteCode = Literal["converted", "approximate", "corrected", "rounded", "assumed"]

type Doubt = Literal["day-or-month", "range", "close-options", "am-or-pm", "several", "which-year", "unit", "yes-or-no"]

type Problem = Literal[
    "below-minimum",
    "above-maximum",
    "too-short",
    "too-long",
    "too-many-decimals",
    "not-whole",
    "pattern",
    "exclusive-with-others",
    "one-only",
    "no-such-option",
    "no-such-date",
    "needs-full-date",
    "needs-time",
    "not-a-url",
    "wrong-unit",
]


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something done to the words on the way to the value, worth saying back.

    converted: `said` (the participant's words), `unit` and `to_unit` (UCUM codes); approximate: nothing ("about 5");
    corrected: `said`, `taken` (a misspelt option);
    rounded: nothing (an amount brought to the decimals the item allows, after a conversion);
    assumed: nothing (a month or day without its year, or a weekday, was taken as the last one past, or the next one
    where the item asks for what is to come).
    """

    code: NoteCode
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Understood:
    """The answer. `values` is empty where the participant chose none of the options of a repeating item."""

    values: tuple[Value, ...]
    notes: tuple[Note, ...] = ()
    asked: str = ""
    """A question that came with the answer, as written: it wants an answer too."""


@dataclass(frozen=True, kw_only=True)
class Ambiguous:
    """Two or more readings are possible: ask back which of the candidates was meant. For a range, its two ends."""

    candidates: tuple[Value, ...]
    doubt: Doubt


@dataclass(frozen=True, kw_only=True)
class Invalid:
    """Understood, but the item does not allow it: `values` is what was read, `params` what the problem's words need.

    below-minimum `minimum`; above-maximum `maximum`; too-short `minimum`; too-long `maximum`; too-many-decimals
    `maximum`; no-such-option `said`, `count`; wrong-unit `unit`, `expected`; the others have none.
    """

    problem: Problem
    values: tuple[Value, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NotUnderstood:
    """Nothing that answers the question: ask again with an example."""


@dataclass(frozen=True, kw_only=True)
class LooksLikeQuestion:
    """The participant asks something instead: answer that, then ask the item again."""


@dataclass(frozen=True, kw_only=True)
class DontKnow:
    """The participant does not know."""


@dataclass(frozen=True, kw_only=True)
class PreferNot:
    """The participant would rather not say."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """The whole message steers the questionnaire. `rest`: for `change`, what is to be changed, as written."""

    kind: CommandKind
    rest: str = ""


type Reading = Understood | Ambiguous | Invalid | NotUnderstood | LooksLikeQuestion | DontKnow | PreferNot | Command
