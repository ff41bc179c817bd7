from collections.abc import AsyncIterator

import aiosmtplib
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from service.demo.mailbox import KEPT_PER_ADDRESS, Mailbox


@pytest.fixture
async def service() -> AsyncIterator[Mailbox]:
    """Stands for the service's own receiver: another sink."""
    sink = Mailbox(receiver_host="127.0.0.1", receiver_port=1)
    await sink.start()
    yield sink
    await sink.stop()


@pytest.fixture
async def mailbox(service: Mailbox) -> AsyncIterator[Mailbox]:
    made = Mailbox(receiver_host="127.0.0.1", receiver_port=service.port)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def client(mailbox: Mailbox) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    app.add_routes(mailbox.routes())
    async with TestClient(TestServer(app)) as made:
        yield made


def raw_mail(text: str) -> bytes:
    return (
        "From: study@programme.example\r\nTo: Ann <ann@mail.example>\r\nReply-To: The programme <r+signed@programme.example>\r\n"
        f"Subject: =?utf-8?q?Your_question_=C3=B1?=\r\nMessage-ID: <1@programme.example>\r\n\r\n{text}\r\n"
    ).encode()


async def deliver(mailbox: Mailbox, raw: bytes) -> None:
    await aiosmtplib.send(
        raw,
        sender="study@programme.example",
        recipients=["Ann@mail.example"],
        hostname=mailbox.host,
        port=mailbox.port,
        start_tls=False,
    )


async def test_what_the_service_sends_is_in_the_mailbox(
    mailbox: Mailbox, client: TestClient[web.Request, web.Application]
) -> None:
    await deliver(mailbox, raw_mail("It is free."))
    answer = await (await client.get("/demo/mailbox/messages", params={"address": "ann@mail.example"})).json()
    (mail,) = answer["messages"]
    assert (mail["direction"], mail["subject"], mail["text"].strip()) == ("in", "Your question ñ", "It is free.")
    assert mail["reply_to"] == "r+signed@programme.example"
    raw = await client.get("/demo/mailbox/raw", params={"address": "ann@mail.example", "n": str(mail["n"])})
    assert raw.content_type == "text/plain"
    assert b"=?utf-8?q?" in await raw.read()
    other = await (await client.get("/demo/mailbox/messages", params={"address": "bob@mail.example"})).json()
    assert other == {"messages": []}


async def test_what_is_written_reaches_the_service_as_a_threaded_mail(
    service: Mailbox, client: TestClient[web.Request, web.Application]
) -> None:
    sent = await client.post(
        "/demo/mailbox/send",
        json={
            "from": "ann@mail.example",
            "to": "study@programme.example",
            "subject": "Hi\r\nBcc: all@mail.example",
            "text": "¿Cuánto cuesta?",
            "in_reply_to": "<1@programme.example>",
        },
    )
    assert sent.status == 200
    (mail,) = service.boxes.of("study@programme.example")
    assert mail.shown()["text"].strip() == "¿Cuánto cuesta?"
    assert mail.shown()["subject"] == "Hi Bcc: all@mail.example"
    assert b"In-Reply-To: <1@programme.example>" in mail.raw
    kept = await (await client.get("/demo/mailbox/messages", params={"address": "ann@mail.example"})).json()
    assert [one["direction"] for one in kept["messages"]] == ["out"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"from": "ann", "to": "study@programme.example"}'])
async def test_a_bad_request_is_named(client: TestClient[web.Request, web.Application], body: bytes) -> None:
    answer = await client.post("/demo/mailbox/send", data=body)
    assert answer.status == 400
    assert (await answer.json())["error"]


async def test_a_service_that_does_not_listen_is_told_to_the_writer() -> None:
    mailbox = Mailbox(receiver_host="127.0.0.1", receiver_port=1)
    app = web.Application()
    app.add_routes(mailbox.routes())
    async with TestClient(TestServer(app)) as client:
        answer = await client.post("/demo/mailbox/send", json={"from": "a@mail.example", "to": "b@mail.example"})
        assert answer.status == 502


async def test_a_mailbox_keeps_the_newest_only(mailbox: Mailbox) -> None:
    for number in range(KEPT_PER_ADDRESS + 2):
        await deliver(mailbox, raw_mail(str(number)))
    kept = mailbox.boxes.of("ann@mail.example")
    assert len(kept) == KEPT_PER_ADDRESS
    assert kept[-1].shown()["text"].strip() == str(KEPT_PER_ADDRESS + 1)
