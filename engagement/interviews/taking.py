"""Interviews in the database: begun, answered and finished once for each message, however often a turn is run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.escalations import open_escalation
from engagement.instruments import Instruments, find_crossed
from engagement.interviews.finishing import finish
from engagement.interviews.hearing import Heard, again, hear
from engagement.interviews.interview import Interview, begin, go_on, is_over
from engagement.interviews.lines import Line, read_line
from engagement.interviews.questions import listed_for_mail, progress, question_lines
from engagement.journeys import look_again
from engagement.permissions import Cause, grant_by_taking_part
from engagement.questionnaires import read_json, to_response
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import participants, questionnaire_responses, verdicts

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


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Whom we ask, in which study, and how. `at`: aware, in the participant's time zone."""

    keyring: Keyring
    instruments: Instruments
    participant_id: UUID
    message_id: UUID
    study: str
    language: str
    channel: str
    at: datetime


async def start_interview(connection: AsyncConnection, asking: Asking, *, kind: str) -> Outcome:
    """Begin the pre-screening or the check-in that is due, or go on with what is open. `kind`: prescreen or check_in."""
    row = await _open(connection, asking)
    if row is not None:
        interview = _read(asking, row)
        return await _ask(connection, asking, row.id, interview, said=(_recap(interview),))
    if kind == "prescreen":
        eligibility = asking.instruments.eligibility
        if eligibility is None:
            return Outcome(said=(Line(key="prescreen/none"),))
        if (known := await _verdict(connection, asking)) is not None:
            return Outcome(said=(Line(key=f"prescreen/done/{known}"),))
        name = eligibility.questionnaire
        earlier = await _earlier(connection, asking)
        first = Line(key="prescreen/welcome")
    else:
        due = await _due(connection, asking)
        if due is None:
            return Outcome(said=(Line(key="check_in/none"),))
        name, earlier, first = due, (), Line(key="check_in/welcome")
    interview = begin(asking.instruments.forms[name], at=asking.at, earlier=earlier)
    await grant_by_taking_part(connection, asking.participant_id, asking.study, at=asking.at, cause=_cause(asking))
    await look_again(connection, asking.participant_id, asking.study, now=asking.at)
    row_id = new_id()
    await connection.execute(
        insert(questionnaire_responses).values(
            id=row_id,
            participant_id=asking.participant_id,
            study_slug=asking.study,
            kind=kind,
            name=name,
            form_sha256=interview.instrument.sha256,
            status="in-progress",
            channel=asking.channel,
            started_at=asking.at,
            updated_at=asking.at,
            state=_sealed(asking, row_id, interview),
        )
    )
    return await _ask(connection, asking, row_id, interview, said=(first,))


async def answer_interview(connection: AsyncConnection, asking: Asking, text: str, topic: Topic) -> Outcome:
    """Take a message as the answer to the open question; say what comes of it, and what is asked next."""
    row = await _open(connection, asking)
    if row is None:
        return Outcome(said=(Line(key="ask/none_open"),))
    before = _read(asking, row)
    heard = hear(before, text, language=asking.language, at_=asking.at)
    if heard.wants_person or (not heard.recorded and topic.intent in ("ask_person", "distress", "report_problem")):
        return Outcome(pending=PENDING, person=True)
    said = list(heard.lines)
    if heard.asks_aside:
        heard, aside = _aside(before, heard, topic)
        said += aside
    interview = heard.interview
    if heard.paused:
        await _save(connection, asking, row.id, interview)
        return Outcome(said=tuple(said), pending=None)
    if not heard.recorded and asking.at - row.updated_at > STALE:
        said.append(_recap(interview))
    if heard.recorded:
        interview, alarm = await _alarm(connection, asking, row, interview)
        if alarm:
            await _save(connection, asking, row.id, interview)
            return Outcome(said=(Line(key="safety/crisis"),), pending=PENDING)
    if not is_over(interview):
        return await _ask(connection, asking, row.id, interview, said=tuple(said))
    await _save(connection, asking, row.id, interview, status="completed")
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
    await _save(connection, asking, row_id, interview)
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


async def _open(connection: AsyncConnection, asking: Asking) -> Any:
    return (
        await connection.execute(
            select(questionnaire_responses)
            .where(
                questionnaire_responses.c.participant_id == asking.participant_id,
                questionnaire_responses.c.status == "in-progress",
            )
            .with_for_update()
        )
    ).first()


def _read(asking: Asking, row: Any) -> Interview:
    kept = asking.keyring.open(row.state, place="questionnaire_responses.state", row=row.id)
    return go_on(asking.instruments.forms[row.name], kept, at=asking.at)


def _sealed(asking: Asking, row_id: UUID, interview: Interview) -> bytes:
    return asking.keyring.seal(interview.to_text(), place="questionnaire_responses.state", row=row_id)


async def _save(
    connection: AsyncConnection, asking: Asking, row_id: UUID, interview: Interview, *, status: str = "in-progress"
) -> None:
    await connection.execute(
        update(questionnaire_responses)
        .where(questionnaire_responses.c.id == row_id)
        .values(
            state=_sealed(asking, row_id, interview),
            form_sha256=interview.instrument.sha256,
            channel=asking.channel,
            updated_at=asking.at,
            status=status,
            finished_at=asking.at if status == "completed" else None,
        )
    )


async def _verdict(connection: AsyncConnection, asking: Asking) -> str | None:
    """What this study's pre-screening came to, if it was done."""
    found: str | None = await connection.scalar(
        select(verdicts.c.verdict)
        .where(verdicts.c.participant_id == asking.participant_id, verdicts.c.study_slug == asking.study)
        .order_by(verdicts.c.at.desc())
        .limit(1)
    )
    return found


async def _earlier(connection: AsyncConnection, asking: Asking) -> Sequence[dict[str, Any]]:
    """What this person answered in other pre-screenings, or in one they broke off; newest first."""
    same_person = select(participants.c.id).where(
        (participants.c.id == asking.participant_id) | (participants.c.merged_into == asking.participant_id)
    )
    rows = await connection.execute(
        select(questionnaire_responses.c.id, questionnaire_responses.c.state)
        .where(
            questionnaire_responses.c.participant_id.in_(same_person),
            questionnaire_responses.c.kind == "prescreen",
            questionnaire_responses.c.status != "in-progress",
        )
        .order_by(questionnaire_responses.c.updated_at.desc())
        .limit(5)
    )
    return [
        read_json(asking.keyring.open(row.state, place="questionnaire_responses.state", row=row.id).encode())[
            "response"
        ]
        for row in rows
    ]


async def _due(connection: AsyncConnection, asking: Asking) -> str | None:
    """The check-in that is due: never done, or done longer ago than its interval; the one that waits longest."""
    rows = await connection.execute(
        select(questionnaire_responses.c.name, func.max(questionnaire_responses.c.finished_at).label("last"))
        .where(
            questionnaire_responses.c.participant_id == asking.participant_id,
            questionnaire_responses.c.study_slug == asking.study,
            questionnaire_responses.c.kind == "check_in",
            questionnaire_responses.c.status == "completed",
        )
        .group_by(questionnaire_responses.c.name)
    )
    last = {row.name: row.last for row in rows}
    waiting = [
        (last.get(each.questionnaire), order, each.questionnaire)
        for order, each in enumerate(asking.instruments.check_ins)
        if each.questionnaire not in last
        or asking.at - last[each.questionnaire] >= timedelta(days=each.every_days) - timedelta(hours=12)
    ]
    if not waiting:
        return None
    return min(waiting, key=lambda one: (one[0] is not None, one[0] or asking.at, one[1]))[2]
