"""The connection to PostgreSQL: one engine, transactions, advisory locks."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.crypto import Keyring


class Database:
    """An engine and the keyring its sealed columns need.

    `begin()` gives a connection in a transaction: committed at the end of the block, rolled back on an error.
    """

    def __init__(self, url: str, keyring: Keyring, *, pool_size: int = 20) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.keyring = keyring
        # hide_parameters: an error of the database must not carry a participant's data into a log.
        self.engine: AsyncEngine = create_async_engine(
            self.url, pool_size=pool_size, max_overflow=0, hide_parameters=True, pool_pre_ping=False, pool_recycle=3600
        )

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.begin() as connection:
            yield connection

    @property
    def dsn(self) -> str:
        """The URL as libpq reads it, for a bare psycopg connection (LISTEN needs one of its own)."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def close(self) -> None:
        await self.engine.dispose()


def lock_key(purpose: str, name: UUID | str) -> int:
    """A signed 64-bit advisory lock key for a purpose and a name."""
    return int.from_bytes(hashlib.blake2b(f"{purpose}:{name}".encode(), digest_size=8).digest(), signed=True)


async def lock_in_transaction(connection: AsyncConnection, purpose: str, name: UUID | str) -> None:
    """Wait for an advisory lock that ends with the transaction."""
    await connection.execute(select(func.pg_advisory_xact_lock(lock_key(purpose, name))))


async def try_lock(connection: AsyncConnection, purpose: str, name: UUID | str) -> bool:
    """Take an advisory lock that lasts as long as the connection, if nobody has it: a killed process lets go at once."""
    return bool(await connection.scalar(select(func.pg_try_advisory_lock(lock_key(purpose, name)))))


async def unlock(connection: AsyncConnection, purpose: str, name: UUID | str) -> None:
    """Let go of a lock taken by `try_lock` on the same connection."""
    await connection.execute(select(func.pg_advisory_unlock(lock_key(purpose, name))))
