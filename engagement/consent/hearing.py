"""One message into a walk-through: on, back, a question, an answer to the teach-back, a decision, a permission. Pure."""

from dataclasses import dataclass, replace

from engagement.answers import Expectation, Understood, read_answer
from engagement.answers.steering import is_question
from engagement.answers.text import Text, read_text
from engagement.answers.vocabulary import vocabulary
from engagement.consent.asides import find_question
from engagement.consent.document import Section
from engagement.consent.steering import Wish, read_wish
from engagement.consent.understanding import NO_DAY, Shown, read_check
from engagement.consent.walk import Step, Walk, choose, next_section, understood
from engagement.interviews.lines import Line

STUCK = 3
"""Messages in a row that were no answer before a person is offered."""
_YES_NO = Expectation(kind="boolean")


@dataclass(frozen=True, kw_only=True)
class Result:
    """An answer to a teach-back question, to be kept. `question`: 1 or 2."""

    concept: str
    question: int
    understood: bool


@dataclass(frozen=True, kw_only=True)
class Heard:
    """`lines`: what is said before what is open. `tell`: what is open is told again; else only how to go on.

    `asks_aside`: they asked something, or said what was not understood: the dialogue may know. `wants_person`: they ask
    for one. `lost`: the concept that two answers did not show to be understood: a person explains it. `decided`: whether
    they take part. `wants_document`: all of it, to read. `paused`: they come back later.
    """

    walk: Walk
    lines: tuple[Line, ...] = ()
    tell: bool = True
    asks_aside: bool = False
    paused: bool = False
    wants_person: bool = False
    wants_document: bool = False
    lost: str = ""
    decided: bool | None = None
    result: Result | None = None


def hear(walk: Walk, text: str, *, language: str) -> Heard:
    """Take a message as what is open asks for it."""
    said = read_text(text)
    wish = read_wish(said, language=language)
    match walk.step:
        case Step.EXPLAIN:
            return _told(walk, wish, said, text, language)
        case Step.CHECK:
            return _checked(walk, wish, said, text, language)
        case Step.DECIDE:
            return _decided(walk, wish, said, text, language)
    return _permitted(walk, wish, said, text, language)


def _told(walk: Walk, wish: Wish | None, said: Text, text: str, language: str) -> Heard:
    """After a section: on, or what they wish or ask."""
    if wish is Wish.NEXT or (wish is None and judge_yes(said, language)):
        return Heard(walk=next_section(walk))
    if wish is not None:
        return hear_wish(walk, wish)
    return _aside(walk, text, language)


def _checked(walk: Walk, wish: Wish | None, said: Text, text: str, language: str) -> Heard:
    """An answer to the teach-back: understood, explained again and asked in other words, or for a person to explain."""
    check, concept = walk.check, walk.concept
    assert check is not None  # noqa: S101 - a question is open
    assert concept is not None  # noqa: S101 - of this concept
    if wish in (Wish.DOCUMENT, Wish.PERSON, Wish.DECLINE, Wish.REPEAT, Wish.MORE, Wish.BACK, Wish.HELP):
        return hear_wish(walk, wish)
    shown = read_check(text, check, language=language)
    if shown is Shown.UNSURE or is_question(said, vocabulary(language)):
        if wish is Wish.LATER:
            return hear_wish(walk, wish)
        return _aside(walk, text, language)
    result = Result(concept=concept.id, question=1 + walk.second, understood=shown is Shown.UNDERSTOOD)
    if shown is Shown.UNDERSTOOD:
        return Heard(walk=understood(walk), lines=(Line(key="consent/right"),), result=result)
    if not walk.second:
        lines = (Line(key="consent/not_quite"), Line(key=concept.correction.key))
        return Heard(walk=replace(walk, second=True, tries=0), lines=lines, result=result)
    walk = replace(walk, second=False, tries=0)
    return Heard(walk=walk, lines=(Line(key="consent/person_explains"),), tell=False, lost=concept.id, result=result)


def _decided(walk: Walk, wish: Wish | None, said: Text, text: str, language: str) -> Heard:
    """To take part or not; nobody is hurried."""
    if wish not in (None, Wish.NEXT):
        return hear_wish(walk, wish)
    answer = read_yes_no(text, language)
    if answer is None:
        return _aside(walk, text, language)
    if not answer:
        return Heard(walk=walk, decided=False, tell=False)
    walk = replace(walk, step=Step.PERMIT if walk.permission else Step.OVER, tries=0)
    return Heard(walk=walk, lines=(Line(key="consent/permissions"),), decided=True)


