"""One service with the trained bot for each file of conversations (some travel in time); every test brings people of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.conversations.script import Chat, Mailbox, Phone, Script
from tests.harness.place import open_place, run_service
from tests.harness.postgres import Postgres
from tests.harness.real_bot import RealBot

type Person = Phone | Chat | Mailbox


@pytest.fixture(scope="module")
async def script(
    postgres: Postgres, real_bot: RealBot, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Script]:
    with postgres.fresh() as url:
        async with (
            open_place(url, real_bot, tmp_path_factory.mktemp("conversations")) as place,
            run_service(place) as service,
        ):
            yield Script(place, service)


@pytest.fixture(params=["sms", "webchat", "email"])
async def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["en", "es"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def person(script: Script, channel: str, language: str) -> AsyncIterator[Person]:
    """Somebody known on this channel, in this language, who has been told nothing yet."""
    if channel == "sms":
        phone = script.phone(language)
        if language == "es":
            await phone.say("español por favor")
            await phone.expect("language/switched")
        yield phone
    elif channel == "webchat":
        async with script.chat(language) as chat:
            yield chat
    else:
        mailbox = script.mailbox()
        await mailbox.confirm()
        if language == "es":
            await mailbox.say("español por favor")
            mailbox.language = "es"
            await mailbox.expect("language/switched")
        yield mailbox
