"""A QuestionnaireResponse back into answers: to go on where someone stopped, and to see what it enables."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engagement.questionnaires.errors import BadResponse
from engagement.questionnaires.form import Form
from engagement.questionnaires.item import Place
from engagement.questionnaires.state import State, settled
from engagement.questionnaires.values import Value, read_value
from engagement.questionnaires.work import Work

MOST_ENTRIES = 50_000
"""Items and answers of a response."""


def restore(
    form: Form,
    response: Mapping[str, Any],
    *,
    at: datetime,
    context: Mapping[str, Any] | None = None,
    passed: Sequence[Place] = (),
    suggested: Sequence[Place] = (),
) -> State:
    """The state that gave this response, calculated anew. `passed`, `suggested`: of the state that was, which a response can't say.

    Initial values are not put in again. `BadResponse` where it is none, or has values of a wrong type.
    """
    work = Work(form, at=at, context=context)
    _Reader(work, response).read()
    work.passed |= set(passed)
    work.suggested |= {place for place in suggested if place in work.answers}
    work.expect_all()
    work.settle()
    for place in [place for place in work.answers if not work.is_present(place)]:
        work.set_answers(place, ())
    return settled(work, context or {}, ())


def enabled_under(form: Form, response: Mapping[str, Any], *, at: datetime) -> list[str]:
    """The linkIds of the items that are enabled under these answers, displays and groups too, in the questionnaire's order.

    Answers count as they are given, calculated ones too; those of items that are disabled do not count.
    """
    work = Work(form, at=at, filling=False)
    _Reader(work, response).read()
    work.expect_all()
    work.settle()
    return [item.link_id for item in form.items if any(work.is_enabled(place) for place in work.places(item.number))]


class _Reader:
    """Puts a response's answers where they belong, also where a program nested them otherwise than the questionnaire does."""

    def __init__(self, work: Work, response: Mapping[str, Any]) -> None:
        if response.get("resourceType") != "QuestionnaireResponse":
            raise BadResponse(f"{str(response.get('resourceType'))[:40]!r} is no QuestionnaireResponse")
        self.work, self.form, self.response = work, work.form, response
        self.answers: dict[Place, list[Value]] = defaultdict(list)
        self.times: dict[Place, int] = defaultdict(int)

    def read(self) -> None:
        """All at once, without recursion; the work's own collections are filled."""
        waiting: list[tuple[Any, dict[int, int]]] = [(self.response.get("item"), {})]
        entries = 0
        while waiting:
            items, inside = waiting.pop()
            if items is not None and not isinstance(items, list):
                raise BadResponse("item must be an array")
            below = []
            for entry in items or ():
                entries += 1
                if entries > MOST_ENTRIES or not isinstance(entry, Mapping):
                    raise BadResponse(
                        "the response is too large" if entries > MOST_ENTRIES else "an item must be an object"
                    )
                below += self._entry(entry, inside)
            waiting += reversed(below)
        for place, values in self.answers.items():
            self.work.answers[place] = tuple(values)
        for place, times in self.times.items():
            if times > 1 and self.form.items[place.item].multiplies:
                self.work.instances[place] = times

    def _entry(self, entry: Mapping[str, Any], inside: dict[int, int]) -> list[tuple[Any, dict[int, int]]]:
        """Take one item in; give back what stands below it and which instances that is in."""
        number = self.form.by_link.get(str(entry.get("linkId")))
        answers = entry.get("answer")
        if answers is not None and not isinstance(answers, list):
            raise BadResponse(f"the answer of {entry.get('linkId')} must be an array")
        below = [(entry.get("item"), inside)]
        if number is None:
            return below
        item = self.form.items[number]
        place = Place(number, tuple(inside.get(above, 0) for above in item.over))
        if item.type == "group":
            if item.multiplies:
                below = [(entry.get("item"), inside | {number: self.times[place]})]
            self.times[place] += 1
            return below
        for answer in answers or ():
            if not isinstance(answer, Mapping):
                raise BadResponse(f"an answer of {item.link_id} must be an object")
            try:
                value = read_value(answer)
            except ValueError as error:
                raise BadResponse(f"{item.link_id}: {error}") from None
            if value is None or not item.is_question:
                continue
            index = len(self.answers[place])
            if value.type == "Coding":
                value = next((option.value for option in item.options if option.value.is_same_choice(value)), value)
            self.answers[place].append(value)
            below.append((answer.get("item"), inside | {number: index} if item.multiplies else inside))
        return below
