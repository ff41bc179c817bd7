"""The fake is as strict as Twilio, and does wrong only what it was told to."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from channels.sms.routes import routes
from channels.sms.send import SmsSender, TwilioAccount
from channels.sms.signature import SignatureCheck
from conversation.messages import ChannelName, InboundMessage, OptOutType, OutboundMessage, StatusUpdate
from service.demo.fake_twilio import CallbackPlan, FakeTwilio, Fault, OptOutMode, phone_routes

OURS, THEIRS = "+15005550001", "+15005550006"
SID, TOKEN = "AC" + "1" * 32, "a token of the tests"
MESSAGES = f"/2010-04-01/Accounts/{SID}/Messages"


def basic(sid: str, token: str) -> str:
    return "Basic " + base64.b64encode(f"{sid}:{token}".encode()).decode()


class World:
    """The service's two webhooks, the fake, and a sender between them."""

    def __init__(self) -> None:
        self.inbound: list[InboundMessage] = []
        self.updates: list[StatusUpdate] = []
        self.fake: FakeTwilio
        self.sender: SmsSender
        self.api: str
        self.http: aiohttp.ClientSession

    async def accept(self, message: InboundMessage) -> None:
        self.inbound.append(message)

    async def record(self, update: StatusUpdate) -> None:
        self.updates.append(update)

    async def send(self, text: str = "Hello") -> UUID:
        outbox_id = uuid4()
        message = OutboundMessage(
            id=outbox_id, channel=ChannelName.SMS, to=THEIRS, sender=OURS, text=text, language="en"
        )
        await self.sender.send(message)
        return outbox_id

    async def post(self, form: dict[str, str], *, token: str = TOKEN, sid: str = SID) -> tuple[int, Any]:
        auth = {"Authorization": basic(sid, token)}
        async with self.http.post(f"{self.api}{MESSAGES}.json", data=form, headers=auth) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> tuple[int, Any]:
        headers = {"Authorization": basic(SID, TOKEN)}
        async with self.http.get(f"{self.api}{path}", headers=headers) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    app, port = web.Application(), unused_port()
    async with aiohttp.ClientSession() as world.http:
        service = TestServer(app, port=port)
        public_url = f"http://127.0.0.1:{port}"
        check = SignatureCheck(public_url=public_url, auth_tokens=[TOKEN])
        app.add_routes(routes(signature=check, accept=world.accept, record_status=world.record))
        world.fake = FakeTwilio(
            account_sid=SID, auth_token=TOKEN, numbers=[OURS], webhook_url=f"{public_url}/channels/sms/inbound"
        )
        app.add_routes(phone_routes(world.fake))
        async with service, TestServer(world.fake.app()) as twilio:
            world.api = f"http://127.0.0.1:{twilio.port}"
            account = TwilioAccount(
                account_sid=SID, auth_token=TOKEN, sender=OURS, public_url=public_url, api_url=world.api
            )
            async with SmsSender(account) as world.sender:
                yield world


def statuses(world: World) -> list[str]:
    return [update.status.value for update in world.updates]


async def test_there_and_back(world: World) -> None:
    assert await world.fake.receive(THEIRS, OURS, "¿Cuánto cuesta? 👍") == 200
    assert world.inbound[0].text == "¿Cuánto cuesta? 👍"
    assert world.inbound[0].attributes["from_city"] == "NEW YORK"

    outbox_id = await world.send("It is free.")
    message = await world.fake.wait_for(THEIRS, lambda m: m.status == "delivered")
    await world.fake.settle()

    assert message.text == "It is free."
    assert statuses(world) == ["sent", "sent", "delivered"]
    assert {update.outbox_id for update in world.updates} == {outbox_id}
    assert world.fake.callback_statuses == [200, 200, 200]
    assert world.fake.violations == []


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (CallbackPlan(), ["sent", "sent", "delivered"]),
        (CallbackPlan.twice(), ["sent", "sent", "sent", "sent", "delivered", "delivered"]),
        (CallbackPlan.out_of_order(), ["delivered", "sent", "sent"]),
        (CallbackPlan.late(0.05), ["sent", "sent", "delivered"]),
        (CallbackPlan.none(), []),
        (CallbackPlan.failing(30005), ["sent", "sent", "failed"]),
    ],
)
async def test_callbacks_as_planned(world: World, plan: CallbackPlan, expected: list[str]) -> None:
    world.fake.callbacks = plan
    await world.send()
    await world.fake.settle()
    assert statuses(world) == expected
    if plan.error_code is not None:
        assert world.updates[-1].code == "30005"


async def test_one_message_may_have_its_own_callbacks(world: World) -> None:
    world.fake.script(Fault.none(callbacks=CallbackPlan.none()))
    await world.send()
    await world.fake.settle()
    assert statuses(world) == []
    await world.send()
    await world.fake.settle()
    assert statuses(world) == ["sent", "sent", "delivered"]


async def test_the_same_message_delivered_again(world: World) -> None:
    sid = "SM" + "ab" * 16
    assert [await world.fake.receive(THEIRS, OURS, "hi", sid=sid) for _ in range(2)] == [200, 200]
    assert world.inbound[0].provider_id == world.inbound[1].provider_id == sid
    assert len(world.fake.messages(THEIRS)) == 1


