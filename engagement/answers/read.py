"""One way in: a participant's text and what the question expects → what it came to. Pure; never raises on any text."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from engagement.answers.choices import read_choice, read_exact_option, read_refusing_option
from engagement.answers.dates import read_date
from engagement.answers.expectation import Expectation
from engagement.answers.free_text import read_free_text, read_url
from engagement.answers.limits import check_limits
from engagement.answers.measures import read_measure
from engagement.answers.reading import Ambiguous, LooksLikeQuestion, NotUnderstood, PreferNot, Reading, Understood
from engagement.answers.setting import Setting
from engagement.answers.steering import (
    declines,
    find_refusal,
    read_command,
    read_question,
    read_refusal,
    split_question,
)
from engagement.answers.text import READ_CHARACTERS, Text, read_text
from engagement.answers.times import read_moment, read_time
from engagement.answers.vocabulary import Vocabulary, languages, vocabulary
from engagement.answers.yes_no import read_boolean

type _Reader = Callable[[Text, Setting], Reading]

_READERS: Mapping[str, _Reader] = {
    "boolean": read_boolean,
    "integer": read_measure,
    "decimal": read_measure,
    "quantity": read_measure,
    "date": read_date,
    "dateTime": read_moment,
    "time": read_time,
    "choice": read_choice,
    "open-choice": read_choice,
    "string": read_free_text,
    "text": read_free_text,
    "url": read_url,
}
_SETTLED_BY_BOUNDS = ("day-or-month", "which-year", "am-or-pm", "unit")
_CHOICES = ("choice", "open-choice")
_FREE = ("string", "text")


def read_answer(
    text: str,
    expectation: Expectation,
    *,
    language: str,
    today: date,
    region: str | None = None,
    zone: str = "UTC",
    born: date | None = None,
) -> Reading:
    """What a participant's text says to a question.

    `language`: the conversation's ("en", "es"); words of the other languages are tried where it yields nothing.
    `today`: the participant's day. `region`: ISO 3166-1 code of where they live, None where not known: it settles
    3/4/24 and 1,500. `zone`: IANA name, for the offset of a dateTime. `born`: settles "when I was 40".
    """
    said = read_text(text)
    if expectation.kind not in _FREE:
        said = said.cut(0, READ_CHARACTERS)
    settings = [
        Setting(
            expectation=expectation, words=words, today=today, region=region, zone=zone, born=born, borrowed=place > 0
        )
        for place, words in enumerate(_words(language))
    ]
    for read in (_steer, _read):
        for setting in settings:
            reading = read(said, setting)
            if not isinstance(reading, NotUnderstood):
                return reading
    return NotUnderstood()


def _words(language: str) -> tuple[Vocabulary, ...]:
    """The conversation's words, then those of the other languages."""
    first = vocabulary(language)
    return (first, *(vocabulary(other) for other in languages() if other != first.language))


def _steer(text: Text, setting: Setting) -> Reading:
    """An option by its own label, or a whole message that is no answer."""
    if setting.expectation.kind in _CHOICES:
        chosen = read_exact_option(text, setting) or read_refusing_option(text, setting)
        if chosen is not None:
            return chosen
    return (
        read_command(text, setting.words)
        or read_question(text, setting.words)
        or read_refusal(text, setting.words)
        or NotUnderstood()
    )


def _read(text: Text, setting: Setting) -> Reading:
    told, asked = split_question(text, setting.words)
    if setting.expectation.kind in _FREE:
        reading = _within_limits(read_free_text(text, setting), setting.expectation)
        return replace(reading, asked=asked) if isinstance(reading, Understood) else reading
    if declines(told, setting.words):
        return PreferNot()
    reading = _corrected(told, setting) or _READERS[setting.expectation.kind](told, setting)
    reading = _within_limits(reading, setting.expectation)
    if isinstance(reading, NotUnderstood):
        return LooksLikeQuestion() if asked else find_refusal(told, setting.words) or reading
    return replace(reading, asked=asked) if asked and isinstance(reading, Understood) else reading


def _corrected(text: Text, setting: Setting) -> Reading | None:
    """The reading of what follows "no wait" or "I mean", where that is an answer by itself."""
    marks = setting.words["corrections"].matches(text.plain)
    if not marks:
        return None
    after = text.cut(marks[-1].end())
    reading = _READERS[setting.expectation.kind](after, setting) if after.words else None
    return reading if isinstance(reading, Understood) else None


def _within_limits(reading: Reading, expectation: Expectation) -> Reading:
    if isinstance(reading, Ambiguous):
        return _possible(reading, expectation)
    if not isinstance(reading, Understood):
        return reading
    return check_limits(reading.values, expectation) or reading


def _possible(doubt: Ambiguous, expectation: Expectation) -> Reading:
    """Only what the item allows is worth asking back; where that leaves one of two readings, it is the answer."""
    left = tuple(value for value in doubt.candidates if check_limits((value,), expectation) is None)
    if not left:
        return check_limits(doubt.candidates[:1], expectation) or doubt
    if len(left) == 1 < len(doubt.candidates) and doubt.doubt in _SETTLED_BY_BOUNDS:
        return Understood(values=left)
    return replace(doubt, candidates=left)
