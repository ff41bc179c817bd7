"""A participant's text as one step of a questionnaire."""

from dataclasses import dataclass
from datetime import datetime

from engagement.answers import (
    Command,
    DontKnow,
    Expectation,
    NotUnderstood,
    PreferNot,
    Reading,
    Understood,
    read_answer,
)
from engagement.questionnaires.asking import Ask, question_at
from engagement.questionnaires.check_values import Problem
from engagement.questionnaires.expected import expectation, values_read
from engagement.questionnaires.item import Item, Place
from engagement.questionnaires.state import Refused, State, answer_another, apply_answer, skip
from engagement.questionnaires.values import Value


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What came of a text: how it was read, the state after it (the same one where nothing was recorded), why it was refused."""

    reading: Reading
    state: State
    values: tuple[Value, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def recorded(self) -> bool:
        """Whether an answer was taken, or a question skipped."""
        return not self.problems and (isinstance(self.reading, Understood | DontKnow | PreferNot) or self._skips)

    @property
    def _skips(self) -> bool:
        return isinstance(self.reading, Command) and self.reading.kind == "skip"


def take_text(
    state: State,
    ask: Ask,
    text: str,
    *,
    language: str,
    at: datetime,
    region: str | None = None,
    more: bool = False,
) -> Taken:
    """Read `text` as the answer to `ask` and record it. `at`: aware, in the participant's time zone.

    "I don't know", "I'd rather not say" and "skip" leave the question out unless it is required. "Yes" to a suggestion takes
    it. `more`: add to the answers that a repeating question has; where those are too few, a text always does.
    """
    wanted = Expectation(kind="boolean") if ask.kind == "another" else expectation(ask.item, language=language)
    reading = read_answer(text, wanted, language=language, today=at.date(), region=region)
    values: tuple[Value, ...] = ()
    after: State | Refused
    if ask.kind == "another":
        if not isinstance(reading, Understood):
            return Taken(reading=reading, state=state)
        after = answer_another(state, ask.place, reading.values[:1] == (True,), at=at)
    elif isinstance(reading, Understood) and reading.values:
        values = values_read(ask.item, reading.values, language=language)
        before = _standing(state, ask, more=more)
        after = apply_answer(state, ask.place, (*before, *values), at=at)
        if before and isinstance(after, Refused) and after.problems[0].code == "exclusive-with-others":
            after = apply_answer(state, ask.place, values, at=at)  # "none of these" after all
    elif isinstance(reading, NotUnderstood) and ask.suggested and _agrees(text, language, at):
        reading, values = Understood(values=()), ask.suggested
        after = apply_answer(state, ask.place, values, at=at)
    elif isinstance(reading, Understood | DontKnow | PreferNot) or (
        isinstance(reading, Command) and reading.kind == "skip"
    ):
        after = skip(state, ask.place, at=at)
    else:
        return Taken(reading=reading, state=state)
    if isinstance(after, Refused):
        return Taken(reading=reading, state=state, values=values, problems=after.problems)
    return Taken(reading=reading, state=after, values=values)


def _standing(state: State, ask: Ask, *, more: bool) -> tuple[Value, ...]:
    """The answers that one more is added to."""
    if not ask.item.repeats or (ask.suggested and not more):
        return ()
    found = state.answers.get(ask.place, ())
    return found if more or len(found) < (ask.item.limits.min_occurs or 0) else ()


def _agrees(text: str, language: str, at: datetime) -> bool:
    reading = read_answer(text, Expectation(kind="boolean"), language=language, today=at.date())
    return isinstance(reading, Understood) and reading.values == (True,)


def ask_for(state: State, item: Item, *, at: datetime) -> tuple[State, Ask] | None:
    """The question by which to answer an item out of turn: where it is open, or else where it was answered last.

    In a repeating group whose last instance has it answered, one more instance is begun. None where it can't be asked now.
    """
    if not item.askable or item.read_only:
        return None
    places = [place for place in state.places(item.number) if state.is_present(place)]
    if not places:
        return None
    place = next((one for one in places if state.is_open(item, one)), None)
    if place is None and item.over and not item.repeats:
        begun = _begun(state, places[-1], item, at=at)
        if begun is not None:
            state, place = begun
    return state, question_at(state, item, place or places[-1])


def _begun(state: State, last: Place, item: Item, *, at: datetime) -> tuple[State, Place] | None:
    depth = len(item.over) - 1
    group = Place(item.over[depth], last.at[:depth])
    if state.form.items[group.item].type != "group":
        return None
    after = answer_another(state, group, True, at=at)
    if isinstance(after, Refused):
        return None
    place = Place(item.number, (*group.at, after.count(group) - 1))
    return (after, place) if after.is_present(place) else None
