"""How what is open is put into words, by channel: a section a turn in chats, all of them in one mail, neutral words by SMS."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engagement.consent.document import Section
from engagement.consent.walk import Step, Walk
from engagement.interviews.lines import Line, at

_YES_NO = ("replies/yes", "replies/no")
_ON = ("replies/next", "replies/tell_more", "replies/pause")


def tell(walk: Walk, *, channel: str) -> tuple[Walk, tuple[Line, ...]]:
    """What is open, as it is said on this channel, and the walk after it: a mail tells all sections that are left."""
    match walk.step:
        case Step.EXPLAIN if channel == "email":
            rest = [walk.document.section(id_) for id_ in walk.sections[walk.place :]]
            read = replace(walk, place=len(walk.sections) - 1)
            return read, (*(_section(walk, section) for section in rest), Line(key="consent/go_on"))
        case Step.EXPLAIN:
            return walk, (_section(walk, walk.section),)
        case Step.CHECK:
            return walk, (_check(walk),)
        case Step.DECIDE:
            return walk, (Line(key="consent/decide", replies=_YES_NO),)
        case Step.PERMIT if walk.permission is not None:
            values = {**_progress(walk), "question": at(walk.permission.text.key)}
            return walk, (Line(key="consent/permission", values=values, replies=_YES_NO),)
    return walk, ()


def hint(walk: Walk) -> tuple[Line, ...]:
    """How to go on after something was said in the middle of a section."""
    return (Line(key="consent/go_on", replies=_ON),) if walk.step is Step.EXPLAIN else ()


def recap(walk: Walk) -> Line:
    """Where one was, for somebody who comes back."""
    return Line(key=f"consent/recap/{walk.step}", values=_progress(walk))


def _section(walk: Walk, section: Section) -> Line:
    values = {
        "number": walk.sections.index(section.id) + 1,
        "total": len(walk.sections),
        "title": at(section.title.key),
        "text": at(section.text.key),
    }
    return Line(key="consent/section", values=values, replies=_ON)


def _check(walk: Walk) -> Line:
    check = walk.check
    assert check is not None  # noqa: S101 - a question is open
    values = {
        **_progress(walk),
        "question": at(check.text.key),
        "options": {"numbered": [at(option.key) for option in check.options]},
    }
    return Line(key="consent/check", values=values)


def _progress(walk: Walk) -> Mapping[str, Any]:
    """`number` of what is open, `total` of its kind."""
    match walk.step:
        case Step.EXPLAIN:
            return {"number": walk.place + 1, "total": len(walk.sections)}
        case Step.CHECK:
            done = sum(concept.id in walk.mastered for concept in walk.concepts)
            return {"number": done + 1, "total": len(walk.concepts)}
        case Step.PERMIT:
            return {"number": len(walk.chosen) + 1, "total": len(walk.document.permissions)}
    return {"number": 1, "total": 1}
