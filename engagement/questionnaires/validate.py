"""What a response lacks before it is complete."""

from collections.abc import Sequence

from engagement.questionnaires.asking import has_answers
from engagement.questionnaires.check_values import Problem, fit_values
from engagement.questionnaires.item import Item, Place
from engagement.questionnaires.view import View


def validate(view: View) -> list[Problem]:
    """Every problem, in the order of the items: required answers that are missing, values beyond their limits.

    Only of what a participant can be asked: disabled and hidden items, calculated ones and those of unsupported kinds lack nothing.
    """
    found: list[Problem] = []
    for item, place in view.questions():
        values = view.answers.get(place, ())
        if not values and item.required:
            found.append(Problem(code="required", link_id=item.link_id, place=place))
        elif values:
            found += fit_values(item, place, values)[1]
            if (least := item.limits.min_occurs) and len(values) < least:
                params = {"minimum": str(least)}
                found.append(Problem(code="too-few", link_id=item.link_id, place=place, params=params))
    groups = [item for item in view.form.items if item.type == "group" and item.required]
    askable = [place for _, place in view.questions()] if groups else []
    for item in groups:
        found += _empty(view, item, askable)
    return sorted(found, key=lambda problem: problem.place)


def _empty(view: View, item: Item, askable: Sequence[Place]) -> list[Problem]:
    """A required group has an answer in each of its instances, as far as it has questions that can be asked."""
    inside = [place for place in askable if item.number < place.item < item.end]
    found = []
    for place in view.places(item.number):
        times = [(*place.at, index) for index in range(view.count(place))] if item.multiplies else [place.at]
        for at in times:
            asked = any(one.at[: len(at)] == at for one in inside)
            if asked and not has_answers(view, item, at):
                found.append(Problem(code="required", link_id=item.link_id, place=Place(item.number, at)))
    return found
