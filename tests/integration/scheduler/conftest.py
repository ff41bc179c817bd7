"""A stage of its own for each test here, on a Monday at noon in New York."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.integration.scheduler.stage import Stage, clock_of, set_stage

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    made = await set_stage(database_url, NOON)
    with clock_of(made):
        yield made
    await made.close()
