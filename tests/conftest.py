"""What tests of the whole house share: one PostgreSQL and one trained bot a run, a fresh database a test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from service.bot import BotMissing, ensure_model
from service.settings import ROOT
from tests.harness import log_watch
from tests.harness.fake_bot import FakeBot
from tests.harness.place import Place, open_place
from tests.harness.postgres import Postgres, start_postgres
from tests.harness.real_bot import RealBot


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(log_watch)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = start_postgres()
    yield server
    server.stop()


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    """A fresh database with schema, study packs and words."""
    with postgres.fresh() as url:
        yield url


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model; trained now where its inputs changed."""
    try:
        return ensure_model(ROOT / ".perennial")
    except BotMissing:
        pytest.skip("the bot's environment is not there: `make setup` makes it")


@pytest.fixture(scope="session")
async def real_bot(model: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealBot]:
    """Rasa with the trained model, shared by the run; up and ready."""
    bot = RealBot(model, log=tmp_path_factory.mktemp("bot") / "bot.log")
    await bot.open()
    try:
        await bot.up()
        yield bot
    finally:
        await bot.close()


@pytest.fixture
async def fake_bot() -> AsyncIterator[FakeBot]:
    """A bot that says what the test tells it to; up."""
    bot = FakeBot()
    await bot.up()
    yield bot
    bot.hang.set()
    await bot.down()


@pytest.fixture
async def place(database_url: str, fake_bot: FakeBot, tmp_path: Path) -> AsyncIterator[Place]:
    """A place with the fake bot. With the real one: `open_place(database_url, real_bot, tmp_path)`."""
    async with open_place(database_url, fake_bot, tmp_path) as opened:
        yield opened
