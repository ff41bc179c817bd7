"""What stands below the answers of a repeating question, or in the instances of a group, on its way to new numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engagement.questionnaires.item import Item, Place
from engagement.questionnaires.tree import forget
from engagement.questionnaires.values import Value

if TYPE_CHECKING:
    from engagement.questionnaires.work import Work


@dataclass(kw_only=True)
class Lifted:
    """By new place; `gone`: the places where all this stood."""

    answers: dict[Place, tuple[Value, ...]] = field(default_factory=dict)
    instances: dict[Place, int] = field(default_factory=dict)
    shut: set[Place] = field(default_factory=set)
    passed: set[Place] = field(default_factory=set)
    suggested: set[Place] = field(default_factory=set)
    gone: list[Place] = field(default_factory=list)

    def put(self, work: "Work") -> set[Place]:
        """Put it where it belongs now; the places whose answers are others than before."""
        touched = set()
        for where in self.gone:
            if work.answers.pop(where, None) is not None:
                touched.add(where)
            work.instances.pop(where, None)
            work.shut.discard(where)
            work.passed.discard(where)
            work.suggested.discard(where)
        work.answers |= self.answers
        work.instances |= self.instances
        work.shut |= self.shut
        work.passed |= self.passed
        work.suggested |= self.suggested
        return touched | set(self.answers)


def moves_between(before: tuple[Value, ...], values: tuple[Value, ...]) -> dict[int, int]:
    """Number of an answer before → its number now, of those that stay."""
    moves: dict[int, int] = {}
    for index, value in enumerate(values):
        old = next((at for at, other in enumerate(before) if other == value and at not in moves), None)
        if old is not None:
            moves[old] = index
    return moves


def lift_below(work: "Work", item: Item, place: Place, moves: Mapping[int, int]) -> Lifted:
    """All that stands below a place, under the numbers it will have; what `moves` does not name stays behind."""
    depth = len(place.at)
    lifted = Lifted()
    for number in range(item.number + 1, item.end):
        for where in work.places(number, place.at):
            index = moves.get(where.at[depth])
            there = Place(number, (*where.at[:depth], -1 if index is None else index, *where.at[depth + 1 :]))
            answers = work.answers.get(where)
            if answers is not None:
                forget(work.form, where, work.kept)
                if index is not None:
                    lifted.answers[there] = answers
            lifted.gone.append(where)
            if index is None:
                continue
            if where in work.instances:
                lifted.instances[there] = work.instances[where]
            if where in work.shut:
                lifted.shut.add(there)
            if where in work.passed:
                lifted.passed.add(there)
            if where in work.suggested:
                lifted.suggested.add(there)
    return lifted
