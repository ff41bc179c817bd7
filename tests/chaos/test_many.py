"""Two processes on one database, and a flood of webhooks with repeats."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.demo.fake_twilio import CallbackPlan
from service.demo.world import free_port
from tests.chaos.crowd import ANSWERS, check_answers, check_answers_or_unknown, crowd, insist, send
from tests.harness.fake_bot import HAND_OVER, FakeBot
from tests.harness.forwarder import Forwarder
from tests.harness.place import Place
from tests.harness.service_process import ServiceProcess

CONVERSATIONS = 64
FLOOD = 2000


async def test_two_processes_share_the_conversations(place: Place, fake_bot: FakeBot) -> None:
    fake_bot.answers = dict(ANSWERS)
    dice = random.Random(7)
    words = [text for text, key in ANSWERS.items() if key != HAND_OVER]
    texts = crowd(*[dice.sample(words, 4) for _ in range(CONVERSATIONS)])
    async with _two(place):
        assert await send(place, texts) == []
        await check_answers(place, texts, seconds=60)


async def test_one_of_two_processes_dies(place: Place, fake_bot: FakeBot) -> None:
    fake_bot.answers = dict(ANSWERS)
    fake_bot.delay = 0.05
    texts = crowd(*[("Hello there", "How much does the test cost?", "Thank you very much")] * 16)
    async with _two(place, kill_at="rasa_answered:8") as (one, _):
        refused = await send(place, texts)
        await one.dead()
        # The other one has everything now, without a restart.
        await insist(place, refused)
        assert await check_answers_or_unknown(place, texts) <= 4


async def test_a_flood_with_a_third_repeated(place: Place, fake_bot: FakeBot) -> None:
    fake_bot.answers = dict(ANSWERS)
    dice = random.Random(7)
    words = [text for text, key in ANSWERS.items() if key != HAND_OVER]
    texts = crowd(*[[dice.choice(words)] for _ in range(FLOOD * 2 // 3)])
    webhooks = [*texts, *texts[: FLOOD - len(texts)]]
    dice.shuffle(webhooks)
    assert len(webhooks) == FLOOD
    place.twilio.callbacks = CallbackPlan.none()  # callbacks have their own test
    knocking = asyncio.Semaphore(40)

    async def knock(number: str, said: str, sid: str) -> int:
        async with knocking:
            return await place.text(number, said, sid=sid)

    async with _two(place):
        statuses = await asyncio.gather(*(knock(text.number, text.words, text.sid) for text in webhooks))
        assert set(statuses) == {200}
        await check_answers(place, texts, seconds=120)
    assert len(fake_bot.turns) == len(texts)


@asynccontextmanager
async def _two(place: Place, *, kill_at: str = "") -> AsyncIterator[tuple[ServiceProcess, ServiceProcess]]:
    """Two processes behind the public address, both up; `kill_at` is the first one's."""
    ports = free_port(), free_port()
    front = Forwarder(place.ports.web)
    front.point_to(*ports)
    await front.start()
    one, two = (
        ServiceProcess(
            place,
            kill_at=kill_at if number == 0 else "",
            name=f"service{number}",
            listen=f"127.0.0.1:{port}",
            internal_listen=f"127.0.0.1:{place.ports.internal if number else free_port()}",
            email_listen="",
        )
        for number, port in enumerate(ports)
    )
    try:
        await asyncio.gather(one.up(), two.up())
        yield one, two
    finally:
        one.kill()
        two.kill()
        await front.stop()
