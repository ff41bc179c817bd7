"""Bring a person in: on request, on distress, for a problem, after repeated misses."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.context import Call, OwnAction, Tools, say
from conversation.say import when_expected
from engagement import clock
from engagement.effects import once
from engagement.escalations import open_escalation
from engagement.studies import decide_expected

_REASONS = {"ask_person": "asked", "distress": "distress", "report_problem": "problem", "affirm": "missed"}
_FIRST_WORDS = {"distress": "distress/person", "problem": "problem/person"}


class HandOver(OwnAction):
    """Opens an escalation that holds the conversation, and says when to expect an answer."""

    called = "action_hand_over"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        async with self._tools.database.begin(redoable=True) as connection:
            expected = await once(
                connection,
                call.message_id,
                "hand_over",
                lambda: call_person(connection, self._tools, call, call.intent),
            )
        say_coming(dispatcher, call.intent, expected)
        return []


async def call_person(connection: AsyncConnection, tools: Tools, call: Call, intent: str) -> Mapping[str, Any]:
    """Open the escalation that `intent` asks for; returns when a person is expected. Run it once for a message."""
    at = clock.now()
    expected = decide_expected(tools.house.pack(call.study), at)
    await open_escalation(
        connection,
        call.participant_id,
        reason=_REASONS.get(intent, "asked"),
        at=at,
        due_at=expected.due,
        study_slug=call.study,
        cause_id=call.message_id,
    )
    return {"kind": str(expected.kind), "hours": expected.hours or 0}


def say_coming(dispatcher: CollectingDispatcher, intent: str, expected: Mapping[str, Any]) -> None:
    """A person has been called, and when they are expected."""
    if (first := _FIRST_WORDS.get(_REASONS.get(intent, "asked"))) is not None:
        say(dispatcher, first)
    say(dispatcher, "person/coming", **when_expected(expected["kind"], expected["hours"]))
