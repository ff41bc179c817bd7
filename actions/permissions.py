"""Permissions in dialogue: say what was agreed to, change it, and leave. Rasa's form only keeps the talk going."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.context import Call, OwnAction, Tools, form_events, read_whereabouts, say_all
from actions.hand_over import call_person, say_coming
from engagement import clock
from engagement.effects import once
from engagement.permissions.hearing import STARTS, WITHDRAW
from engagement.permissions.outcome import Asking, Outcome, read_outcome
from engagement.permissions.taking import RESULT, begin_talk, go_on
from engagement.permissions.wishes import read_wishes
from engagement.signatures import open_request

FORM = "permissions_form"


class BeginPermissions(OwnAction):
    """What did I agree to? Change it. I want to leave."""

    called = "action_permissions"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        outcome = await talk_of(self._tools, call, dispatcher)
        return [SlotSet("pending", outcome.pending)]


class HearPermissions(OwnAction):
    """The form's validation: an answer to what we asked about permissions. All of it is said here."""

    called = f"validate_{FORM}"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        async with self._tools.database.begin(redoable=True) as connection:

            async def hear() -> Mapping[str, Any]:
                asking = await _asking(connection, self._tools, call)
                outcome = await go_on(connection, asking, call.text, call.topic)
                return await _done(connection, self._tools, call, outcome)

            result = await once(connection, call.message_id, RESULT, hear)
        outcome = _say_all(dispatcher, self._tools, result)
        return form_events(outcome.pending)


def is_wish_to_leave(call: Call) -> bool:
    """Whether a message plainly asks to leave, whatever else is being asked just now."""
    return call.intent == WITHDRAW and bool(read_wishes(call.text, language=call.language))


def left_by(outcome: Outcome) -> list[dict[str, Any]]:
    """What another form answers where the message was ours: it ends, and ours goes on if something is open."""
    return form_events(outcome.pending, goes_on=False)


async def talk_of(tools: Tools, call: Call, dispatcher: CollectingDispatcher) -> Outcome:
    """Begin such a talk with this message, and say what comes of it."""
    async with tools.database.begin(redoable=True) as connection:

        async def begin() -> Mapping[str, Any]:
            asking = await _asking(connection, tools, call)
            intent = call.intent if call.intent in STARTS else STARTS[0]
            return await _done(connection, tools, call, await begin_talk(connection, asking, intent, call.text))

        result = await once(connection, call.message_id, RESULT, begin)
    return _say_all(dispatcher, tools, result)


async def _done(connection: AsyncConnection, tools: Tools, call: Call, outcome: Outcome) -> dict[str, Any]:
    """The outcome as it is kept; where a person is wanted, one has been called, and where a link is, there is one."""
    result = outcome.to_json()
    if outcome.link:
        request = await open_request(
            connection, call.participant_id, study=call.study, version="", may_sign=False, at=clock.now()
        )
        result["request"] = str(request)
    if outcome.person:
        coming = await call_person(connection, tools, call, call.wants_person)
        result |= {"coming": dict(coming), "reason": call.wants_person}
    return result


def _say_all(dispatcher: CollectingDispatcher, tools: Tools, result: Mapping[str, Any]) -> Outcome:
    outcome = read_outcome(result)
    link = {"document_link": tools.house.document_link(UUID(result["request"]))} if outcome.link else {}
    purpose = "opt_out_confirmation" if outcome.quiet else ""
    say_all(dispatcher, outcome.said, purpose=purpose, **link)
    if outcome.person:
        say_coming(dispatcher, str(result["reason"]), result["coming"])
    return outcome


async def _asking(connection: AsyncConnection, tools: Tools, call: Call) -> Asking:
    where = await read_whereabouts(connection, tools, call)
    return Asking(
        keyring=tools.house.keyring,
        participant_id=call.participant_id,
        message_id=call.message_id,
        study=tools.house.pack(call.study).slug,
        language=call.language,
        channel=where.channel,
        at=clock.now().astimezone(where.zone),
    )
