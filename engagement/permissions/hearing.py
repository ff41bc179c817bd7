"""One message about one's permissions or about leaving, in the state of that talk: what is meant, what is said. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from engagement.answers import Expectation, Understood, read_answer
from engagement.interviews import Topic
from engagement.interviews.lines import Line, at
from engagement.permissions.changes import Change, read_change, read_change_json, says_nothing
from engagement.permissions.listing import Item, words_for
from engagement.permissions.wishes import WISHES, read_wishes

MY_PERMISSIONS, CHANGE, WITHDRAW = "my_permissions", "change_permissions", "withdraw_request"
STARTS = (MY_PERMISSIONS, CHANGE, WITHDRAW)
"""Intents that begin such a talk."""
TRIES = 2
"""Useless answers to one question before we stop asking."""
MOST_TOLD = 12
"""Contacts a year up to which a limit is worth telling."""
LIST = "permissions/list"
ELSEWHERE, PAGE = "permissions/list_elsewhere", "permissions/list_link"
"""Texts that need the link to the page of permissions."""
_PERSON = ("ask_person", "distress", "report_problem")


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What we have asked. `asked`: wish (which of the four), which (of the list), confirm (`change`)."""

    asked: str
    change: Change | None = None
    tries: int = 0

    def to_json(self) -> dict[str, Any]:
        """As it is kept between two messages."""
        return {"asked": self.asked, "change": self.change and self.change.to_json(), "tries": self.tries}


def read_talk(data: Any) -> Talk:
    """The inverse of `Talk.to_json`."""
    change = read_change_json(data["change"]) if data["change"] else None
    return Talk(asked=data["asked"], change=change, tries=data["tries"])


@dataclass(frozen=True, kw_only=True)
class Heard:
    """`lines`: what is said. `talk`: what is open then, None for nothing. To be done: `wishes`, `change`, bring a `person`."""

    lines: tuple[Line, ...] = ()
    talk: Talk | None = None
    wishes: tuple[str, ...] = ()
    change: Change | None = None
    person: bool = False


def open_talk(intent: str, text: str, items: Sequence[Item], *, language: str, channel: str) -> Heard:
    """A message of one of the intents in `STARTS`, with nothing of ours open."""
    if intent == WITHDRAW:
        wishes = read_wishes(text, language=language)
        return Heard(wishes=wishes) if wishes else Heard(lines=(_which_wish(),), talk=Talk(asked="wish"))
    change = read_change(text, items, language=language) if intent == CHANGE else None
    if change is not None:
        return _confirm(change, items)
    listed = _list(items, channel)
    if intent == MY_PERMISSIONS:
        return Heard(lines=listed, talk=Talk(asked="which"))
    return Heard(lines=(*listed, Line(key="permissions/which")), talk=Talk(asked="which"))


def hear_talk(
    talk: Talk, text: str, items: Sequence[Item], *, topic: Topic, language: str, channel: str, today: date
) -> Heard:
    """A message while `talk` is open. `today`: the participant's."""
    heard = _answer(talk, text, items, language=language, today=today)
    if heard is not None:
        return heard
    if topic.intent in _PERSON:
        return Heard(person=True)
    if topic.intent in STARTS:
        return open_talk(topic.intent, text, items, language=language, channel=channel)
    if topic.keys:
        return Heard(lines=(*(Line(key=key) for key in topic.keys), _again(talk, items)), talk=talk)
    tried = replace(talk, tries=talk.tries + 1)
    if tried.tries < TRIES:
        return Heard(lines=(_again(talk, items),), talk=tried)
    if talk.asked == "wish":
        # A wish to leave must not be lost because we can't read it.
        return Heard(person=True)
    return Heard(lines=(Line(key="permissions/unchanged", replies=("replies/ask_person",)),))


