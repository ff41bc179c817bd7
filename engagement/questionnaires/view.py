"""What can be asked of answers, whether they are being worked on or stand still."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from engagement.questionnaires.form import Form
from engagement.questionnaires.item import Item, Place
from engagement.questionnaires.values import Value


class View:
    """Answers by place. `shut` holds the places whose own condition does not hold, `passed` those skipped or closed.

    `suggested` holds the places whose answers are initial values that nobody has confirmed: they count, and are asked for still.
    """

    form: Form
    answers: Mapping[Place, tuple[Value, ...]]
    instances: Mapping[Place, int]
    """Repeating groups that occur more than once."""
    shut: AbstractSet[Place]
    passed: AbstractSet[Place]
    suggested: AbstractSet[Place]

    def count(self, place: Place) -> int:
        """How often what is below a repeating group or question occurs; an empty one counts as one."""
        if self.form.items[place.item].type == "group":
            return self.instances.get(place, 1)
        return max(1, len(self.answers.get(place, ())))

    def places(self, number: int, within: tuple[int, ...] = ()) -> list[Place]:
        """Every place of an item, in order; `within`: only in this instance of its outermost repeating ancestors."""
        over = self.form.items[number].over
        ats = [within]
        for ancestor in over[len(within) :]:
            ats = [(*at, index) for at in ats for index in range(self.count(Place(ancestor, at)))]
        return [Place(number, at) for at in ats]

    def is_enabled(self, place: Place) -> bool:
        """Whether its conditions hold and those of all above it."""
        above: Place | None = place
        while above is not None:
            if above in self.shut:
                return False
            above = self.form.parent(above)
        return True

    def is_present(self, place: Place) -> bool:
        """Enabled, and where it stands below a question, that has the answer it stands below."""
        if place in self.shut:
            return False
        form, below = self.form, place
        above = form.parent(place)
        while above is not None:
            if above in self.shut:
                return False
            item = form.items[above.item]
            if item.is_question:
                index = below.at[len(item.over)] if item.multiplies else 0
                if len(self.answers.get(above, ())) <= index:
                    return False
            below, above = above, form.parent(above)
        return True

    def is_open(self, item: Item, place: Place) -> bool:
        """Whether this question, which is present, still wants an answer."""
        return item.askable and not item.read_only and not self.is_done(place)

    def is_done(self, place: Place) -> bool:
        """Whether it is answered, as often as it must be, or skipped."""
        if place in self.passed:
            return True
        answers = self.answers.get(place, ())
        least = self.form.items[place.item].limits.min_occurs or 1
        return len(answers) >= least and place not in self.suggested

    def questions(self) -> Iterator[tuple[Item, Place]]:
        """Every question a participant may be asked now, answered or not, in order."""
        yield from self._questions(0, len(self.form.items), ())

    def questions_in(self, item: Item) -> Iterator[tuple[Item, Place]]:
        """Those of an item that stands once, and below it."""
        yield from self._questions(item.number, item.end, ())

    def _questions(self, start: int, end: int, at: tuple[int, ...]) -> Iterator[tuple[Item, Place]]:
        items, shut, answers = self.form.items, self.shut, self.answers
        while start < end:
            item = items[start]
            place = Place(start, at)
            if item.hidden or place in shut:
                start = item.end
                continue
            if item.askable and not item.read_only:
                yield item, place
            if item.multiplies:
                times = self.count(place) if item.type == "group" else len(answers.get(place, ()))
                for index in range(times):
                    yield from self._questions(start + 1, item.end, (*at, index))
                start = item.end
            else:
                start = item.end if item.is_question and place not in answers else start + 1
