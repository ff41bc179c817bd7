"""What comes next: the first question that is open, with what is to be said before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engagement.questionnaires.item import Item, Place
from engagement.questionnaires.values import Value
from engagement.questionnaires.view import View

MOST_INSTANCES = 50
"""Of a repeating group that sets no limit itself."""
_NOT_SAID = ("help", "flyover", "instructions", "unit", "lower", "upper")
"""Displays that belong to the question above them and come with it, not before the next."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question. `another`: whether there is one more of a repeating group (yes or no), `count` are there already.

    `lead`: displays and group headings that stand between the question before and this one. `beside`: displays below it.
    """

    kind: Literal["question", "another"]
    place: Place
    item: Item
    lead: tuple[Item, ...] = ()
    beside: tuple[Item, ...] = ()
    suggested: tuple[Value, ...] = ()
    """Its initial values, which stand until it is answered: worth showing for confirmation."""
    count: int = 0


def find_ask(view: View, low: int, *, back: bool = False) -> tuple[Ask | None, int]:
    """The next question at or after item `low`, before which none is open, and where to start looking the next time.

    `back`: what is to be said before it may stand before `low`.
    """
    items = view.form.items
    while back and low > 0 and not _parts(view, low - 1):
        low -= 1
    low = view.form.base(low) if low < len(items) else low
    start = low
    above = items[low].parent if low < len(items) else None
    while above is not None:
        if (
            items[above].hidden
            or Place(above) in view.shut
            or (items[above].is_question and Place(above) not in view.answers)
        ):
            start = items[above].end
        above = items[above].parent
    lead: list[Item] = []
    found = _find(view, start, len(items), (), lead)
    if found is None:
        return None, len(items)
    return found, view.form.base((found.lead[0] if found.lead else found.item).number)


def _parts(view: View, number: int) -> bool:
    """Whether this item is a question that is asked, so that what stands before it is not said after it."""
    item = view.form.items[number]
    return item.askable and not item.hidden and any(view.is_present(place) for place in view.places(number))


def _find(view: View, start: int, end: int, at: tuple[int, ...], lead: list[Item]) -> Ask | None:
    items = view.form.items
    while start < end:
        item = items[start]
        place = Place(start, at)
        if item.hidden or place in view.shut:
            start = item.end
            continue
        if item.is_question:
            if view.is_open(item, place):
                return question_at(view, item, place, lead)
            if item.askable or place in view.answers:
                lead.clear()
        elif item.text and item.control not in _NOT_SAID and not _is_beside(view, item):
            lead.append(item)
        if item.multiplies:
            found = _find_inside(view, item, place, lead)
            if found is not None:
                return found
            start = item.end
        else:
            start = item.end if item.is_question and place not in view.answers else start + 1
    return None


def _find_inside(view: View, item: Item, place: Place, lead: list[Item]) -> Ask | None:
    """In the instances of a repeating group, or below the answers of a repeating question."""
    times = len(view.answers.get(place, ())) if item.is_question else view.count(place)
    for index in range(times):
        found = _find(view, item.number + 1, item.end, (*place.at, index), lead)
        if found is not None:
            return found
    if item.is_question or place in view.passed or not has_answers(view, item, (*place.at, times - 1)):
        return None
    if times >= (item.limits.max_occurs or MOST_INSTANCES):
        return None
    return Ask(kind="another", place=place, item=item, lead=tuple(lead), count=times)


def question_at(view: View, item: Item, place: Place, lead: Sequence[Item] = ()) -> Ask:
    """The question of an item at a place, whether it is its turn or not."""
    suggested = view.answers.get(place, ()) if place in view.suggested else ()
    beside = _beside(view, place)
    return Ask(kind="question", place=place, item=item, lead=tuple(lead), beside=beside, suggested=suggested)


def has_answers(view: View, item: Item, at: tuple[int, ...]) -> bool:
    """Whether a participant's answer stands in this instance of a group."""
    for number in range(item.number + 1, item.end):
        below = view.form.items[number]
        if below.askable and not below.read_only and any(where in view.answers for where in view.places(number, at)):
            return True
    return False


def _is_beside(view: View, item: Item) -> bool:
    return item.parent is not None and view.form.items[item.parent].is_question and item.type == "display"


def _beside(view: View, place: Place) -> tuple[Item, ...]:
    item = view.form.items[place.item]
    if not item.has_children or item.multiplies:
        return ()
    below = (view.form.items[number] for number in view.form.children[item.number + 1])
    return tuple(
        one
        for one in below
        if one.type == "display" and one.control not in _NOT_SAID and one.text and not one.hidden
        if Place(one.number, place.at) not in view.shut
    )
