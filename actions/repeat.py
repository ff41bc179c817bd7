""" "What do you mean?": say the last thing again."""

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select

from actions.context import Tools, read_call, say
from conversation.content import ContentMissing
from storage.tables import messages


class Repeat(Action):  # type: ignore[misc]
    """Says again what was said last, where that needs nothing but the approved text."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def name(self) -> str:
        return "action_repeat"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        call = read_call(tracker)
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
