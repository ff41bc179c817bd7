"""Reading answers: a participant's free text, in English or Spanish, as the typed values a question expects."""

from engagement.answers.expectation import Expectation, Kind, Option, Quantity, Value
from engagement.answers.read import read_answer
from engagement.answers.reading import (
    Ambiguous,
    Command,
    CommandKind,
    DontKnow,
    Doubt,
    Invalid,
    LooksLikeQuestion,
    Note,
    NotUnderstood,
    PreferNot,
    Problem,
    Reading,
    Understood,
)

__all__ = [
    "Ambiguous",
    "Command",
    "CommandKind",
    "DontKnow",
    "Doubt",
    "Expectation",
    "Invalid",
    "Kind",
    "LooksLikeQuestion",
    "NotUnderstood",
    "Note",
    "Option",
    "PreferNot",
    "Problem",
    "Quantity",
    "Reading",
    "Understood",
    "Value",
    "read_answer",
]
