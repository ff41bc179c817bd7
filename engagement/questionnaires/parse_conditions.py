"""enableWhen of one item: a condition that can't be read is named, and then it is better to ask in vain than to leave out."""

from collections.abc import Mapping
from typing import Any

from engagement.questionnaires.form import Note
from engagement.questionnaires.item import Condition
from engagement.questionnaires.reader import Reader
from engagement.questionnaires.values import read_value

_OPERATORS = ("exists", "=", "!=", ">", "<", ">=", "<=")


def read_conditions(
    reader: Reader, data: Mapping[str, Any], path: str, link_id: str, *, any_: bool
) -> tuple[Condition, ...]:
    """The conditions that can be worked out. `any_`: one is enough, so where one can't be read none is left to hold back the item."""
    found: list[Condition] = []
    unread = False
    for where, one in reader.objects(data, "enableWhen", path, link_id):
        condition = _read(reader, one, where, link_id)
        if isinstance(condition, str):
            reader.notes.append(Note(kind="unsupported", link_id=link_id, feature=f"enableWhen ({condition})"))
            unread = True
        else:
            found.append(condition)
    return () if unread and any_ else tuple(found)


def _read(reader: Reader, data: Mapping[str, Any], where: str, link_id: str) -> Condition | str:
    """The condition, or why it can't be worked out."""
    question = reader.text(data, "question", where, link_id)
    operator = reader.text(data, "operator", where, link_id)
    if "operator" not in data:
        reader.doubt("enableWhen without operator (STU3), taken as = or exists", link_id)
        operator = "exists" if "hasAnswer" in data else "="
        data = {**data, "answerBoolean": data["hasAnswer"]} if "hasAnswer" in data else data
    if not question:
        return "without question"
    if operator not in _OPERATORS:
        return f"operator '{operator[:20]}'"
    if operator == "exists":
        if not any(name.startswith("answer") for name in data):
            reader.doubt("enableWhen exists without answer, taken as true", link_id)
            data = {**data, "answerBoolean": True}
        elif "answerBoolean" in data:
            data = {**data, "answerBoolean": reader.flag(data, "answerBoolean", where, link_id)}
    try:
        answer = read_value(data, "answer")
    except ValueError as error:
        return str(error)
    if answer is None:
        return "without an answer of a known type"
    if operator == "exists" and answer.type != "boolean":
        return f"exists with a {answer.type}"
    return Condition(question=question, operator=operator, answer=answer)  # type: ignore[arg-type]
