"""A database of its own for each test, and somebody in it."""

from collections.abc import AsyncIterator

import pytest

from engagement.participants import add_participant
from storage.database import Database
from tests.harness.postgres import KEYRING
from tests.integration.permissions.somebody import AT, STUDY, Somebody


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, KEYRING, pool_size=4)
    yield made
    await made.close()


@pytest.fixture
async def somebody(database: Database) -> Somebody:
    async with database.begin() as connection:
        return Somebody(database, await add_participant(connection, language="en", study_slug=STUDY, at=AT))
