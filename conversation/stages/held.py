"""Held by a person? Then the bot is silent: the message waits in the coordinator's list."""

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.turn import House, Turn
from engagement.escalations import holding_escalation


async def check_held(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """End the turn without a word while an escalation holds the conversation."""
    assert turn.participant_id is not None  # noqa: S101 - identify ran
    held = await holding_escalation(connection, turn.participant_id)
    return turn if held is None else turn.ended("held")
