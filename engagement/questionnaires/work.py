"""Answers while they change: one answer sets off conditions and calculations, until nothing changes any more."""

from collections.abc import Mapping
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from engagement.questionnaires.calculate import Calculator, as_values
from engagement.questionnaires.check_values import fit_values
from engagement.questionnaires.enable import conditions_hold
from engagement.questionnaires.form import Form, Note
from engagement.questionnaires.item import Item, Place
from engagement.questionnaires.lifted import Lifted, lift_below, moves_between
from engagement.questionnaires.tally import Tally, miscount
from engagement.questionnaires.tree import Kept, forget
from engagement.questionnaires.values import Value
from engagement.questionnaires.view import View

MOST_AT_START = 200
"""Instances of one repeating group that a questionnaire may begin with, all its ancestors' together."""
ROUNDS = 20
"""How often a condition or calculation may be worked out in one step; expressions that read anything may push one another."""


class Work(View):
    """Not frozen, and never seen outside of one step. `filling`: initial values and calculations are worked out too."""

    answers: dict[Place, tuple[Value, ...]]
    instances: dict[Place, int]
    shut: set[Place]
    passed: set[Place]
    suggested: set[Place]

    def __init__(
        self, form: Form, *, at: datetime, context: Mapping[str, Any] | None = None, filling: bool = True
    ) -> None:
        self.form = form
        self.answers, self.instances, self.shut, self.passed, self.suggested = {}, {}, set(), set(), set()
        self.filling = filling
        self.kept: Kept = {}
        self.tally: Tally = {}
        self.low = 0
        """No item before this one wants an answer."""
        self.went_back = False
        """Whether `low` has been lowered."""
        self.calculator = Calculator(self, self.kept, context or {}, at)
        self._heap: list[tuple[int, int]] = []
        self._waiting: set[int] = set()
        self._rounds: dict[int, int] = {}

    def set_answers(self, place: Place, values: tuple[Value, ...]) -> None:
        """Put these answers in place of those there; what stood below an answer that is gone goes too."""
        before = self.answers.get(place, ())
        if before == values:
            return
        item = self.form.items[place.item]
        moved = lift_below(self, item, place, moves_between(before, values)) if item.multiplies else None
        if values:
            self.answers[place] = values
        else:
            self.answers.pop(place, None)
        self.suggested.discard(place)
        self._touched(place)
        if item.has_children or not values or item.limits.min_occurs:
            self._reopen(item.number)
        if not item.has_children:
            return
        if moved is not None:
            self._put(item, moved)
        elif not values:
            self._clear(item.number + 1, item.end, place.at)
        if self.filling and values and (not before or item.multiplies):
            self._fill_below(item, place)

    def ask_again(self, place: Place) -> None:
        """Neither skipped nor suggested any more."""
        if place in self.passed:
            self.passed.discard(place)
            self._reopen(place.item)
        self.suggested.discard(place)
        miscount(self.form, place.item, self.tally)

    def pass_over(self, place: Place) -> None:
        """A question is skipped, or there is no more of a repeating group."""
        self.passed.add(place)
        miscount(self.form, place.item, self.tally)

    def add_instance(self, place: Place) -> None:
        """One more of a repeating group."""
        item = self.form.items[place.item]
        self.passed.discard(place)
        self.instances[place] = self.count(place) + 1
        self._touched(place)
        self._reopen(item.number)
        self._fill_below(item, place)

    def drop_instance(self, place: Place, index: int) -> None:
        """One instance of a repeating group away; those after it move up."""
        item = self.form.items[place.item]
        count = self.count(place)
        self._reopen(item.number)
        if count == 1:
            self._clear(item.number + 1, item.end, (*place.at, 0))
            self._fill_below(item, place)
            return
        old = {at: at if at < index else at - 1 for at in range(count) if at != index}
        moved = lift_below(self, item, place, old)
        self.instances[place] = count - 1
        if count == 2:
            del self.instances[place]
        self._put(item, moved)
        self._touched(place)

    def expect_all(self) -> None:
        """Every condition and calculation is to be worked out."""
        for item in self.form.items:
            self._expect_own(item)

    def fill_all(self) -> None:
        """Initial values of a questionnaire that begins, those that are written before those that are worked out."""
        for item in self.form.items:
            least = item.limits.min_occurs or 1
            if item.type == "group" and item.multiplies and 1 < least <= 20:
                places = self.places(item.number)
                for place in places if len(places) * least <= MOST_AT_START else ():
                    self.instances[place] = least
        for item in self.form.items:
            for place in self.places(item.number) if item.initial else ():
                self._fill(item, place)
        for item in self.form.items:
            for place in self.places(item.number) if item.initial_expression is not None else ():
                self._fill(item, place)

    def settle(self) -> None:
        """Work out what waits, in the order of what depends on what."""
        while self._heap:
            _, node = heappop(self._heap)
            self._waiting.discard(node)
            self._rounds[node] = self._rounds.get(node, 0) + 1
            item = self.form.items[node // 2]
            if self._rounds[node] > ROUNDS:
                self.calculator.notes[
                    Note(kind="unsupported", link_id=item.link_id, feature="expression (never settles)")
                ] = None
            elif node % 2:
                self._calculate(item)
            else:
                self._judge(item)

    def _expect(self, node: int) -> None:
        if node not in self._waiting:
            self._waiting.add(node)
            heappush(self._heap, (self.form.graph.rank[node], node))

    def _expect_own(self, item: Item) -> None:
        if item.conditions or item.enable_expression is not None:
            self._expect(2 * item.number)
        if item.calculated is not None and self.filling:
            self._expect(2 * item.number + 1)

    def _touched(self, place: Place) -> None:
        """The answers at a place have changed: who reads them is to be worked out."""
        form, graph = self.form, self.form.graph
        forget(form, place, self.kept)
        miscount(form, place.item, self.tally)
        self.calculator.forget()
        for node in graph.readers.get(place.item, ()):
            self._expect(node)
        for node in graph.anything:
            self._expect(node)
        above: int | None = place.item if graph.below else None
        while above is not None:
            for node in graph.below.get(above, ()):
                self._expect(node)
            above = form.items[above].parent

    def _reopen(self, number: int) -> None:
        """From this item on there may be a question that wants an answer again."""
        base = self.form.base(number)
        if base < self.low:
            self.low, self.went_back = base, True

    def _judge(self, item: Item) -> None:
        """Work out an item's condition, everywhere it stands."""
        for place in self.places(item.number):
            holds = conditions_hold(self, item, place)
            if holds and item.enable_expression is not None:
                found = self.calculator.run(item.enable_expression, item, place)
                # An expression that fails can't be said not to hold: better to ask in vain than to leave out.
                holds = found is None or (bool(found) and found[0] is not False)
            if holds is (place in self.shut):
                miscount(self.form, item.number, self.tally)
            if holds and place in self.shut:
                self.shut.discard(place)
                self._reopen(item.number)
                if self.filling:
                    self._fill_from(item, place)
            elif not holds and place not in self.shut:
                self.shut.add(place)
                self._clear(item.number, item.end, place.at)

    def _calculate(self, item: Item) -> None:
        if item.calculated is None:
            return
        for place in self.places(item.number):
            values: tuple[Value, ...] = ()
            if self.is_present(place):
                found = self.calculator.run(item.calculated, item, place)
                values, problems = fit_values(item, place, as_values(item, found or ()))
                if problems:
                    values = ()
                    why = f"calculated value refused ({problems[0].code})"
                    self.calculator.notes[Note(kind="doubtful", link_id=item.link_id, feature=why)] = None
            self.set_answers(place, values)

    def _clear(self, start: int, end: int, at: tuple[int, ...]) -> None:
        """No answers from item `start` up to `end`, within these instances. From the inside out: outer answers count inner places."""
        if not self.answers and not self.instances and not self.passed:
            return
        fewer = False
        for number in range(end - 1, start - 1, -1):
            item = self.form.items[number]
            for place in self.places(number, at) if item.type != "display" else ():
                if place in self.passed or place in self.suggested:
                    miscount(self.form, number, self.tally)
                self.passed.discard(place)
                self.suggested.discard(place)
                fewer = fewer or (item.multiplies and self.count(place) > 1)
                answered = self.answers.pop(place, None) is not None
                if self.instances.pop(place, None) is not None or answered:
                    self._touched(place)
        if fewer:
            self.shut -= {
                place
                for place in self.shut
                if start <= place.item < end and place.at[: len(at)] == at and any(place.at[len(at) :])
            }

    def _fill_from(self, item: Item, place: Place) -> None:
        """Initial values and calculations from a place on down."""
        for number in range(item.number, item.end):
            below = self.form.items[number]
            if below.initial or below.initial_expression is not None:
                for where in self.places(number, place.at):
                    self._fill(below, where)
            if below.calculated is not None:
                self._expect(2 * number + 1)

    def _fill_below(self, item: Item, place: Place) -> None:
        """What begins below a place that has been answered or added: conditions, initial values, calculations."""
        for number in range(item.number + 1, item.end):
            below = self.form.items[number]
            self._expect_own(below)
            if self.filling and (below.initial or below.initial_expression is not None):
                for where in self.places(number, place.at):
                    self._fill(below, where)

    def _fill(self, item: Item, place: Place) -> None:
        if place in self.answers or place in self.passed or not self.is_present(place) or item.calculated is not None:
            return
        values = item.initial
        if not values and item.initial_expression is not None:
            values = as_values(item, self.calculator.run(item.initial_expression, item, place) or ())
        fitted, problems = fit_values(item, place, values)
        if problems:
            why = f"initial value refused ({problems[0].code})"
            self.calculator.notes[Note(kind="doubtful", link_id=item.link_id, feature=why)] = None
        elif fitted:
            self.set_answers(place, fitted)
            self.suggested.add(place)
            miscount(self.form, place.item, self.tally)

    def _put(self, item: Item, lifted: Lifted) -> None:
        """What stood below an item back in its new places."""
        for where in lifted.put(self):
            self._touched(where)
        for number in range(item.number + 1, item.end):
            self._expect_own(self.form.items[number])
