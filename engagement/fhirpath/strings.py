"""FHIRPath's strings (N1 §5.6). Patterns run in `regex`, which can be stopped."""

from collections.abc import Sequence

import regex

from engagement.fhirpath.budget import MAX_STRING
from engagement.fhirpath.environment import Environment
from engagement.fhirpath.errors import BudgetSpent, ExpressionFailed
from engagement.fhirpath.nodes import Item
from engagement.fhirpath.operators import one

ARITIES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(
        ("indexOf", "lastIndexOf", "startsWith", "endsWith", "contains", "matches", "matchesFull", "split"), (1, 1)
    ),
    **dict.fromkeys(("upper", "lower", "length", "toChars", "trim"), (0, 0)),
    **dict.fromkeys(("replace", "replaceMatches"), (2, 2)),
    "substring": (1, 2),
    "join": (0, 1),
}
MATCH_SECONDS = 0.2
"""How long one pattern may run: the only bound here that is a time, as a pattern's steps can't be counted."""
MAX_PATTERN = 1_000
"""Characters of a pattern."""


def text(items: Sequence[Item]) -> str:
    """The only member, which must be a string."""
    item = one(items)
    if not isinstance(item, str):
        raise ExpressionFailed("a string is expected")
    return item


def matches(pattern: str, subject: str, *, whole: bool) -> bool:
    """Whether a pattern of someone else's matches; `ExpressionFailed` where it is none, `BudgetSpent` where it takes too long."""
    try:
        compiled = compile_pattern(pattern)
        found = (compiled.fullmatch if whole else compiled.search)(subject, timeout=MATCH_SECONDS)
    except TimeoutError:
        raise BudgetSpent from None
    return found is not None


def compile_pattern(pattern: str) -> "regex.Pattern[str]":
    """The pattern; `ExpressionFailed` where it is none or too long."""
    if len(pattern) > MAX_PATTERN:
        raise ExpressionFailed(f"the pattern is longer than {MAX_PATTERN} characters")
    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError, MemoryError, ValueError) as error:
        raise ExpressionFailed(f"'{pattern[:60]}' is no pattern: {error}") from None


def call(name: str, items: Sequence[Item], values: Sequence[list[Item]], env: Environment) -> list[Item]:
    """A function of this module; `values`: its arguments, evaluated."""
    if name == "join":
        found = (text(values[0]) if values and values[0] else "").join(text([item]) for item in items)
        return [_short(found)]
    if not items or any(not value for value in values):
        return []
    subject = text(items)
    env.budget.spend(len(subject) // 100)
    if name == "substring":
        return _substring(subject, values)
    arguments = [text(value) for value in values]
    return _on(name, subject, arguments, env)


def _on(name: str, subject: str, arguments: Sequence[str], env: Environment) -> list[Item]:
    match name:
        case "indexOf":
            return [subject.find(arguments[0])]
        case "lastIndexOf":
            return [subject.rfind(arguments[0])]
        case "startsWith":
            return [subject.startswith(arguments[0])]
        case "endsWith":
            return [subject.endswith(arguments[0])]
        case "contains":
            return [arguments[0] in subject]
        case "upper":
            return [subject.upper()]
        case "lower":
            return [subject.lower()]
        case "length":
            return [len(subject)]
        case "toChars":
            env.budget.spend(len(subject))
            return list(subject)
        case "trim":
            return [subject.strip()]
        case "split":
            return list(subject.split(arguments[0])) if arguments[0] else list(subject)
        case "replace":
            return [_replaced(subject, *arguments)]
        case "replaceMatches":
            try:
                found = compile_pattern(arguments[0]).sub(
                    _group_references(arguments[1]), subject, timeout=MATCH_SECONDS
                )
            except TimeoutError:
                raise BudgetSpent from None
            except (regex.error, IndexError) as error:
                raise ExpressionFailed(str(error)) from None
            return [_short(found)]
        case _:
            env.budget.spend(50)
            return [matches(arguments[0], subject, whole=name == "matchesFull")]


def _replaced(subject: str, pattern: str, by: str) -> str:
    if (subject.count(pattern) + 1) * len(by) + len(subject) > MAX_STRING:
        raise BudgetSpent
    return subject.replace(pattern, by)


def _group_references(by: str) -> str:
    """$1 as Python's \\1."""
    return regex.sub(r"\$(\d)", r"\\g<\1>", by.replace("\\", "\\\\"))


def _substring(subject: str, values: Sequence[list[Item]]) -> list[Item]:
    numbers = [one(value) for value in values]
    if any(not isinstance(number, int) for number in numbers):
        raise ExpressionFailed("substring() takes whole numbers")
    start = int(numbers[0])  # type: ignore[arg-type]
    if not 0 <= start < len(subject):
        return []
    return [subject[start:] if len(numbers) < 2 else subject[start : start + max(int(numbers[1]), 0)]]  # type: ignore[arg-type]


def _short(found: str) -> str:
    if len(found) > MAX_STRING:
        raise BudgetSpent
    return found