def _answer(talk: Talk, text: str, items: Sequence[Item], *, language: str, today: date) -> Heard | None:
    """What the message comes to as an answer to what was asked; None where it is none."""
    unchanged = Heard(lines=(Line(key="permissions/unchanged"),))
    if talk.asked == "wish":
        wishes = read_wishes(text, language=language) or _numbered(text)
        if wishes:
            return Heard(wishes=wishes)
        return unchanged if says_nothing(text, language=language) or text.strip(" .)") == _NOTHING else None
    if talk.asked == "confirm" and talk.change is not None:
        reading = read_answer(text, Expectation(kind="boolean"), language=language, today=today)
        if isinstance(reading, Understood) and not reading.asked:
            return Heard(change=talk.change) if reading.values == (True,) else unchanged
    if talk.asked == "which" and says_nothing(text, language=language):
        return unchanged
    change = read_change(text, items, language=language)
    return None if change is None else _confirm(change, items)


_NOTHING = str(len(WISHES) + 1)


def _numbered(text: str) -> tuple[str, ...]:
    """Wishes by their numbers: "2", "1 and 3"."""
    words = text.replace(",", " ").replace(".", " ").replace(")", " ").split()
    numbers = [int(word) for word in words if word.isdigit()]
    plain = len(words) <= 2 * len(numbers)
    good = bool(numbers) and all(1 <= number <= len(WISHES) for number in numbers)
    return tuple(WISHES[number - 1] for number in sorted(set(numbers))) if plain and good else ()


def _again(talk: Talk, items: Sequence[Item]) -> Line:
    if talk.asked == "wish":
        return _which_wish()
    if talk.change is not None:
        return _confirm(talk.change, items).lines[0]
    return Line(key="permissions/which")


def _which_wish() -> Line:
    wishes = [at(f"permissions/wish/{wish}") for wish in WISHES]
    return Line(
        key="permissions/ask_wish",
        values={"wishes": {"numbered": [*wishes, at("permissions/wish/nothing")]}},
        replies=tuple(f"replies/{wish}" for wish in WISHES),
    )


def _list(items: Sequence[Item], channel: str) -> tuple[Line, ...]:
    """The list; by SMS only how many there are, and where they can be read; by mail both."""
    if channel == "sms":
        return (Line(key=ELSEWHERE, values={"count": sum(item.on for item in items)}),)
    told = [[at(item.words), *limits(item)] for item in items]
    listed = {"numbered": [each[0] if len(each) == 1 else each for each in told]}
    there = Line(key=LIST, values={"permissions": listed})
    return (there, Line(key=PAGE)) if channel == "email" else (there,)


def limits(item: Item) -> list[str]:
    """What a permission is kept to, as values of a text."""
    if not item.on:
        return []
    told = [] if item.channels is None else [at(f"permissions/only/{channel}") for channel in sorted(item.channels)]
    if item.per_year is not None and item.per_year <= MOST_TOLD:
        told.append(at(f"permissions/times/{_number(item.per_year)}"))
    return told


def _number(times: int) -> str:
    return f"n{times}"


def _confirm(change: Change, items: Sequence[Item]) -> Heard:
    return Heard(
        lines=(
            Line(
                key="permissions/confirm",
                values={"change": change_values(change, items)},
                replies=("replies/yes", "replies/no"),
            ),
        ),
        talk=Talk(asked="confirm", change=change),
    )


def change_values(change: Change, items: Sequence[Item]) -> list[str]:
    """How it will be after a change, as values of a text."""
    purpose, _, scope = change.item.partition("/")
    held = next((item for item in items if item.id == change.item), None)
    if purpose == "recontact" and change.on:
        scope = held.scope if held is not None and held.on else "any"
    if held is None or not change.on:
        return [at(words_for(purpose, scope, on=change.on))]
    channels = None if change.channels is None else frozenset(change.channels)
    kept = replace(held, on=True, channels=channels, per_year=change.per_year)
    return [at(words_for(purpose, scope, on=True)), *limits(kept)]
