"""One service for all tests here; every test brings people, codes and keys of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.harness.postgres import Postgres
from tests.integration.events.lab import Lab
from tests.integration.scripted import scripted


@pytest.fixture(scope="package")
async def lab(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    async with scripted(postgres, tmp_path_factory.mktemp("house")) as script, Lab(script) as opened:
        yield opened
