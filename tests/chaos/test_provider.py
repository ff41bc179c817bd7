"""The provider misbehaves: sent once, or `unknown` and left to its callback; what it says of a number is remembered."""

import aiohttp
import pytest

from channels.sms.send import SmsSender
from conversation import deliver
from conversation.messages import ChannelName
from service.app import Service
from service.demo.fake_twilio import CallbackPlan, FakeMessage, Fault
from tests.chaos.crowd import ANSWERS, KEYS, Text, check_answers, crowd, send
from tests.harness.fake_bot import FakeBot
from tests.harness.place import Place, run_service, until


@pytest.fixture
def text(fake_bot: FakeBot) -> Text:
    fake_bot.answers = dict(ANSWERS)
    return crowd(["How much does the test cost?"])[0]


async def test_asked_to_slow_down_it_sends_once_later(
    place: Place, text: Text, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "_BACK_OFF_S", (0.2, 0.2))
    place.twilio.script(Fault.rate_limited(), Fault.rate_limited(retry_after=1))
    async with run_service(place):
        assert await send(place, [text]) == []
        await place.idle()
        await place.twilio.settle()
        assert (await place.said(text.number), place.twilio.posts) == ([KEYS[text.words]], 3)
        assert await _timeline(place) == [
            "queued",
            "sending",
            "queued",
            "sending",
            "queued",
            "sending",
            "sent",
            "delivered",
        ]


@pytest.mark.parametrize(
    "fault",
    [Fault.server_error(accepted=True), Fault.server_error(503, accepted=True), Fault.dropped(accepted=True)],
    ids=["500", "503", "connection lost"],
)
async def test_accepted_without_saying_so(place: Place, text: Text, fault: Fault) -> None:
    place.twilio.callbacks = CallbackPlan.none()
    place.twilio.script(fault)
    async with run_service(place):
        assert await send(place, [text]) == []
        await _settled_by_its_callback(place, text)


async def test_accepted_and_silent(place: Place, text: Text) -> None:
    place.twilio.callbacks = CallbackPlan.none()
    place.twilio.script(Fault.timeout_after_accepting())
    async with run_service(place) as service:
        _be_impatient(service)
        assert await send(place, [text]) == []
        await _settled_by_its_callback(place, text)


@pytest.mark.parametrize("fault", [Fault.server_error(), Fault.dropped(accepted=False)], ids=["500", "connection lost"])
async def test_perhaps_not_accepted_is_not_repeated(place: Place, text: Text, fault: Fault) -> None:
    place.twilio.script(fault)
    async with run_service(place):
        assert await send(place, [text]) == []
        await place.idle()
        assert await _status(place) == "unknown"
        # The conversation goes on, and no later round takes the old one up again.
        later = crowd(["Thank you very much"])
        assert await send(place, later) == []
        await place.idle()
        assert (await place.said(text.number), place.twilio.posts) == (["thank"], 2)


async def test_unreachable_it_sends_when_it_can(place: Place, text: Text, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "_BACK_OFF_S", (0.2,) * 20)
    await place.world.stop()
    async with run_service(place):
        form_posted = await _knock(place, text)
        assert form_posted == 200
        await until(lambda: _has_event(place, "retry"))
        await place.world.start()
        await check_answers(place, [text])


@pytest.mark.parametrize(
    "plan",
    [CallbackPlan.late(1), CallbackPlan.twice(), CallbackPlan.out_of_order()],
    ids=["late", "twice", "out of order"],
)
async def test_status_runs_forward_only(place: Place, text: Text, plan: CallbackPlan) -> None:
    place.twilio.callbacks = plan
    async with run_service(place):
        assert await send(place, [text]) == []
        await check_answers(place, [text])
        await place.twilio.settle()
        assert await _status(place) == "delivered"
        assert set(place.twilio.callback_statuses) == {200}
        timeline = await _timeline(place)
        ranks = ["queued", "sending", "sent", "delivered"]
        assert timeline == [status for status in ranks if status in timeline], "a step back, or one taken twice"


