"""How a reading is written in the tables of this folder, one short line each.

`true`, `5.5`, `77.11 kg`, `2024-03`, `Several days | Tremor` are values; `(approximate)` a note; `? 5 | 6 (range)` is
asked back; `! not-whole` is invalid; `none` no value; `-` not understood; `?` a question; `dont-know`, `prefer-not`,
`command back`, `command change: my weight`.
"""

from engagement.answers import (
    Ambiguous,
    Command,
    DontKnow,
    Invalid,
    LooksLikeQuestion,
    Option,
    PreferNot,
    Quantity,
    Reading,
    Understood,
    Value,
)


def written(reading: Reading) -> str:
    """The line for a reading."""
    match reading:
        case Understood(values=values, notes=notes, asked=asked):
            said = " | ".join(value_written(value) for value in values) or "none"
            said += f" ({', '.join(note.code for note in notes)})" if notes else ""
            return f"{said} + {asked}" if asked else said
        case Ambiguous(candidates=candidates, doubt=doubt):
            return f"? {' | '.join(value_written(value) for value in candidates)} ({doubt})"
        case Invalid(problem=problem):
            return f"! {problem}"
        case LooksLikeQuestion():
            return "?"
        case DontKnow():
            return "dont-know"
        case PreferNot():
            return "prefer-not"
        case Command(kind=kind, rest=rest):
            return f"command {kind}: {rest}" if rest else f"command {kind}"
    return "-"


def value_written(value: Value) -> str:
    """The line for one value."""
    match value:
        case bool():
            return str(value).lower()
        case Option():
            return value.display
        case Quantity():
            return f"{value.value} {value.unit}" if value.unit else str(value.value)
    return str(value)
