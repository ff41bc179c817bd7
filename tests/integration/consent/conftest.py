"""One service for all tests here, with a bot that starts the walk-through; every test brings people of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.conversations.script import Script
from tests.harness.fake_bot import CONSENT, DOCUMENT, FakeBot
from tests.harness.place import open_place, run_service
from tests.harness.postgres import Postgres

ANSWERS = {"hello": "greet", "consent": CONSENT, "document": DOCUMENT}


@pytest.fixture(scope="package")
async def script(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Script]:
    bot = FakeBot(ANSWERS)
    await bot.up()
    try:
        with postgres.fresh() as url:
            async with (
                open_place(url, bot, tmp_path_factory.mktemp("consent")) as place,
                run_service(place) as service,
            ):
                yield Script(place, service)
    finally:
        await bot.down()
