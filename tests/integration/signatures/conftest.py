"""One service for all tests here; every test brings people of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.conversations.script import Script
from tests.harness.postgres import Postgres
from tests.integration.scripted import scripted


@pytest.fixture(scope="module")
async def script(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Script]:
    async with scripted(postgres, tmp_path_factory.mktemp("house")) as opened:
        yield opened
