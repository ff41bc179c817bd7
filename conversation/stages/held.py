"""Held by a person? Then the bot is silent: the message waits in the coordinator's list."""

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.turn import House, Turn


async def check_held(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """End the turn without a word while an escalation holds the conversation."""
    return turn.ended("held") if turn.held else turn
