"""A message that was not understood: say what can be asked; the second time in a row, offer a person."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select

from actions.context import Call, OwnAction, say
from engagement.effects import once
from storage.tables import conversations

OFFER_AFTER = 2
"""Misses in a row before a person is offered."""


class Miss(OwnAction):
    """Counts the miss, once for each message."""

    called = "action_miss"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
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
