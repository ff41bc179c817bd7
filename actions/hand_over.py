"""Bring a person in: on request, on distress, for a problem, after repeated misses."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Call, Tools, read_call, say
from conversation.say import when_expected
from engagement import clock
from engagement.effects import once
from engagement.escalations import open_escalation
from engagement.studies import decide_expected

_REASONS = {"ask_person": "asked", "distress": "distress", "report_problem": "problem", "affirm": "missed"}
_FIRST_WORDS = {"distress": "distress/person", "problem": "problem/person"}


class HandOver(Action):  # type: ignore[misc]
    """Opens an escalation that holds the conversation, and says when to expect an answer."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return "action_hand_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        call = read_call(tracker)
        reason = _REASONS.get(call.intent, "asked")
        expected = await self._record(call, reason)
        if reason in _FIRST_WORDS:
            say(dispatcher, _FIRST_WORDS[reason])
        say(dispatcher, "person/coming", **when_expected(expected["kind"], expected["hours"]))
        return []

    async def _record(self, call: Call, reason: str) -> Mapping[str, Any]:
        at = clock.now()
        expected = decide_expected(self._tools.house.pack(call.study), at)
        async with self._tools.database.begin(redoable=True) as connection:

            async def hand_over() -> Mapping[str, Any]:
                await open_escalation(
                    connection,
                    call.participant_id,
                    reason=reason,
                    at=at,
                    due_at=expected.due,
                    study_slug=call.study,
                    cause_id=call.message_id,
                )
                return {"kind": str(expected.kind), "hours": expected.hours or 0}

            return await once(connection, call.message_id, "hand_over", hand_over)
