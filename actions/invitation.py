"""An invitation to another study, answered: begin its pre-screening, ask again later, or never again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.context import Call, OwnAction, Tools, form_events, read_whereabouts, say, say_all
from actions.interview import asking_of
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

FORM = "invitation_form"
_MUCH_LATER = Span(count=3, unit="months")
"""When to ask again where they name no time."""


class HearInvitation(OwnAction):
    """The form's validation: an answer to an invitation (`conversation.frames` has heard one). All of it is said here."""

    called = f"validate_{FORM}"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        heard = hear_interest(call.text, language=call.language)
        # Not heard again is not heard: what costs least is to ask another time.
        pending = await _answer(self._tools, dispatcher, call, heard or Interest.LATER)
        return form_events(pending, goes_on=False)


class TakeInvitation(OwnAction):
    """Somebody says of their own that they want to be in the new study, or in none ever."""

    called = "action_invitation"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        heard = Interest.NEVER if call.intent == "no_more_invitations" else Interest.YES
        return [SlotSet("pending", await _answer(self._tools, dispatcher, call, heard))]


async def _answer(tools: Tools, dispatcher: CollectingDispatcher, call: Call, heard: Interest) -> str | None:
    """Do it once for this message, and say it. Returns what the conversation waits for."""
    async with tools.database.begin(redoable=True) as connection:

        async def take() -> Mapping[str, Any]:
            return {"heard": heard, **await _take(connection, tools, call, heard)}

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


async def _take(connection: AsyncConnection, tools: Tools, call: Call, heard: Interest) -> Mapping[str, Any]:
    at, where = clock.now(), await read_whereabouts(connection, tools, call)
    if heard is Interest.NEVER:
        await refuse_invitations(connection, call.participant_id, call.message_id, channel=where.channel, at=at)
        return {}
    invitation = await last_invitation(connection, call.participant_id, at=at)
    if invitation is None:
        return {}
    if heard is Interest.LATER:
        meant = read_later(call.text, language=call.language, now=at.astimezone(where.zone))
        until = meant.until if meant.said else shift(at, _MUCH_LATER, where.zone)
        await snooze(connection, call.participant_id, until=until, at=at, which=invitation.touchpoint_id)
        return {"until": until.astimezone(where.zone).isoformat()}
    await accept_invitation(connection, call.participant_id, invitation, at=at)
    there = replace(call, study=invitation.study)
    return (await start_interview(connection, await asking_of(connection, tools, there), kind="prescreen")).to_json()
