"""An invitation to another study, answered: begin its pre-screening, ask again later, or never again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.context import Call, Tools, read_call, say
from actions.interview import asking_of, say_all
from actions.snooze import told_date
from engagement import clock
from engagement.campaigns.hearing import Interest, hear_interest
from engagement.campaigns.replying import RESULT, accept_invitation, last_invitation, refuse_invitations
from engagement.effects import once
from engagement.interviews import start_interview
from engagement.interviews.taking import read_outcome
from engagement.journeys.snoozing import snooze
from engagement.later import read_later
from engagement.local_time import Span, shift
from storage.tables import messages, participants

FORM = "invitation_form"
_MUCH_LATER = Span(count=3, unit="months")
"""When to ask again where they name no time."""


class HearInvitation(Action):  # type: ignore[misc]
    """The form's validation: an answer to an invitation (`conversation.frames` has heard one). All of it is said here."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        call, text = read_call(tracker), str(tracker.latest_message.get("text") or "")
        heard = hear_interest(text, language=call.language)
        pending = await _answer(self._tools, dispatcher, call, text, heard or Interest.YES)
        return [SlotSet("pending", pending), SlotSet("requested_slot", None)]


class TakeInvitation(Action):  # type: ignore[misc]
    """Somebody says of their own that they want to be in the new study, or in none ever."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return "action_invitation"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        call, text = read_call(tracker), str(tracker.latest_message.get("text") or "")
        heard = Interest.NEVER if call.intent == "no_more_invitations" else Interest.YES
        return [SlotSet("pending", await _answer(self._tools, dispatcher, call, text, heard))]


async def _answer(tools: Tools, dispatcher: CollectingDispatcher, call: Call, text: str, heard: Interest) -> str | None:
    """Do it once for this message, and say it. Returns what the conversation waits for."""
    async with tools.database.begin(redoable=True) as connection:

        async def take() -> Mapping[str, Any]:
            return {"heard": heard, **await _take(connection, tools, call, text, heard)}

        result = await once(connection, call.message_id, RESULT, take)
    if result["heard"] == Interest.NEVER:
        say(dispatcher, "invitation/never")
    elif result.get("until"):
        say(dispatcher, "invitation/later", **told_date(str(result["until"])))
    elif "said" in result:
        outcome = read_outcome(result)
        say_all(dispatcher, (*outcome.said, *outcome.asked))
    else:
        say(dispatcher, "invitation/none")
    pending = result.get("pending")
    return None if pending is None else str(pending)


async def _take(connection: AsyncConnection, tools: Tools, call: Call, text: str, heard: Interest) -> Mapping[str, Any]:
    at = clock.now()
    if heard is Interest.NEVER:
        channel = await connection.scalar(select(messages.c.channel).where(messages.c.id == call.message_id))
        await refuse_invitations(connection, call.participant_id, call.message_id, channel=str(channel), at=at)
        return {}
    invitation = await last_invitation(connection, call.participant_id, at=at)
    if invitation is None:
        return {}
    if heard is Interest.LATER:
        own = await connection.scalar(select(participants.c.time_zone).where(participants.c.id == call.participant_id))
        zone = ZoneInfo(own or tools.house.pack(call.study).time_zone)
        meant = read_later(text, language=call.language, now=at.astimezone(zone))
        until = meant.until if meant.said else shift(at, _MUCH_LATER, zone)
        await snooze(connection, call.participant_id, until=until, at=at)
        return {"until": until.astimezone(zone).isoformat()}
    await accept_invitation(connection, call.participant_id, invitation, at=at)
    there = replace(call, study=invitation.study)
    return (await start_interview(connection, await asking_of(connection, tools, there), kind="prescreen")).to_json()
