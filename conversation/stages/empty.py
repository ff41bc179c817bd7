"""A message without words: an empty text, a picture."""

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.turn import House, Turn


async def check_empty(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """Say that files can't be read here, or that nothing arrived."""
    if turn.text.strip():
        return turn
    files = any(turn.details.get(name, "0") != "0" for name in ("attachments", "num_media"))
    key = "attachment/not_read" if files else "message/empty"
    return turn.saying(key).ended("empty")