@pytest.mark.parametrize(
    ("mode", "kind", "answers"),
    [(OptOutMode.OFF, None, 0), (OptOutMode.DEFAULT, None, 1), (OptOutMode.ADVANCED, OptOutType.STOP, 1)],
)
async def test_stop(world: World, mode: OptOutMode, kind: OptOutType | None, answers: int) -> None:
    world.fake.opt_out = mode
    assert await world.fake.receive(THEIRS, OURS, "stop") == 200
    assert world.inbound[0].opt_out_type is kind
    assert len([m for m in world.fake.messages(THEIRS) if m.direction == "outbound-reply"]) == answers


async def test_a_service_that_is_away(world: World) -> None:
    world.fake.webhook_url = "http://127.0.0.1:9/channels/sms/inbound"
    assert await world.fake.receive(THEIRS, OURS, "hi") == 0


async def test_a_wrong_token_fails_the_service_s_check(world: World) -> None:
    world.fake.auth_token = "another"
    assert await world.fake.receive(THEIRS, OURS, "hi") == 403
    assert world.inbound == []


GOOD = {"To": THEIRS, "From": OURS, "Body": "Hello"}


@pytest.mark.parametrize(
    ("form", "code", "violates"),
    [
        ({"From": OURS, "Body": "x"}, 20001, True),
        ({**GOOD, "MessagingServiceSid": "MG1"}, 20001, True),
        ({**GOOD, "ValidityPeriod": "soon"}, 20001, True),
        ({**GOOD, "Boddy": "x"}, 20001, True),
        ({**GOOD, "ScheduleType": "now"}, 20001, True),
        ({**GOOD, "StatusCallback": "ftp://x"}, 21609, False),
        ({**GOOD, "To": "5005550006"}, 21211, False),
        ({**GOOD, "From": "+15005550009"}, 21606, False),
        ({"To": THEIRS, "Body": "x"}, 21603, False),
        ({"To": THEIRS, "From": OURS}, 21602, False),
        ({**GOOD, "Body": "x" * 1601}, 21617, False),
    ],
)
async def test_it_refuses(world: World, form: dict[str, str], code: int, violates: bool) -> None:
    status, answer = await world.post(form)
    assert (status, answer["code"], answer["status"]) == (400, code, 400)
    assert bool(world.fake.violations) is violates
    assert world.fake.messages() == []


@pytest.mark.parametrize(("token", "sid"), [("wrong", SID), (TOKEN, "AC" + "2" * 32)])
async def test_it_knows_its_account(world: World, token: str, sid: str) -> None:
    status, answer = await world.post(GOOD, token=token, sid=sid)
    assert (status, answer["code"]) == (401, 20003)


async def test_it_takes_and_shows_a_message(world: World) -> None:
    status, created = await world.post(GOOD)
    assert (status, created["status"], created["body"], created["num_segments"]) == (201, "queued", "Hello", "1")
    await world.fake.settle()

    status, fetched = await world.get(f"{MESSAGES}/{created['sid']}.json")
    assert (status, fetched["status"]) == (200, "delivered")

    status, listed = await world.get(f"{MESSAGES}.json?To=%2B15005550006&PageSize=5")
    assert (status, [m["sid"] for m in listed["messages"]]) == (200, [created["sid"]])
    status, listed = await world.get(f"{MESSAGES}.json?To=%2B15005550007")
    assert (status, listed["messages"]) == (200, [])
    status, _ = await world.get(f"{MESSAGES}/SM{'0' * 32}.json")
    assert status == 404


async def test_its_own_answers_are_held_to_the_schema(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.demo.fake_twilio.server.resource_of", lambda message: {"sid": "nonsense"})
    async with world.http.post(
        f"{world.api}{MESSAGES}.json", data=GOOD, headers={"Authorization": basic(SID, TOKEN)}
    ) as answer:
        assert answer.status == 500


async def test_the_phone(world: World) -> None:
    base = world.fake.webhook_url.removesuffix("/channels/sms/inbound")
    async with world.http.post(f"{base}/demo/phone/send", json={"number": THEIRS, "text": "hi 👍"}) as answer:
        assert (answer.status, await answer.json()) == (200, {"status": 200, "last": 1})
    await world.send("Hello back")
    await world.fake.settle()

    query = {"number": THEIRS, "after": "0"}
    async with world.http.get(f"{base}/demo/phone/messages", params=query) as answer:
        shown = await answer.json()
    assert [(m["n"], m["from_me"], m["text"], m["status"]) for m in shown["messages"]] == [
        (1, True, "hi 👍", "received"),
        (2, False, "Hello back", "delivered"),
    ]
    async with world.http.get(f"{base}/demo/phone/messages", params={**query, "after": "2"}) as answer:
        assert await answer.json() == {"messages": [], "last": 2}


@pytest.mark.parametrize(
    "body",
    ["", "[]", "1", "{}", {"number": THEIRS}, {"number": 1, "text": "x"}, {"number": "x", "text": "x"},
     {"number": THEIRS, "text": ""}, {"number": THEIRS, "text": "x" * 1601}],
)  # fmt: skip
async def test_the_phone_refuses(world: World, body: Any) -> None:
    base = world.fake.webhook_url.removesuffix("/channels/sms/inbound")
    data = body if isinstance(body, str) else json.dumps(body)
    async with world.http.post(f"{base}/demo/phone/send", data=data) as answer:
        assert answer.status == 400
    assert world.fake.messages() == []
