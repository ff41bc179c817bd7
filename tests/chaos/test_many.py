"""Two processes on one database, and a flood of webhooks with repeats."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.demo.fake_twilio import CallbackPlan
from service.demo.world import free_port
from tests.chaos.crowd import ANSWERS, check_answers, check_answers_or_unknown, crowd, insist, owed, send
from tests.harness.fake_bot import HAND_OVER, FakeBot
from tests.harness.forwarder import Forwarder
from tests.harness.place import Place
from tests.harness.service_process import ServiceProcess

CONVERSATIONS = 64
FLOOD = 2000
HELD = 20


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
    async with _two(place, kill_at="rasa_answered:3", abandoned_s=4) as (one, _):
        refused = await send(place, texts)
        await one.dead()
        # The other one has everything now, without a restart.
        await insist(place, refused)
        assert await check_answers_or_unknown(place, texts) <= 4


async def test_a_flood_with_a_third_repeated(place: Place, fake_bot: FakeBot) -> None:
    fake_bot.answers = dict(ANSWERS)
    place.twilio.callbacks = CallbackPlan.none()  # callbacks have their own test
    dice = random.Random(7)
    words = [text for text, key in ANSWERS.items() if key != HAND_OVER]
    # Most come from conversations that a person holds: stored, screened and left to the coordinators, without an answer.
    handed_over = crowd(*[["I want to talk to a person please"]] * HELD)
    held = crowd(*[[dice.choice(words) for _ in range(FLOOD // 2 // HELD)] for _ in range(HELD)])
    questions = crowd(*[[dice.choice(words)] for _ in range(FLOOD * 2 // 3 - len(held))], start=HELD)
    texts = held + questions
    webhooks = [*texts, *dice.sample(texts, FLOOD - len(texts))]
    dice.shuffle(webhooks)
    assert len(webhooks) == FLOOD
    knocking = asyncio.Semaphore(40)

    async def knock(number: str, said: str, sid: str) -> int:
        async with knocking:
            return await place.text(number, said, sid=sid)

    async with _two(place):
        assert await send(place, handed_over) == []
        await check_answers(place, handed_over)
        statuses = await asyncio.gather(*(knock(text.number, text.words, text.sid) for text in webhooks))
        assert set(statuses) == {200}
        await place.idle(seconds=120)
    outcomes = await place.rows("select outcome, count(*) as n from messages where direction = 'in' group by outcome")
    answered = len(handed_over) + len(questions)
    assert {row["outcome"]: row["n"] for row in outcomes} == {"held": len(held), "answered": answered}
    assert place.twilio.posts == answered
    # A process that looked for its next turn just before the other one finished it asks the bot once more; the fence
    # lets one of them write.
    assert len({turn["turn"] for turn in fake_bot.turns}) == answered
    wanted = owed(handed_over + questions)
    assert {number: await place.said(number) for number in wanted} == wanted


@asynccontextmanager
async def _two(
    place: Place, *, kill_at: str = "", abandoned_s: float = 60
) -> AsyncIterator[tuple[ServiceProcess, ServiceProcess]]:
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
            abandoned_s=abandoned_s,
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
