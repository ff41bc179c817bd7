"""Interviews in the database: begun, answered and finished once for each message, however often a turn is run."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.escalations import open_escalation
from engagement.instruments import find_crossed
from engagement.interviews.finishing import finish
from engagement.interviews.hearing import Heard, again, hear
from engagement.interviews.interview import Interview, begin, is_over
from engagement.interviews.keeping import (
    Asking,
    due_check_in,
    earlier_answers,
    keep_new,
    open_row,
    read_kept,
    save,
    verdict_of,
)
from engagement.interviews.lines import Line, read_line
from engagement.interviews.questions import listed_for_mail, progress, question_lines
from engagement.journeys import look_again
from engagement.permissions import Cause, grant_by_taking_part
from engagement.questionnaires import to_response

PENDING = "question"
"""What a conversation waits for while a question of an interview is open."""
STALE = timedelta(hours=12)
"""After so long a pause, whoever comes back is first told where they were."""
_SMALL = frozenset({"greet", "goodbye", "thank", "affirm", "deny", "repeat", "start_prescreen", "start_check_in"})
"""Intents that want nothing but the question again."""
CLOCKS = {"crisis": timedelta(minutes=15), "adverse_event": timedelta(hours=24)}
OTHERWISE = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What the dialogue understood of the message, should it be no answer: the intent, and the texts that would answer it."""

    intent: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a message came to: `said`, then `asked`; `pending` for the conversation; `person`: bring one in."""

    said: tuple[Line, ...] = ()
    asked: tuple[Line, ...] = ()
    pending: str | None = None
    person: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it is kept under the message's id."""
        return {
            "said": [line.to_json() for line in self.said],
            "asked": [line.to_json() for line in self.asked],
            "pending": self.pending,
            "person": self.person,
        }


def read_outcome(data: Any) -> Outcome:
    """The inverse of `Outcome.to_json`."""
    return Outcome(
        said=tuple(map(read_line, data["said"])),
        asked=tuple(map(read_line, data["asked"])),
        pending=data["pending"],
        person=data["person"],
    )


async def start_interview(connection: AsyncConnection, asking: Asking, *, kind: str) -> Outcome:
    """Begin the pre-screening or the check-in that is due, or go on with what is open. `kind`: prescreen or check_in."""
    row = await open_row(connection, asking)
    if row is not None:
        interview = read_kept(asking, row)
        return await _ask(connection, asking, row.id, interview, said=(_recap(interview),))
    if kind == "prescreen":
        eligibility = asking.instruments.eligibility
        if eligibility is None:
            return Outcome(said=(Line(key="prescreen/none"),))
        if (known := await verdict_of(connection, asking)) is not None:
            return Outcome(said=(Line(key=f"prescreen/done/{known}"),))
        name = eligibility.questionnaire
        earlier = await earlier_answers(connection, asking)
        first = Line(key="prescreen/welcome")
    else:
        due = await due_check_in(connection, asking)
        if due is None:
            return Outcome(said=(Line(key="check_in/none"),))
        name, earlier, first = due, (), Line(key="check_in/welcome")
    interview = begin(asking.instruments.forms[name], at=asking.at, earlier=earlier)
    await grant_by_taking_part(connection, asking.participant_id, asking.study, at=asking.at, cause=_cause(asking))
    await look_again(connection, asking.participant_id, asking.study, now=asking.at)
    row_id = await keep_new(connection, asking, interview, kind=kind)
    return await _ask(connection, asking, row_id, interview, said=(first,))


async def answer_interview(connection: AsyncConnection, asking: Asking, text: str, topic: Topic) -> Outcome:
    """Take a message as the answer to the open question; say what comes of it, and what is asked next."""
    row = await open_row(connection, asking)
    if row is None:
        return Outcome(said=(Line(key="ask/none_open"),))
    before = read_kept(asking, row)
    heard = hear(before, text, language=asking.language, at_=asking.at)
    if heard.wants_person or (not heard.recorded and topic.intent in ("ask_person", "distress", "report_problem")):
        return Outcome(pending=PENDING, person=True)
    said = list(heard.lines)
    if heard.asks_aside:
        heard, aside = _aside(before, heard, topic)
        said += aside
    interview = heard.interview
    if heard.paused:
        await save(connection, asking, row.id, interview)
        return Outcome(said=tuple(said), pending=None)
    if not heard.recorded and asking.at - row.updated_at > STALE:
        said.append(_recap(interview))
    if heard.recorded:
        interview, alarm = await _alarm(connection, asking, row, interview)
        if alarm:
            await save(connection, asking, row.id, interview)
            return Outcome(said=(Line(key="safety/crisis"),), pending=PENDING)
    if not is_over(interview):
        return await _ask(connection, asking, row.id, interview, said=tuple(said))
    await save(connection, asking, row.id, interview, status="completed")
    said += await finish(
        connection,
        interview,
        instruments=asking.instruments,
        response_id=row.id,
        participant_id=asking.participant_id,
        cause=_cause(asking),
        keyring=asking.keyring,
        at=asking.at,
    )
    return Outcome(said=tuple(said), pending=None)


def _aside(before: Interview, heard: Heard, topic: Topic) -> tuple[Heard, list[Line]]:
    """An answer to what they asked, or a word that we did not understand."""
    if topic.keys:
        kept = heard if heard.recorded else replace(heard, interview=before)
        return kept, [Line(key=key) for key in topic.keys]
    if heard.recorded:
        return heard, []
    if topic.intent in _SMALL and heard.interview.tries < 2:
        return heard, []
    return heard, [again(heard.interview)]


async def _ask(
    connection: AsyncConnection, asking: Asking, row_id: UUID, interview: Interview, *, said: tuple[Line, ...]
) -> Outcome:
    if asking.channel == "email" and not interview.tries:
        interview = replace(interview, listed=listed_for_mail(interview))
    await save(connection, asking, row_id, interview)
    return Outcome(said=said, asked=question_lines(interview, channel=asking.channel), pending=PENDING)


async def _alarm(connection: AsyncConnection, asking: Asking, row: Any, interview: Interview) -> tuple[Interview, bool]:
    """Bring a person in where a threshold has just been crossed. True: this is a crisis, nothing else is said."""
    check_in = asking.instruments.check_in(row.name)
    if check_in is None:
        return interview, False
    response = to_response(interview.state, authored=asking.at)
    fresh = [
        each for each in find_crossed(check_in.thresholds, response, at=asking.at) if each.id not in interview.crossed
    ]
    for each in fresh:
        await open_escalation(
            connection,
            asking.participant_id,
            reason=each.reason,
            at=asking.at,
            due_at=asking.at + CLOCKS.get(each.reason, OTHERWISE),
            study_slug=asking.study,
            cause_id=asking.message_id,
            triggers=[f"{row.name}/{one.id}" for one in fresh if one.reason == each.reason],
        )
    crossed = (*interview.crossed, *(each.id for each in fresh))
    return replace(interview, crossed=crossed), any(each.reason == "crisis" for each in fresh)


def _cause(asking: Asking) -> Cause:
    return Cause(actor="participant", said_on=asking.channel, message_id=asking.message_id)


def _recap(interview: Interview) -> Line:
    return Line(key="ask/recap", values=progress(interview))
