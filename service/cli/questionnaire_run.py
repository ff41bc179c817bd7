"""A questionnaire run from a file of answers, or by hand: what is asked and how each answer is read, as JSON lines."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from engagement.answers import Invalid, Reading, Understood
from engagement.questionnaires import (
    Ask,
    Form,
    Note,
    Problem,
    Refused,
    State,
    Taken,
    answer_another,
    ask_for,
    start,
    take_text,
    to_response,
)


@dataclass(kw_only=True)
class Run:
    """A questionnaire under way. Each method gives the lines to print."""

    form: Form
    at: datetime
    language: str
    region: str | None = None

    def begin(self) -> Iterator[dict[str, Any]]:
        """The first question, after what is not supported."""
        self.state = start(self.form, at=self.at)
        self._noted: set[Note] = set()
        yield from self._new_notes((*self.form.notes, *self.state.notes))
        yield from self._asked()

    def take(self, line: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """One answer: `{"text": …}` to the question that is open, `{"linkId": …, "text": …}` to that item."""
        text = line.get("text")
        if not isinstance(text, str):
            yield {"error": "no-text"}
            return
        link_id = line.get("linkId")
        ask: Ask | None = self.state.ask
        more = False
        if link_id is not None:
            found = self._ask_for(str(link_id))
            if isinstance(found, str):
                yield {"linkId": str(link_id), "error": found}
                return
            before = self.state
            self.state, ask = found
            more = ask.place in before.answers and ask.place not in before.suggested
        if ask is None:
            yield {"error": "nothing-asked"}
            return
        taken = take_text(self.state, ask, text, language=self.language, at=self.at, region=self.region, more=more)
        yield _reading_line(ask, text, taken)
        self.state = taken.state
        yield from self._new_notes(self.state.notes)
        yield from self._asked()

    def response(self) -> dict[str, Any]:
        """The QuestionnaireResponse so far."""
        return to_response(self.state, authored=self.at)

    def _ask_for(self, link_id: str) -> tuple[State, Ask] | str:
        item = self.form.item(link_id)
        if item is None:
            return "unknown-link-id"
        ask = self.state.ask
        if ask is not None and ask.item is item and ask.kind == "question":
            return self.state, ask
        if ask is not None and ask.kind == "another" and not ask.item.number < item.number < ask.item.end:
            closed = answer_another(self.state, ask.place, False, at=self.at)
            self.state = self.state if isinstance(closed, Refused) else closed
        return ask_for(self.state, item, at=self.at) or "not-asked"

    def _asked(self) -> Iterator[dict[str, Any]]:
        ask = self.state.ask
        if ask is not None:
            yield ask_line(ask, self.state, self.language)

    def _new_notes(self, notes: tuple[Note, ...]) -> Iterator[dict[str, Any]]:
        for note in notes:
            if note.kind == "unsupported" and note not in self._noted:
                self._noted.add(note)
                yield {"unsupported": note.link_id, "feature": note.feature}


def ask_line(ask: Ask, state: State, language: str) -> dict[str, Any]:
    """One question as JSON."""
    item = ask.item
    done, total = state.progress()
    line: dict[str, Any] = {"ask": item.link_id, "type": item.type if ask.kind == "question" else "another"}
    if any(ask.place.at):
        line["at"] = list(ask.place.at)
    lead = [one.text.in_(language) for one in ask.lead]
    beside = [one.text.in_(language) for one in ask.beside]
    unit = item.unit and (item.unit.display or item.unit.code)
    shown = {
        "lead": lead,
        "prefix": item.prefix.in_(language),
        "text": item.text.in_(language),
        "beside": beside,
        "help": item.help.in_(language),
        "options": [option.words.in_(language) for option in item.options],
        "suggested": [value.to_json() for value in ask.suggested],
        "unit": unit,
        "required": item.required,
        "repeats": item.repeats,
        "format": item.entry_format.in_(language),
    }
    return line | {name: value for name, value in shown.items() if value} | {"progress": [done, total]}


def _reading_line(ask: Ask, text: str, taken: Taken) -> dict[str, Any]:
    reading = taken.reading
    line: dict[str, Any] = {"linkId": ask.item.link_id, "text": text, "reading": _kebab(type(reading).__name__)}
    if any(ask.place.at):
        line["at"] = list(ask.place.at)
    if taken.values:
        line["values"] = [value.to_json() for value in taken.values]
    elif isinstance(reading, Understood) and ask.kind == "another":
        line["values"] = [{"valueBoolean": value} for value in reading.values]
    elif not isinstance(reading, Understood):
        line |= _details(reading)
    if taken.problems:
        line["error"] = taken.problems[0].code
        line["problems"] = [_problem(problem) for problem in taken.problems]
    elif isinstance(reading, Invalid):
        line["error"] = reading.problem
    elif not taken.recorded:
        line["error"] = _kebab(type(reading).__name__)
    return line


def _problem(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, **problem.params}


def _details(reading: Reading) -> dict[str, Any]:
    """What a reading says besides its name, as JSON."""
    return {name: _plain(value) for name, value in asdict(reading).items() if value not in ((), "", None)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items() if inner not in ((), None)}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _kebab(name: str) -> str:
    return "".join(
        f"-{letter.lower()}" if letter.isupper() and place else letter.lower() for place, letter in enumerate(name)
    )
