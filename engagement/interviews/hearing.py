"""One message into an interview: an answer, a wish to go back or to pause, a question, or nothing that can be used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from rapidfuzz import fuzz

from engagement.answers import (
    Ambiguous,
    Command,
    Invalid,
    LooksLikeQuestion,
    NotUnderstood,
    Quantity,
    Understood,
)
from engagement.instruments import key_of
from engagement.interviews.interview import Interview, forget
from engagement.interviews.lines import Line, amount_of, at
from engagement.questionnaires import Ask, Item, State, ask_for, question_before, take_text
from engagement.questionnaires.asking import question_at
from engagement.questionnaires.taking import Taken

STUCK = 3
"""Useless answers to one question before a person is offered."""
_LISTED = re.compile(r"(?m)^[ \t>]*(\d{1,2})[ \t]*[.):\-][ \t]*")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """`lines`: what is said before the next question. `asks_aside`: they asked something, or said what was not understood.

    `paused`, `wants_person`: instead of the next question. `recorded`: whether an answer was taken.
    """

    interview: Interview
    lines: tuple[Line, ...] = ()
    recorded: bool = False
    asks_aside: bool = False
    paused: bool = False
    wants_person: bool = False


def hear(interview: Interview, text: str, *, language: str, at_: datetime, region: str | None = None) -> Heard:
    """Take a message as the answer to the open question. `at_`: aware, in the participant's time zone."""
    parts = _parts(interview, text)
    if parts is not None:
        return _hear_list(interview, parts, language=language, at_=at_, region=region)
    ask = interview.asked
    assert ask is not None  # noqa: S101 - an interview that is over hears nothing
    taken = take_text(interview.state, ask, text, language=language, at=at_, region=region)
    return _made_of(interview, ask, taken, language=language, at_=at_)


def _made_of(interview: Interview, ask: Ask, taken: Taken, *, language: str, at_: datetime) -> Heard:
    reading = taken.reading
    if taken.recorded:
        following = interview.at_question(taken.state.ask, state=taken.state)
        aside = isinstance(reading, Understood) and bool(reading.asked)
        lines = (*_notes(taken), *_too_few(ask, following))
        return Heard(interview=following, lines=lines, recorded=True, asks_aside=aside)
    tried = replace(interview, tries=interview.tries + 1)
    if taken.problems:
        problem = taken.problems[0]
        return Heard(interview=tried, lines=(_problem(problem.code, problem.params),))
    match reading:
        case Command():
            return _obey(interview, ask, reading, language=language, at_=at_)
        case Ambiguous():
            return Heard(interview=tried, lines=(_doubt(interview, ask, reading),))
        case Invalid():
            return Heard(interview=tried, lines=(_problem(reading.problem, reading.params),))
        case LooksLikeQuestion() | NotUnderstood():
            return Heard(interview=tried, asks_aside=True)
    return Heard(interview=tried, asks_aside=True)


def again(interview: Interview) -> Line:
    """The open question was not answered: say so, with an example, differently the second time; then offer a person."""
    ask = interview.asked
    kind = "yes_no" if ask is None or ask.kind == "another" else _kind(ask.item)
    if interview.tries >= STUCK:
        return Line(key="ask/stuck", replies=("replies/skip", "replies/ask_person"))
    return Line(key=f"ask/again/{kind}" if interview.tries < 2 else f"ask/example/{kind}")


def _kind(item: Item) -> str:
    if item.options:
        return "several" if item.repeats else "choice"
    return {
        "boolean": "yes_no",
        "integer": "number",
        "decimal": "number",
        "quantity": "number",
        "date": "date",
        "dateTime": "date",
        "time": "time",
    }.get(item.type, "text")


def _obey(interview: Interview, ask: Ask, command: Command, *, language: str, at_: datetime) -> Heard:
    state = interview.state
    match command.kind:
        case "back":
            place = question_before(state, ask.place)
            if place is None:
                return Heard(interview=interview, lines=(Line(key="ask/first"),))
            return Heard(interview=interview.at_question(question_at(state, state.form.items[place.item], place)))
        case "pause":
            return Heard(
                interview=interview, lines=(Line(key="ask/paused", replies=("replies/continue",)),), paused=True
            )
        case "restart":
            return Heard(interview=forget(interview, at=at_), lines=(Line(key="ask/restarted"),))
        case "why":
            key = f"{key_of(interview.instrument.name, ask.item)}/why"
            return Heard(interview=interview, lines=(Line(key=key) if ask.item.help else Line(key="ask/no_why"),))
        case "help":
            return Heard(interview=interview, lines=(Line(key="ask/help"),))
        case "person":
            return Heard(interview=interview, wants_person=True)
        case "change":
            return _change(interview, command.rest, language=language, at_=at_)
        case "skip":
            return Heard(interview=interview, lines=(Line(key="ask/problem/required"),))
    return Heard(interview=interview)  # to repeat, to continue: the question comes again