def _permitted(walk: Walk, wish: Wish | None, said: Text, text: str, language: str) -> Heard:
    """A yes or a no to one permission. One that the study needs is asked for once more before a no ends it."""
    permission = walk.permission
    assert permission is not None  # noqa: S101 - a permission is asked
    answer = read_yes_no(text, language)
    if answer is None:
        if wish not in (None, Wish.NEXT):
            return hear_wish(walk, wish)
        return _aside(walk, text, language)
    if answer or not permission.needed:
        return Heard(walk=choose(walk, answer))
    if not walk.second:
        return Heard(walk=replace(walk, second=True, tries=0), lines=(Line(key="consent/needed"),))
    return Heard(walk=replace(walk, second=False), decided=False, tell=False)


def read_yes_no(text: str, language: str) -> bool | None:
    """A plain yes or no to what was asked; None for anything else, also for a question or a maybe."""
    reading = read_answer(text, _YES_NO, language=language, today=NO_DAY)
    if isinstance(reading, Understood) and len(reading.values) == 1 and not reading.asked and not reading.notes:
        return bool(reading.values[0])
    return None


def judge_yes(said: Text, language: str) -> bool:
    """Whether somebody says nothing but yes after what was explained to them."""
    reading = read_answer(said.original, _YES_NO, language=language, today=NO_DAY)
    return isinstance(reading, Understood) and reading.values == (True,) and not reading.asked


def hear_wish(walk: Walk, wish: Wish) -> Heard:
    """Take a wish, however it was said."""
    explaining = walk.step is Step.EXPLAIN
    walk = replace(walk, tries=0)
    match wish:
        case Wish.DOCUMENT:
            return Heard(walk=walk, wants_document=True, tell=not explaining)
        case Wish.PERSON:
            return Heard(walk=walk, wants_person=True, tell=False)
        case Wish.DECLINE:
            return Heard(walk=walk, decided=False, tell=False)
        case Wish.LATER:
            return Heard(walk=walk, paused=True, tell=False)
        case Wish.HELP:
            return Heard(walk=walk, lines=(Line(key="consent/help"),), tell=not explaining)
        case Wish.MORE:
            more = _open_section(walk).more if walk.step in (Step.EXPLAIN, Step.CHECK) else None
            return Heard(walk=walk, lines=(Line(key=more.key if more else "consent/no_more"),), tell=not explaining)
        case Wish.BACK:
            return _back(walk)
    return Heard(walk=walk)


def _back(walk: Walk) -> Heard:
    if walk.step is Step.EXPLAIN:
        if walk.place == 0:
            return Heard(walk=walk, lines=(Line(key="consent/first"),), tell=False)
        return Heard(walk=replace(walk, place=walk.place - 1))
    if walk.step is Step.PERMIT and walk.chosen:
        return Heard(walk=replace(walk, chosen=dict(list(walk.chosen.items())[:-1]), second=False))
    if walk.step is Step.PERMIT:
        return Heard(walk=replace(walk, step=Step.DECIDE, second=False))
    place = walk.sections.index(_open_section(walk).id)
    return Heard(walk=replace(walk, step=Step.EXPLAIN, place=place, second=False))


def _aside(walk: Walk, text: str, language: str) -> Heard:
    """What the document answers itself; else the dialogue may know it."""
    tell = walk.step is not Step.EXPLAIN
    question = find_question(walk.document, _open_section(walk), text, language=language)
    if question is not None:
        return Heard(walk=replace(walk, tries=0), lines=(Line(key=question.answer.key),), tell=tell)
    return Heard(walk=replace(walk, tries=walk.tries + 1), asks_aside=True, tell=tell)


def not_understood(walk: Walk) -> Line:
    """Nothing that can be used was said: say what can be, then offer a person."""
    if walk.tries >= STUCK:
        return Line(key="consent/stuck", replies=("replies/ask_person",))
    return Line(key=f"consent/again/{walk.step}")


def _open_section(walk: Walk) -> Section:
    if walk.step is Step.CHECK and walk.concept is not None:
        return walk.document.section(walk.concept.section)
    return walk.section
