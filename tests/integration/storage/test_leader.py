"""One leader: the second process takes over when the first one's connection has died, and never before."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from scheduler.leader import Leadership
from storage.database import Database
from tests.harness.place import until
from tests.harness.postgres import KEYRING


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes on one database, as far as PostgreSQL can tell."""
    first, second = (Database(database_url, KEYRING, pool_size=3) for _ in range(2))
    yield first, second
    await first.close()
    await second.close()


async def cut(database: Database) -> int:
    """End every other connection to this database, as a network does."""
    async with database.begin() as connection:
        ended = await connection.scalars(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
        return len(list(ended))


async def test_there_is_one_leader(two: tuple[Database, Database]) -> None:
    first, second = (Leadership(database) for database in two)
    assert [await first.leads(), await second.leads(), await first.leads(), await second.leads()] == [
        True,
        False,
        True,
        False,
    ]
    await first.resign()
    await second.resign()


async def test_the_second_takes_over_after_the_first_resigned(two: tuple[Database, Database]) -> None:
    first, second = (Leadership(database) for database in two)
    assert await first.leads()
    await first.resign()
    await until(second.leads, seconds=5)
    assert not await first.leads()
    await first.resign()
    await second.resign()


async def test_the_second_takes_over_when_the_first_one_s_connection_dies(two: tuple[Database, Database]) -> None:
    first, second = (Leadership(database) for database in two)
    assert await first.leads()
    assert await cut(two[1]) >= 1
    await until(second.leads, seconds=5)
    assert not await first.leads()  # it notices, and does not think it still leads
    assert not await first.leads()
    await second.resign()
    await until(first.leads, seconds=5)  # the server may take a moment to see a closed connection
    await first.resign()


async def test_a_database_that_is_away_has_no_leader_and_no_error(two: tuple[Database, Database]) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing", KEYRING, pool_size=1)
    assert not await Leadership(nowhere).leads()
    await nowhere.close()