def _change(interview: Interview, rest: str, *, language: str, at_: datetime) -> Heard:
    """Back to the question meant: by its number, or by its words; and straight to the new answer where that came along."""
    state = interview.state
    found = _meant(state, rest, language)
    if found is None:
        return Heard(interview=interview, lines=(Line(key="ask/change_which"),))
    opened = ask_for(state, found, at=at_)
    if opened is None:
        return Heard(interview=interview, lines=(Line(key="ask/change_which"),))
    return Heard(interview=interview.at_question(opened[1], state=opened[0]))


def _meant(state: State, rest: str, language: str) -> Item | None:
    done = [state.form.items[place.item] for item, place in state.questions() if state.is_done(place)]
    if number := re.search(r"\d{1,3}", rest):
        index = int(number[0])
        return done[index - 1] if 0 < index <= len(done) else None
    scored = [(fuzz.token_set_ratio(rest.lower(), item.text.in_(language).lower()), -n) for n, item in enumerate(done)]
    if not rest.strip():
        return done[-1] if done else None
    best = max(scored, default=(0, 0))
    return done[-best[1]] if best[0] >= 60 else None


def _notes(taken: Taken) -> tuple[Line, ...]:
    if not isinstance(taken.reading, Understood) or not any(n.code == "converted" for n in taken.reading.notes):
        return ()
    value = taken.reading.values[0]
    if not isinstance(value, Quantity):
        return (Line(key="ask/noted", values={"value": str(value)}),)
    return (Line(key="ask/noted", values={"value": amount_of(value.value, code=value.code, display=value.unit)}),)


def _too_few(ask: Ask, following: Interview) -> tuple[Line, ...]:
    """The same question again wants a word: it asks for more answers than it has."""
    least, again_ = ask.item.limits.min_occurs, following.asked
    if least is None or ask.kind == "another" or again_ is None or again_.place != ask.place:
        return ()
    return (_problem("too-few", {"minimum": str(least)}),)


def _problem(code: str, params: Mapping[str, str]) -> Line:
    known = code.replace("-", "_")
    return Line(key=f"ask/problem/{known}", values=dict(params))


def _doubt(interview: Interview, ask: Ask, reading: Ambiguous) -> Line:
    values: dict[str, Any] = {}
    for name, candidate in zip(("first", "second"), (reading.candidates[0], reading.candidates[-1]), strict=True):
        values[name] = _told(candidate)
        parts = str(candidate).split("-")
        if reading.doubt == "day-or-month" and len(parts) == 3:
            values |= {
                f"{name}_year": parts[0],
                f"{name}_month": at(f"month/{_month(parts[1])}"),
                f"{name}_day": str(int(parts[2])),
            }
    return Line(key=f"ask/doubt/{reading.doubt.replace('-', '_')}", values=values)


def _month(number: str) -> str:
    return f"m{int(number)}"


def _told(candidate: object) -> Any:
    if isinstance(candidate, bool):
        return at("replies/yes" if candidate else "replies/no")
    if isinstance(candidate, Quantity):
        return amount_of(candidate.value, code=candidate.code, display=candidate.unit)
    return str(getattr(candidate, "display", candidate))


def _parts(interview: Interview, text: str) -> list[tuple[int, str]] | None:
    """The answers of a mail that answers a numbered list: (number from 1, text); None where it is no such mail."""
    if len(interview.listed) < 2:
        return None
    starts = list(_LISTED.finditer(text))
    numbers = [int(found[1]) for found in starts]
    if (
        not starts
        or any(not 0 < number <= len(interview.listed) for number in numbers)
        or len(set(numbers)) < len(numbers)
    ):
        return None
    ends = [found.start() for found in starts[1:]] + [len(text)]
    return [(number, text[found.end() : end].strip()) for number, found, end in zip(numbers, starts, ends, strict=True)]


def _hear_list(
    interview: Interview, parts: list[tuple[int, str]], *, language: str, at_: datetime, region: str | None
) -> Heard:
    """Every answer that can be used is taken; the first that can't is asked again."""
    state, lines, recorded = interview.state, list[Line](), False
    for number, text in parts:
        place = interview.listed[number - 1]
        item = state.form.items[place.item]
        if not text or not state.is_present(place):
            continue  # an answer above it has closed the question
        taken = take_text(state, question_at(state, item, place), text, language=language, at=at_, region=region)
        if taken.recorded:
            state, recorded = taken.state, True
            lines += _notes(taken)
    return Heard(interview=interview.at_question(state.ask, state=state), lines=tuple(lines), recorded=recorded)
