"""`kill -9` of the service at every point of a turn: what was acknowledged is answered exactly once all the same."""

import contextlib
import signal

import pytest

from service.demo.fake_twilio import CallbackPlan
from tests.chaos.crowd import ANSWERS, Text, check_answers, check_answers_or_unknown, crowd, insist, person, send
from tests.harness.fake_bot import FakeBot
from tests.harness.kill_points import POINTS
from tests.harness.place import Place, outbox_id
from tests.harness.service_process import ServiceProcess

AT_THE_PROVIDER = ("before_provider", "provider_accepted")
"""Where a kill leaves a send whose fate only the provider knows."""


COST, POLITE = ("How much does the test cost?",), ("Hello there", "Thank you very much")
HANDED_OVER = ("I want to talk to a person please",)


def _conversations(point: str) -> list[tuple[str, ...]]:
    """Whose turns are under way. Beyond Rasa one person's: another's send, cut off by the same kill, is `unknown`."""
    if point == "action_committed":
        return [HANDED_OVER]
    if list(POINTS).index(point) > list(POINTS).index("action_committed"):
        return [POLITE]
    return [COST, POLITE, HANDED_OVER]


@pytest.mark.parametrize("point", [point for point in POINTS if point not in AT_THE_PROVIDER])
async def test_killed_once(place: Place, fake_bot: FakeBot, point: str) -> None:
    fake_bot.answers = dict(ANSWERS)
    fake_bot.delay = 0.8 if point == "while_rasa_thinks" else 0.0
    texts = crowd(*_conversations(point))
    async with ServiceProcess(place, kill_at=point) as service:
        await service.up()
        unacknowledged = await send(place, texts)
        assert await service.dead() == -signal.SIGKILL
    async with ServiceProcess(place) as service:
        await service.up()
        await insist(place, unacknowledged)
        await check_answers(place, texts)


async def test_killed_at_every_point_one_after_the_other(place: Place, fake_bot: FakeBot) -> None:
    fake_bot.answers = dict(ANSWERS)
    fake_bot.delay = 0.1
    texts = [text for round_ in range(len(POINTS)) for text in crowd(COST, POLITE, HANDED_OVER, start=10 * round_)]
    waiting: list[Text] = []
    killed = 0
    for round_, point in enumerate(POINTS):
        waiting += [text for text in texts if text.number in {person(10 * round_ + who) for who in range(10)}]
        async with ServiceProcess(place, kill_at=f"{point}:2", abandoned_s=4) as service:
            # It may have enough left to do to reach its point before it listens.
            with contextlib.suppress(RuntimeError):
                await service.up()
                waiting = await send(place, waiting)
            with contextlib.suppress(TimeoutError):
                killed += await service.dead(seconds=3) == -signal.SIGKILL
    assert killed >= 10
    async with ServiceProcess(place, abandoned_s=4) as service:
        await service.up()
        await insist(place, waiting)
        lost = await check_answers_or_unknown(place, texts)
    assert lost <= killed


@pytest.mark.parametrize(("point", "posts"), [("before_provider", 0), ("provider_accepted", 1)])
async def test_killed_around_the_provider_call(place: Place, fake_bot: FakeBot, point: str, posts: int) -> None:
    place.twilio.callbacks = CallbackPlan.none()
    (text,) = crowd(["How much does the test cost?"])
    async with ServiceProcess(place, kill_at=point) as service:
        await service.up()
        assert await send(place, [text]) == []
        assert await service.dead() == -signal.SIGKILL
    async with ServiceProcess(place, abandoned_s=2) as service:
        await service.up()
        await place.idle()
        assert await _fates(place) == ["unknown"]
        # Whoever writes again is answered, and what is unknown is not sent again on that occasion.
        later = crowd(["Thank you very much"])
        assert await send(place, later) == []
        await place.idle()
        assert place.twilio.posts == posts + 1
        for message in place.answers(text.number):
            await place.call_back(message, "sent", "delivered")
        fates = await _fates(place)
        assert fates == (["delivered", "delivered"] if posts else ["unknown", "delivered"])
        assert place.twilio.posts == posts + 1
        assert len({outbox_id(message) for message in place.answers(text.number)}) == posts + 1


async def _fates(place: Place) -> list[str]:
    rows = await place.rows("select status from messages where direction = 'out' order by id")
    return [row["status"] for row in rows]
