"""A message without words: an empty text, a picture."""

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.turn import House, Turn


async def check_empty(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """Say that files can't be read here, or that nothing arrived."""
    if turn.text.strip():
        return turn
    key = "attachment/not_read" if turn.details.get("attachments", "0") != "0" else "message/empty"
    return turn.saying(key).ended("empty")
