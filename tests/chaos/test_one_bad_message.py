"""One message that cannot be handled holds up nobody else; and the first texts of a stranger keep their order."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conversation import deliver, screening
from conversation.errors import PerennialError
from conversation.stages import SCREENING
from tests.chaos.crowd import ANSWERS, check_answers, crowd, person, send
from tests.harness.fake_bot import FakeBot
from tests.harness.place import Place, run_service, until

BAD = person(0)


async def test_a_message_that_cannot_be_screened(
    place: Place, fake_bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_bot.answers = dict(ANSWERS)
    fails = True

    async def stage(turn: Any, connection: Any, house: Any) -> Any:
        if fails and turn.sender == BAD:
            raise PerennialError
        return turn

    monkeypatch.setattr(screening, "SCREENING", (stage, *SCREENING))
    texts = crowd(*[("How much does the test cost?",)] * 6)
    async with run_service(place):
        assert await send(place, texts) == []
        await _all_but_the_bad_one(place, [text.number for text in texts])
        fails = False
        await check_answers(place, texts)


async def test_a_message_that_can_never_be_screened_goes_to_a_person(
    place: Place, fake_bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stage(turn: Any, connection: Any, house: Any) -> Any:
        raise PerennialError

    monkeypatch.setattr(screening, "SCREENING", (stage, *SCREENING))
    monkeypatch.setattr(screening, "GIVE_UP_AFTER", 2)
    async with run_service(place):
        assert await place.text(BAD, "How much does the test cost?") == 200
        await place.idle()
        assert await place.said(BAD) == ["problem/person", "person/coming"]
        assert [one["reason"] for one in await place.rows("select reason from escalations")] == ["problem"]


async def test_a_message_that_cannot_be_sent(place: Place, fake_bot: FakeBot, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_bot.answers = dict(ANSWERS)
    fails = True
    compose: Callable[..., Awaitable[Any]] = deliver._compose

    async def stumble(*args: Any) -> Any:
        message = await compose(*args)
        if fails and message.to == BAD:
            raise PerennialError
        return message

    monkeypatch.setattr(deliver, "_compose", stumble)
    texts = crowd(*[("How much does the test cost?",)] * 6)
    async with run_service(place):
        assert await send(place, texts) == []
        await _all_but_the_bad_one(place, [text.number for text in texts])
        fails = False
        await check_answers(place, texts)


async def test_a_stranger_is_answered_in_order_though_the_second_text_is_screened_first(
    place: Place, fake_bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_bot.answers = dict(ANSWERS)

    async def dawdle(turn: Any, connection: Any, house: Any) -> Any:
        if turn.text == "Hello there":
            await asyncio.sleep(1)
        return turn

    monkeypatch.setattr(screening, "SCREENING", (dawdle, *SCREENING))
    texts = crowd(("Hello there", "How much does the test cost?"))
    async with run_service(place):
        assert await send(place, texts) == []
        await check_answers(place, texts)


async def _all_but_the_bad_one(place: Place, numbers: list[str]) -> None:
    others = [number for number in numbers if number != BAD]
    await until(lambda: all(place.answers(number) for number in others), seconds=5)
    assert place.answers(BAD) == []
