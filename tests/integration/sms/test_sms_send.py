"""`SmsSender` against the strict fake: one request a message, whatever goes wrong."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from channels.sms.send import SmsSender, TwilioAccount
from conversation.errors import FateUnknown, SendFailed
from conversation.messages import ChannelName, OutboundMessage, SendProblem
from service.demo.fake_twilio import CallbackPlan, FakeTwilio, Fault, OptOutMode

OURS, THEIRS = "+15005550001", "+15005550006"
SERVICE = "MG" + "5" * 32
TEXT = "Your answer is here: niño 👍"


def outbound(**changes: str) -> OutboundMessage:
    message = OutboundMessage(
        id=uuid4(), channel=ChannelName.SMS, to=THEIRS, sender="", text=TEXT, language="en", quick_replies=("Yes",)
    )
    return replace(message, **changes)  # type: ignore[arg-type]


@pytest.fixture
async def fake() -> FakeTwilio:
    return FakeTwilio(
        account_sid="AC" + "1" * 32,
        auth_token="a token of the tests",
        numbers=[OURS],
        messaging_services={SERVICE: OURS},
        webhook_url="http://127.0.0.1:9/channels/sms/inbound",
        callbacks=CallbackPlan.none(),
    )


@pytest.fixture
async def account(fake: FakeTwilio) -> AsyncIterator[TwilioAccount]:
    async with TestServer(fake.app()) as server:
        yield TwilioAccount(
            account_sid=fake.account_sid,
            auth_token=fake.auth_token,
            sender=OURS,
            public_url="https://perennial.example/",
            api_url=f"http://127.0.0.1:{server.port}/",
        )


@pytest.fixture
async def sender(account: TwilioAccount) -> AsyncIterator[SmsSender]:
    async with SmsSender(account, timeout=aiohttp.ClientTimeout(total=5, sock_read=0.5)) as sender:
        yield sender


async def test_a_message_is_taken(fake: FakeTwilio, sender: SmsSender) -> None:
    message = outbound()
    accepted = await sender.send(message)

    (taken,) = fake.messages(THEIRS)
    assert (accepted.provider_id, accepted.parts) == (taken.sid, 1)
    assert (taken.text, taken.sender, taken.recipient) == (TEXT, OURS, THEIRS)
    assert taken.status_callback == f"https://perennial.example/channels/sms/status?outbox={message.id}"
    assert fake.violations == []


async def test_parts_are_counted(sender: SmsSender) -> None:
    assert (await sender.send(outbound(text="x" * 161))).parts == 2


async def test_by_a_messaging_service(fake: FakeTwilio, account: TwilioAccount) -> None:
    async with SmsSender(replace(account, sender=SERVICE)) as sender:
        await sender.send(outbound())
    (taken,) = fake.messages(THEIRS)
    assert (taken.messaging_service_sid, taken.sender) == (SERVICE, OURS)
    assert fake.violations == []


async def test_a_message_s_own_sender_goes_first(fake: FakeTwilio, account: TwilioAccount) -> None:
    async with SmsSender(replace(account, sender="+15005550009")) as sender:
        await sender.send(outbound(sender=OURS))
    assert fake.messages(THEIRS)[0].sender == OURS


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (21610, SendProblem.OPTED_OUT),
        (21211, SendProblem.BAD_CONTACT),
        (21614, SendProblem.BAD_CONTACT),
        (21408, SendProblem.BLOCKED),
        (30034, SendProblem.BLOCKED),
        (21611, SendProblem.RETRY),
        (99999, SendProblem.REJECTED),
    ],
)
async def test_a_refusal(fake: FakeTwilio, sender: SmsSender, code: int, problem: SendProblem) -> None:
    fake.script(Fault.refused(code))
    with pytest.raises(SendFailed) as raised:
        await sender.send(outbound())
    assert (raised.value.problem, raised.value.code, fake.posts) == (problem, str(code), 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "+1"}, "21211"),
        ({"to": OURS}, "21266"),
        ({"sender": "+15005550009"}, "21606"),
        ({"text": ""}, "21602"),
        ({"text": "x" * 1601}, "21617"),
    ],
)
async def test_what_twilio_refuses_by_itself(sender: SmsSender, changes: dict[str, str], code: str) -> None:
    with pytest.raises(SendFailed) as raised:
        await sender.send(outbound(**changes))
    assert raised.value.code == code


async def test_wrong_credentials(fake: FakeTwilio, account: TwilioAccount) -> None:
    async with SmsSender(replace(account, auth_token="wrong")) as sender:
        with pytest.raises(SendFailed) as raised:
            await sender.send(outbound())
    assert (raised.value.code, raised.value.problem) == ("20003", SendProblem.BLOCKED)
    assert fake.messages() == []


@pytest.mark.parametrize(("retry_after", "seconds"), [(7, 7.0), (None, None)])
async def test_rate_limit(fake: FakeTwilio, sender: SmsSender, retry_after: int | None, seconds: float | None) -> None:
    fake.script(Fault.rate_limited(retry_after=retry_after))
    with pytest.raises(SendFailed) as raised:
        await sender.send(outbound())
    assert raised.value.retryable
    assert (raised.value.code, raised.value.retry_after) == ("20429", seconds)
    assert (fake.posts, fake.messages()) == (1, [])
    await sender.send(outbound())
    assert fake.posts == 2


@pytest.mark.parametrize(
    ("fault", "taken"),
    [
        (Fault.server_error(), 0),
        (Fault.server_error(503), 0),
        (Fault.server_error(accepted=True), 1),
        (Fault.timeout_after_accepting(), 1),
        (Fault.dropped(accepted=True), 1),
        (Fault.dropped(accepted=False), 0),
    ],
)
async def test_where_only_twilio_knows_nothing_is_posted_again(
    fake: FakeTwilio, sender: SmsSender, fault: Fault, taken: int
) -> None:
    await sender.send(outbound())  # a connection is open, as it mostly is
    fake.script(fault)
    with pytest.raises(FateUnknown):
        await sender.send(outbound())
    assert (fake.posts, len(fake.messages(THEIRS))) == (2, 1 + taken)
    await sender.send(outbound())
    assert fake.posts == 3


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "http://no-such-host.invalid", "not a url"])
async def test_a_request_that_never_left_may_be_made_again(account: TwilioAccount, url: str) -> None:
    async with SmsSender(replace(account, api_url=url.format(port=unused_port()))) as sender:
        with pytest.raises(SendFailed) as raised:
            await sender.send(outbound())
    assert raised.value.retryable


@pytest.mark.parametrize(
    ("status", "body"), [(201, "<html>"), (201, "[]"), (201, "{}"), (201, ""), (200, '{"sid": null}'), (204, "")]
)
async def test_an_answer_that_cannot_be_read(account: TwilioAccount, status: int, body: str) -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_post("/{path:.*}", odd)
    async with (
        TestServer(app) as server,
        SmsSender(replace(account, api_url=f"http://127.0.0.1:{server.port}")) as sender,
    ):
        with pytest.raises(FateUnknown):
            await sender.send(outbound())


@pytest.mark.parametrize(
    ("status", "body"), [(302, ""), (404, "<html>"), (400, '{"type":"t","title":"x","status":400,"code":21610}')]
)
async def test_refusals_in_other_forms(account: TwilioAccount, status: int, body: str) -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_post("/{path:.*}", odd)
    async with (
        TestServer(app) as server,
        SmsSender(replace(account, api_url=f"http://127.0.0.1:{server.port}")) as sender,
    ):
        with pytest.raises(SendFailed) as raised:
            await sender.send(outbound())
    expected = SendProblem.OPTED_OUT if "21610" in body else SendProblem.REJECTED
    assert raised.value.problem is expected


async def test_after_stop_twilio_refuses_and_after_start_no_more(fake: FakeTwilio, sender: SmsSender) -> None:
    fake.opt_out = OptOutMode.DEFAULT
    await fake.receive(THEIRS, OURS, "Stop")
    with pytest.raises(SendFailed) as raised:
        await sender.send(outbound())
    assert raised.value.problem is SendProblem.OPTED_OUT
    await fake.receive(THEIRS, OURS, "START")
    await sender.send(outbound())


async def test_many_at_once_over_one_session(fake: FakeTwilio, sender: SmsSender) -> None:
    accepted = await asyncio.gather(*(sender.send(outbound(text=f"message {n}")) for n in range(20)))
    sids = {message.text: message.sid for message in fake.messages(THEIRS)}
    assert [a.provider_id for a in accepted] == [sids[f"message {n}"] for n in range(20)]


async def test_nothing_personal_is_logged_or_raised(
    fake: FakeTwilio, account: TwilioAccount, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    faults: list[BaseException] = []
    async with SmsSender(account, timeout=aiohttp.ClientTimeout(sock_read=0.3)) as sender:
        await sender.send(outbound())
        fake.script(Fault.server_error(), Fault.timeout_after_accepting(), Fault.refused(21610), Fault.rate_limited())
        for changes in ({}, {}, {}, {}, {"to": "+1234"}):
            with pytest.raises((SendFailed, FateUnknown)) as raised:
                await sender.send(outbound(**changes))
            faults.append(raised.value)
            logging.getLogger("test").error("failed", exc_info=raised.value)
    for secret in (OURS, THEIRS, THEIRS[1:], "+1234", TEXT, "niño", fake.auth_token):
        assert secret not in caplog.text
        assert not any(secret in str(fault) for fault in faults)
    assert fake.auth_token not in repr(account)
