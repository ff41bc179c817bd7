"""enableWhen (FHIR R4 Questionnaire): which answer a condition looks at, and whether it holds."""

from collections.abc import Iterator

from engagement.questionnaires.item import Condition, Item, Place
from engagement.questionnaires.values import Value, compare
from engagement.questionnaires.view import View


def conditions_hold(view: View, item: Item, place: Place) -> bool:
    """Whether the enableWhen of an item hold at a place; true without any."""
    if not item.conditions:
        return True
    held = (condition_holds(view, condition, place) for condition in item.conditions)
    return any(held) if item.any_condition else all(held)


def condition_holds(view: View, condition: Condition, place: Place) -> bool:
    """One enableWhen. Any of several answers may fulfil it; without an answer only `exists` can hold.

    An item that is not there, or is disabled (its answers are gone), counts as unanswered.
    """
    source = view.form.by_link.get(condition.question)
    answers = () if source is None else next(_nearest(view, place, source), ())
    if condition.operator == "exists":
        return bool(answers) is (condition.answer.value is True)
    return any(compare(answer, condition.answer, condition.operator) for answer in answers)


def _nearest(view: View, place: Place, source: int) -> Iterator[tuple[Value, ...]]:
    """The answers of an item as seen from a place, the nearest occurrence first: above, before, after (R4, enableWhen.question).

    Within the repeating ancestors that both share it is the same instance. Below a repeating question, that question's answer
    is the one the place stands below.
    """
    form = view.form
    over, other = form.items[place.item].over, form.items[source].over
    if source in over:
        depth = over.index(source)
        answers = view.answers.get(Place(source, place.at[:depth]), ())
        yield answers[place.at[depth] : place.at[depth] + 1] if form.items[source].is_question else ()
        return
    shared = 0
    while shared < min(len(over), len(other)) and over[shared] == other[shared]:
        shared += 1
    places = view.places(source, place.at[:shared])
    for found in reversed(places) if source < place.item else places:
        if answers := view.answers.get(found, ()):
            yield answers
