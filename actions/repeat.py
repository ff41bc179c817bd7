""" "What do you mean?": say the last thing again."""

from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select

from actions.context import Call, OwnAction, say
from conversation.content import ContentMissing
from storage.tables import messages


class Repeat(OwnAction):
    """Says again what was said last, where that needs nothing but the approved text."""

    called = "action_repeat"

    async def act(self, dispatcher: CollectingDispatcher, call: Call) -> list[dict[str, Any]]:
        async with self._tools.database.begin() as connection:
            keys = await connection.scalar(
                select(messages.c.content_keys)
                .where(
                    messages.c.direction == "out",
                    messages.c.participant_id == call.participant_id,
                    messages.c.content_keys.is_not(None),
                    messages.c.purpose == "reply",
                )
                .order_by(messages.c.created_at.desc(), messages.c.id.desc())
                .limit(1)
            )
        registry = self._tools.house.registry
        repeatable = []
        for key in (keys or "").split(","):
            try:
                registry.render(key, language=call.language, channel="webchat", study=call.study)
            except ContentMissing:
                continue
            repeatable.append(key)
        for key in repeatable or ["repeat_none"]:
            say(dispatcher, key)
        return []
