"""What one answer costs in a questionnaire: how that grows with its length (100 items against 1,000), and in a check-in's turn.

Processor time, not time on the clock, so that a busy machine does not blur it. The forms have what real ones have: choices,
numbers, conditions on earlier answers, a score for every fifty items. Needs no bot and no database.
"""

import gc
import statistics
from dataclasses import dataclass
from datetime import UTC, datetime
from time import process_time_ns
from typing import Any

from engagement.instruments import Instrument
from engagement.interviews import begin, go_on, hear, question_lines
from engagement.questionnaires import Ask, State, Value, apply_answer, parse_questionnaire, start

SIZES = (100, 1_000)
ROUNDS = 3
_ANSWERS = {"boolean": "no", "integer": "2", "decimal": "2.5", "quantity": "70 kg", "date": "yesterday", "time": "8 am"}
"""By type, where there is nothing to choose; other questions are skipped."""
_AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
_CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"


@dataclass(frozen=True, kw_only=True)
class StepCost:
    """Microseconds of one step (record an answer, work out what follows, find the next question, count how far one is), and of
    reading the file."""

    items: int
    mean_us: float
    median_us: float
    worst_us: float
    parse_ms: float


def measure_steps() -> tuple[StepCost, ...]:
    """One `StepCost` for each of `SIZES`; rounds alternate between them, so that nothing slow hits one alone."""
    steps: dict[int, list[float]] = {size: [] for size in SIZES}
    parses: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(ROUNDS):
        for size in SIZES:
            began = process_time_ns()
            form = parse_questionnaire(_questionnaire(size))
            parses[size].append((process_time_ns() - began) / 1e6)
            state, number = start(form, at=_AT), 0
            gc.collect()  # what was made before is not this form's to clear away
            while state.ask is not None:
                item = state.ask.item
                value = item.options[number % 4].value if item.options else Value("integer", number % 7)
                began = process_time_ns()
                after = apply_answer(state, state.ask.place, [value], at=_AT)
                assert isinstance(after, State)  # noqa: S101 - the form takes these answers
                after.progress()
                steps[size].append((process_time_ns() - began) / 1e3)
                state, number = after, number + 1
    return tuple(
        StepCost(
            items=size,
            mean_us=round(statistics.fmean(steps[size]), 1),
            median_us=round(statistics.median(steps[size]), 1),
            worst_us=round(max(steps[size]), 1),
            parse_ms=round(min(parses[size]), 1),
        )
        for size in SIZES
    )


def growth(costs: tuple[StepCost, ...]) -> float:
    """How many times dearer a step is (mean) on the longest form than on the shortest."""
    return round(costs[-1].mean_us / costs[0].mean_us, 2)


def measure_check_in(instrument: Instrument) -> tuple[float, ...]:
    """Milliseconds of each turn: the answers so far opened, the text read and recorded, the next question, all written again."""
    turns = []
    interview = begin(instrument, at=_AT)
    kept = interview.to_text()
    while interview.asked is not None:
        text = _text(interview.asked)
        began = process_time_ns()
        interview = hear(go_on(instrument, kept, at=_AT), text, language="en", at_=_AT).interview
        question_lines(interview, channel="webchat")
        kept = interview.to_text()
        turns.append((process_time_ns() - began) / 1e6)
        assert len(turns) < 1_000, "the answers here lead to an end"  # noqa: S101 - a check-in has some twenty questions
    return tuple(turns)


def _text(ask: Ask) -> str:
    if ask.kind == "another":
        return "no"
    return "1" if ask.item.options else _ANSWERS.get(ask.item.type, "skip")


def _questionnaire(size: int) -> dict[str, Any]:
    options = [
        {"valueCoding": {"system": "http://example.org/options", "code": code, "display": code}} for code in "abcd"
    ]
    items: list[dict[str, Any]] = []
    for number in range(size):
        item: dict[str, Any] = {"linkId": f"q{number}", "type": "choice" if number % 3 else "integer", "required": True}
        if number % 3:
            item["answerOption"] = options
        if number % 4 == 3:
            item["enableWhen"] = [{"question": f"q{number - 3}", "operator": "exists", "answerBoolean": True}]
        if number % 50 == 49:
            item |= {"type": "integer", "readOnly": True, "extension": [_score(number)]}
            item.pop("answerOption", None)
        items.append(item)
    return {"resourceType": "Questionnaire", "status": "active", "item": items}


def _score(number: int) -> dict[str, Any]:
    numbers = [before for before in range(number - 49, number) if before % 3 == 0]
    parts = (
        f"iif(%resource.item.where(linkId='q{one}').answer.exists(), %resource.item.where(linkId='q{one}').answer.value, 0)"
        for one in numbers
    )
    expression = {"language": "text/fhirpath", "expression": " + ".join(parts)}
    return {"url": _CALCULATED, "valueExpression": expression}
