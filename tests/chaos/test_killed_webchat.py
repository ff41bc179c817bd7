"""`kill -9` of the service around a turn that came by WebSocket: answered once, shown once, typed offline goes out once."""

import contextlib
import signal

import pytest

from tests.chaos.crowd import ANSWERS
from tests.chaos.window import Window
from tests.harness.fake_bot import HAND_OVER, FakeBot
from tests.harness.kill_points import CHAT_POINTS
from tests.harness.place import Place, until
from tests.harness.service_process import ServiceProcess

COST, THANKS, PERSON = "How much does the test cost?", "Thank you very much", "I want to talk to a person please"

UNACKNOWLEDGED = ("chat_before_storing", "chat_stored_not_acknowledged")


async def keys_said(place: Place) -> list[str]:
    """What was said, one row a message, in the order in which it was queued."""
    rows = await place.rows("select content_keys from messages where direction = 'out' order by created_at, id")
    return [row["content_keys"] for row in rows]


async def check_answered_once(place: Place, window: Window, *texts: str) -> None:
    """Each text is stored once, answered once, shown once; the answers stand as `delivered` when they were shown."""
    await place.idle()
    await until(lambda: len(window.answers()) >= len(texts))
    assert await keys_said(place) == [
        ANSWERS[text] if ANSWERS[text] != HAND_OVER else "person/coming" for text in texts
    ]
    assert window.mine() == list(texts)
    assert len(window.answers()) == len(texts)
    stored = await place.rows("select provider_id from messages where direction = 'in'")
    assert len(stored) == len({row["provider_id"] for row in stored}) == len(texts)

    async def noted() -> bool:
        rows = await place.rows("select status from messages where direction = 'out'")
        return {row["status"] for row in rows} == {"delivered"}

    await until(noted)


@pytest.mark.parametrize("point", [point for point in CHAT_POINTS if point != "chat_coming_back"])
async def test_killed_once(place: Place, fake_bot: FakeBot, point: str) -> None:
    fake_bot.answers = dict(ANSWERS)
    fake_bot.delay = 0.8 if point == "chat_while_rasa_thinks" else 0.0
    async with Window(place) as window:
        async with ServiceProcess(place, kill_at=point) as service:
            await service.up()
            first = window.write(COST)
            assert await service.dead() == -signal.SIGKILL
            assert (first in window.acknowledged) is (point not in UNACKNOWLEDGED)
        later = window.write(THANKS)  # typed while nobody is there
        async with ServiceProcess(place) as service:
            await service.up()
            await window.is_acknowledged(first)
            await window.is_acknowledged(later)
            await check_answered_once(place, window, COST, THANKS)
    assert window.acknowledged == [first, later]
    assert window.entered >= 2


async def test_killed_after_the_person_s_call_was_committed(place: Place, fake_bot: FakeBot) -> None:
    fake_bot.answers = dict(ANSWERS)
    async with Window(place) as window:
        async with ServiceProcess(place, kill_at="action_committed") as service:
            await service.up()
            window.write(PERSON)
            assert await service.dead() == -signal.SIGKILL
        async with ServiceProcess(place) as service:
            await service.up()
            await check_answered_once(place, window, PERSON)
    assert len(await place.rows("select id from escalations")) == 1


async def test_killed_again_each_time_the_window_comes_back(place: Place, fake_bot: FakeBot) -> None:
    fake_bot.answers = dict(ANSWERS)
    fake_bot.delay = 0.8
    async with Window(place) as window:
        async with ServiceProcess(place, kill_at="chat_while_rasa_thinks") as service:
            await service.up()
            window.write(COST)
            assert await service.dead() == -signal.SIGKILL
        fake_bot.delay = 0.0
        window.write(THANKS)
        for _ in range(2):
            async with ServiceProcess(place, kill_at="chat_coming_back") as service:
                with contextlib.suppress(RuntimeError):  # the window may be quicker than this test
                    await service.up()
                assert await service.dead() == -signal.SIGKILL
        async with ServiceProcess(place) as service:
            await service.up()
            await check_answered_once(place, window, COST, THANKS)
