"""Permissions in dialogue: say what was agreed to, change it, and leave. Rasa's form only keeps the talk going."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.context import Call, Tools, read_call, read_topic, say
from actions.hand_over import call_person, say_coming
from engagement import clock
from engagement.effects import once
from engagement.permissions.hearing import STARTS, WITHDRAW
from engagement.permissions.outcome import Asking, Outcome, read_outcome
from engagement.permissions.taking import RESULT, begin_talk, go_on
from engagement.permissions.wishes import read_wishes
from engagement.signatures import open_request
from storage.tables import messages, participants

FORM = "permissions_form"
_PERSON_FOR = ("distress", "report_problem")


class BeginPermissions(Action):  # type: ignore[misc]
    """What did I agree to? Change it. I want to leave."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return "action_permissions"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        outcome = await talk_of(self._tools, tracker, dispatcher)
        return [SlotSet("pending", outcome.pending)]


class HearPermissions(Action):  # type: ignore[misc]
    """The form's validation: an answer to what we asked about permissions. All of it is said here."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        call, text = read_call(tracker), _text(tracker)
        async with self._tools.database.begin(redoable=True) as connection:

            async def hear() -> Mapping[str, Any]:
                asking = await _asking(connection, self._tools, call)
                outcome = await go_on(connection, asking, text, read_topic(tracker, call))
                return await _done(connection, self._tools, call, outcome)

            result = await once(connection, call.message_id, RESULT, hear)
        outcome = _say_all(dispatcher, self._tools, result)
        events = [SlotSet("pending", outcome.pending)]
        return events if outcome.pending else [*events, SlotSet("requested_slot", None)]


def is_wish_to_leave(call: Call, tracker: Tracker) -> bool:
    """Whether a message plainly asks to leave, whatever else is being asked just now."""
    return call.intent == WITHDRAW and bool(read_wishes(_text(tracker), language=call.language))


def left_by(outcome: Outcome) -> list[dict[str, Any]]:
    """What another form answers where the message was ours: it ends, and ours goes on if something is open."""
    return [SlotSet("pending", outcome.pending), SlotSet("requested_slot", None)]


async def talk_of(tools: Tools, tracker: Tracker, dispatcher: CollectingDispatcher) -> Outcome:
    """Begin such a talk with this message, and say what comes of it."""
    call, text = read_call(tracker), _text(tracker)
    async with tools.database.begin(redoable=True) as connection:

        async def begin() -> Mapping[str, Any]:
            asking = await _asking(connection, tools, call)
            intent = call.intent if call.intent in STARTS else STARTS[0]
            return await _done(connection, tools, call, await begin_talk(connection, asking, intent, text))

        result = await once(connection, call.message_id, RESULT, begin)
    return _say_all(dispatcher, tools, result)


def _text(tracker: Tracker) -> str:
    return str(tracker.latest_message.get("text") or "")


async def _done(connection: AsyncConnection, tools: Tools, call: Call, outcome: Outcome) -> dict[str, Any]:
    """The outcome as it is kept; where a person is wanted, one has been called, and where a link is, there is one."""
    result = outcome.to_json()
    if outcome.link:
        request = await open_request(
            connection, call.participant_id, study=call.study, version="", may_sign=False, at=clock.now()
        )
        result["request"] = str(request)
    if outcome.person:
        reason = call.intent if call.intent in _PERSON_FOR else "ask_person"
        result |= {"coming": dict(await call_person(connection, tools, call, reason)), "reason": reason}
    return result


def _say_all(dispatcher: CollectingDispatcher, tools: Tools, result: Mapping[str, Any]) -> Outcome:
    outcome = read_outcome(result)
    link = {"document_link": tools.house.document_link(UUID(result["request"]))} if outcome.link else {}
    purpose = "opt_out_confirmation" if outcome.quiet else ""
    for line in outcome.said:
        say(dispatcher, line.key, replies=line.replies, input=line.input, purpose=purpose, **line.values, **link)
    if outcome.person:
        say_coming(dispatcher, str(result["reason"]), result["coming"])
    return outcome


async def _asking(connection: AsyncConnection, tools: Tools, call: Call) -> Asking:
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
        participant_id=call.participant_id,
        message_id=call.message_id,
        study=pack.slug,
        language=call.language,
        channel=row.channel,
        at=clock.now().astimezone(ZoneInfo(row.time_zone or pack.time_zone)),
    )
