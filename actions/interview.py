"""Questionnaires in dialogue: begin one, take the message as an answer, ask what is next. Rasa's form is only the frame."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.context import Call, OwnAction, Tools, form_events, read_whereabouts, say_all
from actions.hand_over import call_person, say_coming
from actions.permissions import is_wish_to_leave, left_by, talk_of
from engagement import clock
from engagement.effects import once, recorded
from engagement.interviews import answer_interview, start_interview
from engagement.interviews.keeping import Asking
from engagement.interviews.taking import read_outcome

FORM = "questionnaire_form"
_RESULT = "interview"
"""What a message did to an interview: it began one, or answered in it, never both."""
_KINDS = {"start_prescreen": "prescreen", "start_check_in": "check_in"}


class StartInterview(OwnAction):
    """Begins or goes on with a questionnaire; the form takes over where a question is open."""

    called = "action_start_questionnaire"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        async with self._tools.database.begin(redoable=True) as connection:

            async def start() -> Mapping[str, Any]:
                asking = await asking_of(connection, self._tools, call)
                kind = _KINDS.get(call.intent, "prescreen")
                return {**(await start_interview(connection, asking, kind=kind)).to_json(), "begun": True}

            outcome = read_outcome(await once(connection, call.message_id, _RESULT, start))
        say_all(dispatcher, outcome.said)
        pending = [SlotSet("pending", outcome.pending)]
        return [*pending, FollowupAction(FORM)] if outcome.pending else pending


class TakeAnswer(OwnAction):
    """The form's validation: the message is an answer, a question, or a wish about the questionnaire."""

    called = f"validate_{FORM}"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        if is_wish_to_leave(call):
            return left_by(await talk_of(self._tools, call, dispatcher))
        async with self._tools.database.begin(redoable=True) as connection:

            async def answer() -> Mapping[str, Any]:
                asking = await asking_of(connection, self._tools, call)
                outcome = await answer_interview(connection, asking, call.text, call.topic)
                if not outcome.person:
                    return outcome.to_json()
                coming = await call_person(connection, self._tools, call, call.wants_person)
                return {**outcome.to_json(), "coming": dict(coming), "reason": call.wants_person}

            result = await once(connection, call.message_id, _RESULT, answer)
        if "begun" in result:
            return []  # the form has only just begun: this message asked for it
        outcome = read_outcome(result)
        expected: Mapping[str, Any] | None = result.get("coming")
        say_all(dispatcher, outcome.said)
        if expected is not None:
            say_coming(dispatcher, str(result["reason"]), expected)
        return form_events(outcome.pending, goes_on=expected is None)


class AskQuestion(OwnAction):
    """Asks what is open: what beginning or answering has worked out already."""

    called = "action_ask_answer"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        async with self._tools.database.autocommit() as connection:
            found = await recorded(connection, call.message_id, _RESULT)
        if found is not None:
            say_all(dispatcher, read_outcome(found).asked)
        return []


async def asking_of(connection: AsyncConnection, tools: Tools, call: Call) -> Asking:
    """Whom an interview is held with, in the call's study."""
    where = await read_whereabouts(connection, tools, call)
    house = tools.house
    pack = house.pack(call.study)
    return Asking(
        keyring=house.keyring,
        instruments=house.instruments[pack.slug],
        participant_id=call.participant_id,
        message_id=call.message_id,
        study=pack.slug,
        language=call.language,
        channel=where.channel,
        at=clock.now().astimezone(where.zone),
    )
