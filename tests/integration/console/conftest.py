"""One service for all tests here; every test brings people of its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from console.accounts import add_coordinator
from tests.conversations.script import Script
from tests.harness.postgres import Postgres
from tests.integration.console.desk import EMAIL, PASSWORD, Desk, desk_of
from tests.integration.scripted import scripted


@pytest.fixture(scope="package")
async def script(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Script]:
    async with scripted(postgres, tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture(scope="package", autouse=True)
async def coordinator(script: Script) -> None:
    database = script.service.built.database
    async with database.begin() as connection:
        await add_coordinator(connection, database.keyring, email=EMAIL, password=PASSWORD, at=datetime.now(UTC))


@pytest.fixture
async def desk(script: Script) -> AsyncIterator[Desk]:
    async with desk_of(script) as desk:
        assert await desk.sign_in() == 303
        yield desk
