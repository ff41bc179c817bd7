"""Appointments in dialogue: when it is, yes I will come, I can't come then."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.context import Call, OwnAction, Tools, form_events, read_whereabouts, say
from conversation.say import when_expected
from engagement import clock
from engagement.appointments import Booked, Reply, hear_reply, place_values, read_appointment, time_values
from engagement.appointments.replying import RESULT, take_reply
from engagement.effects import once
from engagement.escalations import open_escalation
from engagement.studies import decide_expected

FORM = "appointment_form"
_MOST_TOLD = 3


class TellAppointment(OwnAction):
    """When is my appointment? I can't make it."""

    called = "action_appointment"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        await _answer(self._tools, dispatcher, call, Reply.MOVE if call.intent == "move_appointment" else None)
        return [SlotSet("pending", None)]


class HearAppointment(OwnAction):
    """The form's validation: an answer to a reminder (`conversation.frames` has heard one). All of it is said here."""

    called = f"validate_{FORM}"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        reply = hear_reply(call.text, language=call.language)
        await _answer(self._tools, dispatcher, call, reply)
        return form_events(None)


async def _answer(tools: Tools, dispatcher: CollectingDispatcher, call: Call, reply: Reply | None) -> None:
    """Do it once for this message, and say it. What is kept of it names appointments, and says nothing of them."""
    keyring = tools.house.keyring
    async with tools.database.begin(redoable=True) as connection:

        async def take() -> Mapping[str, Any]:
            at = clock.now()
            coming = await take_reply(connection, keyring, call.participant_id, reply, at=at)
            result: dict[str, Any] = {"appointments": [str(booked.id) for booked in coming[:_MOST_TOLD]]}
            if reply is Reply.MOVE:
                result["expected"] = await _call_person(connection, tools, call)
            return {**result, "pending": None}

        result = await once(connection, call.message_id, RESULT, take)
        found = [await read_appointment(connection, keyring, name) for name in map(UUID, result["appointments"])]
        zone = (await read_whereabouts(connection, tools, call)).zone
    if reply is Reply.MOVE:
        say(dispatcher, "appointment/move_asked", **result["expected"])
        return
    coming = [booked for booked in found if booked is not None and booked.appointment.starts_at is not None]
    if not coming:
        say(dispatcher, "appointment/none")
    elif reply is Reply.CONFIRM:
        say(dispatcher, "appointment/confirmed", **time_values(coming[0].appointment, zone=zone.key))
    else:
        for booked in coming:
            _say_when(dispatcher, booked, zone)


def _say_when(dispatcher: CollectingDispatcher, booked: Booked, zone: ZoneInfo) -> None:
    place = place_values(booked.appointment)
    key = "appointment/mine_with_place" if place else "appointment/mine"
    say(dispatcher, key, **time_values(booked.appointment, zone=zone.key), **place)


async def _call_person(connection: AsyncConnection, tools: Tools, call: Call) -> Mapping[str, Any]:
    """A person finds another time; the bot goes on talking meanwhile."""
    at = clock.now()
    expected = decide_expected(tools.house.pack(call.study), at)
    await open_escalation(
        connection,
        call.participant_id,
        reason="appointment",
        at=at,
        due_at=expected.due,
        study_slug=call.study,
        cause_id=call.message_id,
    )
    return when_expected(str(expected.kind), expected.hours or 0)
