"""Rasa killed, away or hanging: what needs no dialogue is answered at once, the rest when it is back, once."""

import asyncio
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from actions.hand_over import HandOver
from tests.chaos.crowd import ANSWERS, check_answers, crowd, person, send
from tests.harness.fake_bot import FakeBot
from tests.harness.place import Place, open_place, run_service, until
from tests.harness.real_bot import RealBot


async def test_rasa_killed_in_the_middle_of_turns(
    database_url: str, real_bot: RealBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = asyncio.Event()
    run = HandOver.run

    @wraps(run)
    async def run_and_linger(self: HandOver, *call: Any) -> list[dict[str, Any]]:
        result = await run(self, *call)
        recorded.set()
        await asyncio.sleep(0.5)
        return result

    monkeypatch.setattr(HandOver, "run", run_and_linger)
    # The one asked for a person waits in an action that has committed; the others are anywhere in their turns.
    first = crowd(["I want to talk to a person please"])
    texts = first + crowd(*[("How much does the test cost?", "Thank you very much")] * 6, start=1)
    async with open_place(database_url, real_bot, tmp_path) as place, run_service(place):
        assert await send(place, first) == []
        await asyncio.wait_for(recorded.wait(), 20)
        sending = asyncio.create_task(send(place, texts[1:]))
        await asyncio.sleep(0.05)
        real_bot.kill()
        assert await sending == []
        await real_bot.up()
        await check_answers(place, texts)
        held = await place.rows("select reason from escalations")
        assert [row["reason"] for row in held] == ["asked"]


@pytest.mark.parametrize("away", ["refusing", "hanging", "failing"])
async def test_stop_is_confirmed_at_once_and_holds_back_the_waiting_answer(
    place: Place, fake_bot: FakeBot, away: str
) -> None:
    fake_bot.answers = dict(ANSWERS)
    if away == "refusing":
        await fake_bot.down()
    elif away == "hanging":
        fake_bot.hang.clear()
    else:
        fake_bot.fail_with = [503, 500, 503]
    (question,) = crowd(["How much does the test cost?"])
    async with run_service(place):
        assert await send(place, [question]) == []
        if away == "hanging":
            await asyncio.wait_for(fake_bot.arrived.wait(), 5)
        assert await place.text(question.number, "STOP") == 200
        confirmed = await place.twilio.wait_for(question.number, seconds=5)
        assert await place.said(question.number) == ["optout/confirmed"]
        if away == "refusing":
            await fake_bot.up()
        fake_bot.hang.set()
        await place.idle()
        assert place.answers(question.number)[-1].sid == confirmed.sid
        assert await _why_not(place) == [("faq/cost", "opted_out")]
        # And the next question is silence too, until START.
        assert await place.text(question.number, "Is the result accurate?") == 200
        await place.idle()
        assert place.twilio.posts == 1


async def test_a_cry_for_help_is_answered_at_once_and_reaches_the_coordinators(place: Place, fake_bot: FakeBot) -> None:
    await fake_bot.down()
    number = person(0)
    async with run_service(place):
        assert await place.text(number, "How much does the test cost?") == 200
        assert await place.text(number, "I want to kill myself") == 200
        await place.twilio.wait_for(number, seconds=5)
        assert await place.said(number) == ["safety/crisis"]
        (escalation,) = await place.rows("select reason, due_at - opened_at as within from escalations")
        assert escalation["reason"] == "crisis"
        assert escalation["within"].total_seconds() <= 15 * 60
        # The conversation is a person's now: the question that waited for Rasa stays silent.
        await fake_bot.up()
        await place.idle()
        assert place.twilio.posts == 1


async def test_a_long_absence_does_not_make_the_next_hitch_a_failure(
    place: Place, fake_bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_bot.answers = dict(ANSWERS)
    fake_bot.fail_with = [503] * 3
    (text,) = crowd(["How much does the test cost?"])
    async with run_service(place) as service:
        monkeypatch.setattr("conversation.dialogue.GIVE_UP_AFTER", 3)
        assert await send(place, [text]) == []
        await until(lambda: not fake_bot.fail_with)
        rasa, hitches = service.built.rasa, iter([RuntimeError("a hitch"), None])
        take_turn = rasa.take_turn

        async def hitch(turn: object) -> object:
            if (error := next(hitches, None)) is not None:
                raise error
            return await take_turn(turn)  # type: ignore[arg-type]

        monkeypatch.setattr(rasa, "take_turn", hitch)
        await check_answers(place, [text])


async def test_a_turn_that_keeps_failing_goes_to_a_person(
    place: Place, fake_bot: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_bot.otherwise = "no/such_text"
    monkeypatch.setattr("conversation.dialogue.GIVE_UP_AFTER", 3)
    (text,) = crowd(["How much does the test cost?"])
    async with run_service(place):
        assert await send(place, [text]) == []
        await place.idle()
        assert await place.said(text.number) == ["problem/person", "person/coming"]
        assert [row["reason"] for row in await place.rows("select reason from escalations")] == ["problem"]
        assert len(fake_bot.turns) == 3


async def _why_not(place: Place) -> list[tuple[str, str]]:
    rows = await place.rows(
        "select m.content_keys, e.reason from messages m join message_events e on e.message_id = m.id"
        " where e.status = 'held_back' order by m.id"
    )
    return [(row["content_keys"], row["reason"]) for row in rows]