async def test_a_failure_after_the_delivery_changes_nothing(place: Place, text: Text) -> None:
    async with run_service(place):
        message = await _answered(place, text)
        await place.call_back(message, "failed", "undelivered", "sent", error_code=30005)
        assert await _status(place) == "delivered"
        assert await _problem(place) is None


async def test_whoever_opted_out_with_the_provider_has_opted_out(place: Place, text: Text) -> None:
    place.twilio.script(Fault.refused(21610))
    async with run_service(place):
        assert await send(place, [text]) == []
        await place.idle()
        assert await _status(place) == "failed"
        assert await place.rows("select action, actor, channels from opt_outs") == [
            {"action": "out", "actor": "provider", "channels": ["sms"]}
        ]
        assert await send(place, crowd(["Is the result accurate?"])) == []
        await place.idle()
        assert place.twilio.posts == 1


@pytest.mark.parametrize("code", [21211, 21614])
async def test_a_bad_number_is_marked_at_the_refusal(place: Place, text: Text, code: int) -> None:
    place.twilio.script(Fault.refused(code))
    async with run_service(place):
        assert await send(place, [text]) == []
        await place.idle()
        assert (await _status(place), await _problem(place)) == ("failed", "bad_contact")


async def test_a_bad_number_is_marked_by_the_callback_and_cleared_when_it_writes(place: Place, text: Text) -> None:
    place.twilio.callbacks = CallbackPlan.failing(30005)
    async with run_service(place):
        assert await send(place, [text]) == []
        await place.idle()
        await place.twilio.settle()
        assert (await _status(place), await _problem(place)) == ("failed", "bad_contact")
        place.twilio.callbacks = CallbackPlan()
        later = crowd(["Thank you very much"])
        assert await send(place, later) == []
        await place.idle()
        assert await _problem(place) is None
        assert await place.said(text.number) == ["faq/cost", "thank"]


async def _answered(place: Place, text: Text) -> FakeMessage:
    assert await send(place, [text]) == []
    await check_answers(place, [text])
    (message,) = place.answers(text.number)
    return message


async def _settled_by_its_callback(place: Place, text: Text) -> None:
    await place.idle()
    assert await _status(place) == "unknown"
    (message,) = place.answers(text.number)
    await place.call_back(message, "sent", "delivered")
    assert await _status(place) == "delivered"
    assert place.twilio.posts == 1


def _be_impatient(service: Service) -> None:
    sender = service.built.senders[ChannelName.SMS]
    assert isinstance(sender, SmsSender)
    sender._transport._timeout = aiohttp.ClientTimeout(total=0.5)


async def _knock(place: Place, text: Text) -> int:
    return await place.text(text.number, text.words, sid=text.sid)


async def _has_event(place: Place, reason: str) -> bool:
    return bool(await place.rows("select 1 from message_events where reason = %s", reason))


async def _status(place: Place) -> str:
    rows = await place.rows("select status from messages where direction = 'out' order by id")
    return str(rows[0]["status"])


async def _timeline(place: Place) -> list[str]:
    return [row["status"] for row in await place.rows("select status from message_events order by id")]


async def _problem(place: Place) -> str | None:
    (row,) = await place.rows("select problem from contact_points")
    problem: str | None = row["problem"]
    return problem


@pytest.mark.parametrize(
    ("words", "key"), [("I want to kill myself", "safety/crisis"), ("STOP", "optout/confirmed")], ids=["crisis", "STOP"]
)
async def test_a_cry_for_help_and_a_stop_do_not_wait_behind_a_retry(
    place: Place, text: Text, words: str, key: str
) -> None:
    place.twilio.script(Fault.rate_limited(retry_after=600))
    async with run_service(place):
        assert await send(place, [text]) == []
        await until(lambda: _is_put_off(place))
        assert await place.text(text.number, words) == 200
        await place.twilio.wait_for(text.number)
        assert await place.said(text.number) == [key]


async def _is_put_off(place: Place) -> bool:
    waiting = await place.rows(
        "select 1 from messages where direction = 'out' and status = 'queued' and available_at > now() + interval '60 s'"
    )
    return bool(waiting)
