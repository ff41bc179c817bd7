"""One leader among all processes: whoever holds the advisory lock, for as long as its connection lives."""

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database, try_lock

_PURPOSE, _NAME = "scheduler", "leader"


class Leadership:
    """Ask `leads()` at each tick: it takes the lock when it is free and notices when the connection was lost."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self._held = False

    async def leads(self) -> bool:
        try:
            if self._connection is None:
                raw = await self._database.engine.connect()
                self._connection = await raw.execution_options(isolation_level="AUTOCOMMIT")
            if not self._held:
                self._held = await try_lock(self._connection, _PURPOSE, _NAME)
            else:
                await self._connection.exec_driver_sql("select 1")
        except (SQLAlchemyError, OSError):
            await self.resign()
        return self._held

    async def resign(self) -> None:
        """Let go: the connection is closed, and the lock with it."""
        connection, self._connection, self._held = self._connection, None, False
        if connection is not None:
            try:
                await connection.invalidate()
                await connection.close()
            except (SQLAlchemyError, OSError):
                return
