"""enableWhen worked out the plainest way, on JSON, for questionnaires without repeats: what the engine is held against."""

from typing import Any

_COMPARE = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def naive_enabled(questionnaire: dict[str, Any], response: dict[str, Any]) -> list[str]:
    """linkIds in order. Answers of disabled items are struck out until nothing changes."""
    answers: dict[str, Any] = {}
    _gather(response, answers)
    while True:
        enabled = [link for item in questionnaire["item"] for link in _enabled(item, answers)]
        kept = {link: value for link, value in answers.items() if link in enabled}
        if kept == answers:
            return enabled
        answers = kept


def _gather(entry: dict[str, Any], answers: dict[str, Any]) -> None:
    for answer in entry.get("answer", []):
        answers[entry["linkId"]] = next(_plain(value) for name, value in answer.items() if name.startswith("value"))
        _gather(answer, answers)
    for child in entry.get("item", []):
        _gather(child, answers)


def _plain(value: Any) -> Any:
    return value["code"] if isinstance(value, dict) else value


def _enabled(item: dict[str, Any], answers: dict[str, Any]) -> list[str]:
    held = [_holds(condition, answers) for condition in item.get("enableWhen", [])]
    if held and not (all(held) if item["enableBehavior"] == "all" else any(held)):
        return []
    return [item["linkId"], *(link for child in item.get("item", []) for link in _enabled(child, answers))]


def _holds(condition: dict[str, Any], answers: dict[str, Any]) -> bool:
    wanted = next(_plain(value) for name, value in condition.items() if name.startswith("answer"))
    found = answers.get(condition["question"])
    if condition["operator"] == "exists":
        return bool((found is not None) == wanted)
    return found is not None and bool(_COMPARE[condition["operator"]](found, wanted))
