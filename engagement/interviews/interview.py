"""An interview: the questionnaire's state, which question is open, and how often it was tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engagement.instruments import Instrument
from engagement.questionnaires import Ask, Place, State, Value, read_json, restore, start, to_response, write_json
from engagement.questionnaires.asking import question_at


@dataclass(frozen=True, kw_only=True)
class Interview:
    """`asked`: the question that the next message answers, None when all is said. `tries`: answers to it that were no use.

    `listed`: the questions that a mail asks at once, in its order. `crossed`: thresholds that have brought a person in.
    """

    instrument: Instrument
    state: State
    asked: Ask | None
    tries: int = 0
    listed: tuple[Place, ...] = ()
    crossed: tuple[str, ...] = ()

    def at_question(self, ask: Ask | None, *, state: State | None = None) -> "Interview":
        """The interview with another question open."""
        return replace(self, state=state or self.state, asked=ask, tries=0, listed=())

    def to_text(self) -> str:
        """As it is kept between two messages."""
        state, items = self.state, self.state.form.items

        def place(one: Place) -> list[Any]:
            return [items[one.item].link_id, *one.at]

        return write_json(
            {
                "response": to_response(state, texts=False),
                "passed": [place(one) for one in state.passed],
                "suggested": [place(one) for one in state.suggested],
                "asked": None if self.asked is None else place(self.asked.place),
                "tries": self.tries,
                "listed": [place(one) for one in self.listed],
                "crossed": list(self.crossed),
            }
        )


def begin(instrument: Instrument, *, at: datetime, earlier: Sequence[Mapping[str, Any]] = ()) -> Interview:
    """An interview that begins. What `earlier` responses (newest first) have answered is there as a suggestion.

    An answer is taken over from an item of the same linkId and a value of the same type; nobody is asked twice.
    """
    state = start(instrument.form, at=at)
    known: dict[str, list[Any]] = {}
    for response in earlier:
        for link_id, answers in answers_in(response.get("item")):
            known.setdefault(link_id, answers)
    if known:
        items = [
            {
                "linkId": item.link_id,
                "answer": [{k: v for k, v in each.items() if k != "item"} for each in known[item.link_id]],
            }
            for item in instrument.form.items
            if item.link_id in known and item.askable and not item.over
        ]
        response = {"resourceType": "QuestionnaireResponse", "item": items}
        filled = restore(instrument.form, response, at=at)
        state = restore(instrument.form, response, at=at, suggested=tuple(filled.answers))
    return Interview(instrument=instrument, state=state, asked=state.ask)


def forget(interview: Interview, *, at: datetime) -> Interview:
    """The interview from its beginning, as if nothing had been said."""
    return begin(interview.instrument, at=at)


def go_on(instrument: Instrument, kept: str, *, at: datetime) -> Interview:
    """The inverse of `Interview.to_text`, also where the questionnaire has changed since."""
    data = read_json(kept.encode())
    form = instrument.form

    def place(one: Sequence[Any]) -> Place | None:
        item = form.item(one[0])
        return None if item is None else Place(item.number, tuple(one[1:]))

    def places(found: Sequence[Sequence[Any]]) -> tuple[Place, ...]:
        return tuple(one for each in found if (one := place(each)) is not None)

    state = restore(form, data["response"], at=at, passed=places(data["passed"]), suggested=places(data["suggested"]))
    asked, where = state.ask, place(data["asked"]) if data["asked"] else None
    if where is not None and (asked is None or asked.place != where) and state.is_present(where):
        asked = question_at(state, form.items[where.item], where)
    return Interview(
        instrument=instrument,
        state=state,
        asked=asked,
        tries=data["tries"],
        listed=places(data["listed"]),
        crossed=tuple(data["crossed"]),
    )


def is_over(interview: Interview) -> bool:
    """Whether nothing is left to ask."""
    return interview.asked is None


def answer_of(interview: Interview, link_id: str) -> tuple[Value, ...]:
    """The answers of an item that stands once, by linkId."""
    item = interview.state.form.item(link_id)
    return () if item is None else interview.state.answers.get(Place(item.number), ())


def answers_in(items: Any) -> Sequence[tuple[str, list[Any]]]:
    """linkId and answers (JSON) of every answered item among a response's items, however deep it stands."""
    found: list[tuple[str, list[Any]]] = []
    waiting = list(items or ())
    while waiting:
        item = waiting.pop(0)
        answers = item.get("answer") or []
        if answers:
            found.append((item["linkId"], answers))
        waiting += item.get("item") or []
        for each in answers:
            waiting += each.get("item") or []
    return found
