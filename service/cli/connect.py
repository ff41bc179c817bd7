"""A database for a command, by the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.cli.configured import configured
from service.house import database_url
from service.secrets_file import load_secrets
from storage.database import Database


@asynccontextmanager
async def connected() -> AsyncIterator[Database]:
    """The configured (or embedded) database, for one command."""
    settings = configured()
    database = Database(database_url(settings), load_secrets(settings).keyring, pool_size=2)
    try:
        yield database
    finally:
        await database.close()
