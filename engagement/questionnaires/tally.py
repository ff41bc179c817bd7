"""How far a questionnaire is, counted once: after an answer only the items around it are counted again."""

from engagement.questionnaires.form import Form
from engagement.questionnaires.item import Place
from engagement.questionnaires.view import View

type Tally = dict[int, tuple[int, int]]
"""Item that stands once → questions done (answered or skipped) and in all, in itself and below it, as far as they are open."""


def count(view: View, tally: Tally) -> tuple[int, int]:
    """Questions done and in all. What `tally` lacks is counted and put there."""
    done = total = 0
    for number in view.form.children[0]:
        own_done, own_total = tally[number] if number in tally else _counted(view, tally, number)
        done += own_done
        total += own_total
    return done, total


def miscount(form: Form, number: int, tally: Tally) -> None:
    """Something has changed at an item: it and what it stands in must be counted anew."""
    above: int | None = form.base(number)
    while above is not None:
        tally.pop(above, None)
        above = form.items[above].parent


def _counted(view: View, tally: Tally, number: int) -> tuple[int, int]:
    item, place = view.form.items[number], Place(number)
    done = total = 0
    if item.hidden or place in view.shut:
        pass
    elif item.multiplies:
        for _, one in view.questions_in(item):
            total += 1
            done += view.is_done(one)
    else:
        if item.askable and not item.read_only:
            total, done = 1, int(view.is_done(place))
        if not item.is_question or place in view.answers:
            for child in view.form.children[number + 1]:
                own_done, own_total = tally[child] if child in tally else _counted(view, tally, child)
                done += own_done
                total += own_total
    tally[number] = (done, total)
    return done, total
