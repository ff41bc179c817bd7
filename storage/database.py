"""The connection to PostgreSQL: transactions, and which of them wait for the disk; advisory locks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, cast, event, func, literal_column, select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.crypto import Keyring


class Database:
    """The engines and the keyring that sealed columns need.

    `begin()` gives a connection in a transaction: committed at the end of the block, rolled back on an error.
    `autocommit()` gives one on which every statement is its own transaction: no BEGIN and COMMIT to wait for.
    `redoable` is an engine for work that is done again should the database crash within the next moment: its commits
    do not wait for the disk (`synchronous_commit`). A later commit that waits takes along all that came before it.
    Each engine opens as many connections as are used at once, `pool_size` and `redoable_size` at most.
    """

    def __init__(self, url: str, keyring: Keyring, *, pool_size: int = 16, redoable_size: int = 8) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.keyring = keyring
        self.engine = self._engine(pool_size)
        self.redoable = self._engine(redoable_size)
        event.listen(self.redoable.sync_engine, "connect", _wait_for_no_disk)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def _engine(self, pool_size: int) -> AsyncEngine:
        # hide_parameters: an error of the database must not carry a participant's data into a log.
        return create_async_engine(
            self.url, pool_size=pool_size, max_overflow=0, hide_parameters=True, pool_pre_ping=False, pool_recycle=3600
        )

    @asynccontextmanager
    async def begin(self, *, redoable: bool = False) -> AsyncIterator[AsyncConnection]:
        async with (self.redoable if redoable else self.engine).begin() as connection:
            yield connection

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        async with self._autocommit.connect() as connection:
            yield connection

    @property
    def dsn(self) -> str:
        """The URL as libpq reads it, for a bare psycopg connection (LISTEN needs one of its own)."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def close(self) -> None:
        await self.engine.dispose()
        await self.redoable.dispose()


def _wait_for_no_disk(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("set synchronous_commit to off")
    cursor.close()
    connection.commit()


def lock_key(purpose: str, name: ColumnElement[Any]) -> ColumnElement[int]:
    """The advisory lock key (bigint) for a purpose and a name, computed by the database."""
    text = literal_column(f"'{purpose}:'", Text) + cast(name, Text)
    return func.hashtextextended(text, literal_column("0", BigInteger), type_=BigInteger)


_NAMED = bindparam("name", type_=Text)


async def lock_in_transaction(connection: AsyncConnection, purpose: str, name: UUID | str) -> None:
    """Wait for an advisory lock that ends with the transaction."""
    await connection.execute(select(func.pg_advisory_xact_lock(lock_key(purpose, _NAMED))), {"name": str(name)})


async def try_lock(connection: AsyncConnection, purpose: str, name: UUID | str) -> bool:
    """Take an advisory lock that lasts as long as the connection, if nobody has it: a killed process lets go at once."""
    taken = select(func.pg_try_advisory_lock(lock_key(purpose, _NAMED)))
    return bool(await connection.scalar(taken, {"name": str(name)}))


async def unlock(connection: AsyncConnection, purpose: str, name: UUID | str) -> None:
    """Let go of a lock taken on the same connection."""
    await connection.execute(select(func.pg_advisory_unlock(lock_key(purpose, _NAMED))), {"name": str(name)})
