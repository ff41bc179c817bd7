"""What a turn has already done, so that a turn run again changes nothing twice.

A use case that is called from a turn runs inside `once`: its result is written in the same transaction as its effect,
under the inbound message's id, and a second run returns that result without doing anything.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import lock_in_transaction
from storage.tables import effects


async def once(
    connection: AsyncConnection, message_id: UUID, name: str, run: Callable[[], Awaitable[Mapping[str, Any]]]
) -> Mapping[str, Any]:
    """Run `run` unless this message has already caused `name`; return its (JSON) result either way."""
    await lock_in_transaction(connection, "effect", message_id)
    found = await connection.scalar(
        select(effects.c.result).where(effects.c.message_id == message_id, effects.c.name == name)
    )
    if found is not None:
        return cast(Mapping[str, Any], found)
    result = dict(await run())
    await connection.execute(insert(effects).values(message_id=message_id, name=name, result=result))
    return result


async def recorded(connection: AsyncConnection, message_id: UUID, *names: str) -> Mapping[str, Any] | None:
    """What this message has already caused under one of these names, the first of them that is there."""
    rows = await connection.execute(select(effects.c.name, effects.c.result).where(effects.c.message_id == message_id))
    found = {row.name: row.result for row in rows}
    return next((found[name] for name in names if name in found), None)
