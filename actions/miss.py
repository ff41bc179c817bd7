"""A message that was not understood: say what can be asked; the second time in a row, offer a person."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select

from actions.context import Tools, read_call, say
from engagement.effects import once
from storage.tables import conversations

OFFER_AFTER = 2
"""Misses in a row before a person is offered."""


class Miss(Action):  # type: ignore[misc]
    """Counts the miss, once for each message."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return "action_miss"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        call = read_call(tracker)
        async with self._tools.database.begin(redoable=True) as connection:

            async def miss() -> Mapping[str, Any]:
                before = await connection.scalar(
                    select(conversations.c.misses).where(conversations.c.participant_id == call.participant_id)
                )
                misses = (before or 0) + 1
                offered = misses >= OFFER_AFTER
                return {"misses": 0 if offered else misses, "pending": "person_offer" if offered else None}

            result = await once(connection, call.message_id, "miss", miss)
        if result["pending"]:
            say(dispatcher, "fallback/offer_person")
        else:
            say(dispatcher, "out_of_scope" if call.intent == "out_of_scope" else "fallback/first")
        return [SlotSet("pending", result["pending"])]
