"""A questionnaire under way: each step takes a state and gives a new one."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from engagement.questionnaires.asking import MOST_INSTANCES, Ask, find_ask
from engagement.questionnaires.check_values import Problem, fit_values
from engagement.questionnaires.form import Form, Note
from engagement.questionnaires.item import Place
from engagement.questionnaires.tally import Tally, count
from engagement.questionnaires.tree import Kept
from engagement.questionnaires.values import Value
from engagement.questionnaires.view import View
from engagement.questionnaires.work import Work


@dataclass(frozen=True, kw_only=True, eq=False)
class State(View):
    """Frozen; its collections must not be written to. `ask` is the next question, None where all is answered."""

    form: Form
    answers: Mapping[Place, tuple[Value, ...]]
    instances: Mapping[Place, int]
    shut: AbstractSet[Place]
    passed: AbstractSet[Place]
    suggested: AbstractSet[Place]
    ask: Ask | None
    low: int
    context: Mapping[str, Any] = field(default=MappingProxyType({}), repr=False)
    """Resources that expressions may see by name (%patient), as JSON."""
    retired: frozenset[str] = frozenset()
    """Expressions that took too much work and are left out."""
    kept: Kept = field(default_factory=dict, repr=False)
    tally: Tally = field(default_factory=dict, repr=False)
    notes: tuple[Note, ...] = ()
    """What went wrong with expressions and initial values on the way."""

    def progress(self) -> tuple[int, int]:
        """Questions done (answered or skipped) and questions in all, as far as the answers so far open them."""
        return count(self, self.tally)


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A step that was not taken; the state stays as it was."""

    problems: tuple[Problem, ...]


def start(form: Form, *, at: datetime, context: Mapping[str, Any] | None = None) -> State:
    """A questionnaire that begins, with its initial values. `at`: aware, what today() says; `context`: see `State`."""
    work = Work(form, at=at, context=context)
    work.fill_all()
    work.expect_all()
    return settled(work, context or {}, ())


def apply_answer(state: State, place: Place, values: Sequence[Value], *, at: datetime) -> State | Refused:
    """Answer, or answer anew, or confirm what is suggested by giving it.

    What no longer applies is dropped, what now applies comes up; no values take the answer back.
    """
    refused = _refused(state, place)
    if refused is not None:
        return refused
    item = state.form.items[place.item]
    fitted, problems = fit_values(item, place, values)
    if problems:
        return Refused(problems=tuple(problems))
    work = _opened(state, at)
    work.ask_again(place)
    work.set_answers(place, fitted)
    return settled(work, state.context, state.notes)


def skip(state: State, place: Place, *, at: datetime) -> State | Refused:
    """Leave a question unanswered for good, unless it is required. Its answer, if it has one, goes."""
    refused = _refused(state, place)
    if refused is not None:
        return refused
    item = state.form.items[place.item]
    if item.required:
        return Refused(problems=(Problem(code="required", link_id=item.link_id, place=place),))
    work = _opened(state, at)
    work.set_answers(place, ())
    work.pass_over(place)
    return settled(work, state.context, state.notes)


def answer_another(state: State, place: Place, more: bool, *, at: datetime) -> State | Refused:
    """Whether there is one more of the repeating group at `place`."""
    item = state.form.items[place.item]
    if item.type != "group" or not item.multiplies or not _exists(state, place) or not state.is_present(place):
        return Refused(problems=(Problem(code="not-asked", link_id=item.link_id, place=place),))
    most = item.limits.max_occurs or MOST_INSTANCES
    if more and state.count(place) >= most:
        problem = Problem(code="too-many", link_id=item.link_id, place=place, params={"maximum": str(most)})
        return Refused(problems=(problem,))
    work = _opened(state, at)
    if more:
        work.passed.discard(place)
        work.add_instance(place)
    else:
        work.pass_over(place)
    return settled(work, state.context, state.notes)


def remove_instance(state: State, place: Place, index: int, *, at: datetime) -> State | Refused:
    """Take back one instance (from 0) of the repeating group at `place`; the last one that is left is emptied."""
    item = state.form.items[place.item]
    usable = item.type == "group" and item.multiplies and _exists(state, place) and state.is_present(place)
    if not usable or not 0 <= index < state.count(place):
        return Refused(problems=(Problem(code="not-asked", link_id=item.link_id, place=place),))
    work = _opened(state, at)
    work.drop_instance(place, index)
    return settled(work, state.context, state.notes)


def question_before(state: State, place: Place | None) -> Place | None:
    """The last question before `place` that has been answered or skipped; before None the last of all."""
    before = None
    for _, found in state.questions():
        if found == place:
            break
        if state.is_done(found):
            before = found
    return before


def _refused(state: State, place: Place) -> Refused | None:
    item = state.form.items[place.item]
    code = ""
    if not item.askable or item.read_only or not _exists(state, place) or not state.is_enabled(place):
        code = "not-asked"
    elif not state.is_present(place):
        code = "not-open"
    return Refused(problems=(Problem(code=code, link_id=item.link_id, place=place),)) if code else None


def _exists(state: State, place: Place) -> bool:
    """Whether there are such instances."""
    over = state.form.items[place.item].over
    return len(over) == len(place.at) and all(
        0 <= index < state.count(Place(number, place.at[:depth]))
        for depth, (number, index) in enumerate(zip(over, place.at, strict=True))
    )


def _opened(state: State, at: datetime) -> Work:
    work = Work(state.form, at=at, context=state.context)
    work.answers = dict(state.answers)
    work.instances = dict(state.instances)
    work.shut = set(state.shut)
    work.passed = set(state.passed)
    work.suggested = set(state.suggested)
    work.low = state.low
    work.kept.update(state.kept)
    work.tally.update(state.tally)
    work.calculator.retired |= state.retired
    return work


def settled(work: Work, context: Mapping[str, Any], notes: tuple[Note, ...]) -> State:
    """The state that a step's work comes to. `notes`: those of the steps before."""
    work.settle()
    ask, low = find_ask(work, work.low, back=work.went_back)
    fresh = [note for note in work.calculator.notes if note not in notes]
    return State(
        form=work.form,
        answers=work.answers,
        instances=work.instances,
        shut=work.shut,
        passed=work.passed,
        suggested=work.suggested,
        ask=ask,
        low=low,
        context=context,
        retired=frozenset(work.calculator.retired),
        kept=work.kept,
        tally=work.tally,
        notes=(*notes, *fresh)[:100],
    )
