"""How an open question is put into words: lead, question, what can be answered, and where one is."""

from collections.abc import Sequence
from typing import Any

from engagement.instruments import key_of, option_key
from engagement.interviews.interview import Interview
from engagement.interviews.lines import Line, amount_of, at, unit_of
from engagement.questionnaires import Ask, Item, Place, Value
from engagement.questionnaires.asking import question_at
from engagement.questionnaires.values import Coding, Quantity

MOST_LISTED = 8
"""Questions of one mail."""
_YES_NO = ("replies/yes", "replies/no")
_OPEN = {
    "date": "ask/date",
    "dateTime": "ask/date",
    "time": "ask/time",
    "integer": "ask/number",
    "decimal": "ask/number",
}
_INPUTS = {"date": "date", "integer": "number", "decimal": "number", "quantity": "number"}
"""Types whose answer a web page may take by a field of its own."""


def question_lines(interview: Interview, *, channel: str) -> tuple[Line, ...]:
    """The open question as it is asked on this channel; none where nothing is open.

    A sensitive question goes by SMS as a link to where it may be asked.
    """
    ask = interview.asked
    if ask is None:
        return ()
    if channel == "sms" and interview.instrument.is_sensitive(ask.item):
        return (Line(key="ask/private", values=progress(interview)),)
    if channel == "email" and len(interview.listed) > 1:
        return (_mail(interview),)
    return (_question(interview, ask),)


def listed_for_mail(interview: Interview) -> tuple[Place, ...]:
    """The questions that are open now, the asked one first: what one mail can ask and one reply answer."""
    ask, state = interview.asked, interview.state
    if ask is None or ask.kind == "another" or ask.suggested:
        return ()
    places = [ask.place]
    for item, place in state.questions():
        if len(places) == MOST_LISTED:
            break
        if place != ask.place and state.is_open(item, place) and place not in state.suggested:
            places.append(place)
    return tuple(places)


def answer_values(interview: Interview, item: Item, values: Sequence[Value]) -> Any:
    """Answers as values of a text: option texts by key, all else as written."""
    name = interview.instrument.name
    told: list[Any] = []
    for value in values:
        number = next((n for n, option in enumerate(item.options, start=1) if option.value.is_same_choice(value)), 0)
        told.append(at(option_key(name, item, number)) if number else _plain(value))
    return told[0] if len(told) == 1 else told


def _plain(value: Value) -> Any:
    match value.value:
        case bool():
            return at("replies/yes" if value.value else "replies/no")
        case Quantity():
            return amount_of(value.value.value, code=value.value.code, display=value.value.unit)
        case Coding():
            return value.value.display or value.value.code or ""
    return str(value.value)


def progress(interview: Interview) -> dict[str, Any]:
    """Where one is: `number` of the open question, `total` of all, as far as the answers so far open them."""
    places = [place for _, place in interview.state.questions()]
    asked = interview.asked
    number = places.index(asked.place) + 1 if asked is not None and asked.place in places else len(places)
    return {"number": number, "total": len(places)}


def _question(interview: Interview, ask: Ask) -> Line:
    item, name = ask.item, interview.instrument.name
    values = {**progress(interview), "question": _texts(interview, ask)}
    if ask.kind == "another":
        return Line(key="ask/another", values=values, replies=_YES_NO)
    if ask.suggested:
        values["answer"] = answer_values(interview, item, ask.suggested)
        return Line(key="ask/confirm", values=values, replies=("replies/yes",))
    if item.type == "boolean":
        return Line(key="ask/yes_no", values=values, replies=_YES_NO)
    if item.options:
        keys = [option_key(name, item, number) for number in range(1, len(item.options) + 1)]
        values["options"] = {"numbered": [at(key) for key in keys]}
        if item.repeats:
            return Line(key="ask/several", values=values)
        return Line(
            key="ask/open_choice" if item.type == "open-choice" else "ask/choice", values=values, replies=tuple(keys)
        )
    if item.unit is not None and item.type in ("quantity", "integer", "decimal"):
        values["unit"] = unit_of(item.unit.code, item.unit.display)
        return Line(key="ask/amount", values=values, input="number")
    return Line(key=_OPEN.get(item.type, "ask/open"), values=values, input=_INPUTS.get(item.type, ""))


def _texts(interview: Interview, ask: Ask) -> list[str]:
    """What stands before the question, the question, what stands beside it."""
    items = [item for item in (*ask.lead, ask.item, *ask.beside) if item.text]
    return [at(key_of(interview.instrument.name, item)) for item in items]


def _mail(interview: Interview) -> Line:
    state, name = interview.state, interview.instrument.name
    asked: list[Any] = []
    for place in interview.listed:
        item = state.form.items[place.item]
        options = [at(option_key(name, item, number)) for number in range(1, len(item.options) + 1)]
        asked.append(
            [*_texts(interview, question_at(state, item, place)), *([{"lettered": options}] if options else [])]
        )
    return Line(key="ask/mail", values={**progress(interview), "questions": {"numbered": asked}})
