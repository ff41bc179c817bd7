"""Questionnaires in dialogue: begin one, take the message as an answer, ask what is next. Rasa's form is only the frame."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.context import Call, Tools, read_call, read_topic, say
from actions.hand_over import call_person, say_coming
from actions.permissions import is_wish_to_leave, left_by, talk_of
from engagement import clock
from engagement.effects import once, recorded
from engagement.interviews import answer_interview, start_interview
from engagement.interviews.keeping import Asking
from engagement.interviews.lines import Line
from engagement.interviews.taking import read_outcome
from storage.tables import messages, participants

FORM = "questionnaire_form"
_STARTED, _ANSWERED = "interview_started", "interview_answered"
_KINDS = {"start_prescreen": "prescreen", "start_check_in": "check_in"}


class StartInterview(Action):  # type: ignore[misc]
    """Begins or goes on with a questionnaire; the form takes over where a question is open."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return "action_start_questionnaire"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        call = read_call(tracker)
        async with self._tools.database.begin(redoable=True) as connection:

            async def start() -> Mapping[str, Any]:
                asking = await asking_of(connection, self._tools, call)
                kind = _KINDS.get(call.intent, "prescreen")
                return (await start_interview(connection, asking, kind=kind)).to_json()

            outcome = read_outcome(await once(connection, call.message_id, _STARTED, start))
        say_all(dispatcher, outcome.said)
        pending = [SlotSet("pending", outcome.pending)]
        return [*pending, FollowupAction(FORM)] if outcome.pending else pending


class TakeAnswer(Action):  # type: ignore[misc]
    """The form's validation: the message is an answer, a question, or a wish about the questionnaire."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        call = read_call(tracker)
        if is_wish_to_leave(call, tracker):
            return left_by(await talk_of(self._tools, tracker, dispatcher))
        text = str(tracker.latest_message.get("text") or "")
        async with self._tools.database.begin(redoable=True) as connection:
            if await recorded(connection, call.message_id, _STARTED) is not None:
                return []  # the form has only just begun: this message asked for it

            async def answer() -> Mapping[str, Any]:
                asking = await asking_of(connection, self._tools, call)
                outcome = await answer_interview(connection, asking, text, read_topic(tracker, call))
                if not outcome.person:
                    return outcome.to_json()
                reason = call.intent if call.intent in ("distress", "report_problem") else "ask_person"
                coming = await call_person(connection, self._tools, call, reason)
                return {**outcome.to_json(), "coming": dict(coming), "reason": reason}

            result = await once(connection, call.message_id, _ANSWERED, answer)
        outcome = read_outcome(result)
        expected: Mapping[str, Any] | None = result.get("coming")
        say_all(dispatcher, outcome.said)
        if expected is not None:
            say_coming(dispatcher, str(result["reason"]), expected)
        events = [SlotSet("pending", outcome.pending)]
        return [*events, SlotSet("requested_slot", None)] if not outcome.pending or expected else events


class AskQuestion(Action):  # type: ignore[misc]
    """Asks what is open: what beginning or answering has worked out already."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return "action_ask_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        call = read_call(tracker)
        async with self._tools.database.autocommit() as connection:
            found = await recorded(connection, call.message_id, _ANSWERED, _STARTED)
        if found is not None:
            say_all(dispatcher, read_outcome(found).asked)
        return []


def say_all(dispatcher: CollectingDispatcher, lines: tuple[Line, ...]) -> None:
    for line in lines:
        say(dispatcher, line.key, replies=line.replies, input=line.input, **line.values)


async def asking_of(connection: AsyncConnection, tools: Tools, call: Call) -> Asking:
    row = (
        await connection.execute(
            select(participants.c.time_zone, messages.c.channel)
            .join_from(messages, participants, participants.c.id == call.participant_id)
            .where(messages.c.id == call.message_id)
        )
    ).one()
    house = tools.house
    pack = house.pack(call.study)
    return Asking(
        keyring=house.keyring,
        instruments=house.instruments[pack.slug],
        participant_id=call.participant_id,
        message_id=call.message_id,
        study=pack.slug,
        language=call.language,
        channel=row.channel,
        at=clock.now().astimezone(ZoneInfo(row.time_zone or pack.time_zone)),
    )
