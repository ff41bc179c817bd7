"""The whole service with a bot that says what it is told: for what holds whatever Rasa understands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.conversations.script import Script
from tests.harness.fake_bot import APPOINTMENT, HAND_OVER, PRESCREEN, FakeBot
from tests.harness.place import open_place, run_service
from tests.harness.postgres import Postgres

ANSWERS = {"cost?": "faq/cost", "person": HAND_OVER, "hello": "greet", "qualify?": PRESCREEN, "when?": APPOINTMENT}
"""What the bot makes of these; of everything else, `thank`."""


@asynccontextmanager
async def scripted(postgres: Postgres, folder: Path) -> AsyncIterator[Script]:
    """A house of its own, up for the length of the block."""
    bot = FakeBot(ANSWERS)
    await bot.up()
    try:
        with postgres.fresh() as url:
            async with open_place(url, bot, folder) as place, run_service(place) as service:
                yield Script(place, service)
    finally:
        await bot.down()
