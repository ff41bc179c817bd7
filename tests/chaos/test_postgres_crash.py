"""PostgreSQL crashes and comes back while messages flow: the service finds it again by itself, and nothing is lost."""

import asyncio

from tests.chaos.crowd import ANSWERS, Text, check_answers, check_answers_or_unknown, crowd, insist, send
from tests.harness.fake_bot import FakeBot
from tests.harness.place import Place
from tests.harness.postgres import Postgres
from tests.harness.service_process import ServiceProcess

CRASHES = 3


async def test_crashes_while_messages_flow(place: Place, fake_bot: FakeBot, postgres: Postgres) -> None:
    fake_bot.answers = dict(ANSWERS)
    fake_bot.delay = 0.05
    words = ("Hello there", "How much does the test cost?", "Is the result accurate?", "Thank you very much")
    texts = crowd(*[words] * 20)
    async with ServiceProcess(place, abandoned_s=4) as service:
        await service.up()
        sending = asyncio.create_task(_send_steadily(place, texts))
        for _ in range(CRASHES):
            await asyncio.sleep(0.7)
            await asyncio.to_thread(postgres.crash)
        await sending
        lost = await check_answers_or_unknown(place, texts)
        assert lost <= CRASHES * 4  # at most one for each delivery under way at a crash
        # It works as before.
        later = crowd(["Thank you very much"], start=50)
        posts = place.twilio.posts
        assert await send(place, later) == []
        await place.idle()
        assert await place.said(later[0].number) == ["thank"]
        assert place.twilio.posts == posts + 1


async def test_a_crash_while_the_service_rests(place: Place, fake_bot: FakeBot, postgres: Postgres) -> None:
    fake_bot.answers = dict(ANSWERS)
    texts = crowd(*[("Hello there",)] * 8)
    async with ServiceProcess(place) as service:
        await service.up()
        assert await send(place, texts[:4]) == []
        await place.idle()
        await asyncio.to_thread(postgres.crash)
        await insist(place, await send(place, texts[4:]))
        await check_answers(place, texts)


async def _send_steadily(place: Place, texts: list[Text]) -> None:
    """Ten at a time with a breath between; what was not acknowledged is delivered again, in its person's order."""
    refused: list[Text] = []
    for first in range(0, len(texts), 10):
        refused += await send(place, texts[first : first + 10])
        waiting, refused = refused, []
        for text in waiting:
            refused += await send(place, [text])
        await asyncio.sleep(0.25)
    await insist(place, refused)
