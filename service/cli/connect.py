"""A database for a command, by the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.house import database_url
from service.secrets_file import load_secrets
from service.settings import Settings
from storage.database import Database


@asynccontextmanager
async def connected() -> AsyncIterator[Database]:
    """The configured (or embedded) database, for one command."""
    settings = Settings()
    settings.check_production()
    database = Database(database_url(settings), load_secrets(settings).keyring, pool_size=2)
    try:
        yield database
    finally:
        await database.close()
