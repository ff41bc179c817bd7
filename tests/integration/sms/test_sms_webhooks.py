"""The two webhooks over real HTTP, as Twilio and as anybody else may call them."""

import asyncio
import base64
import gzip
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from channels.sms.routes import routes
from channels.sms.signature import SignatureCheck
from conversation.messages import DeliveryStatus, InboundMessage, StatusUpdate

PUBLIC, TOKEN = "https://perennial.example", "a token of the tests"
INBOUND, STATUS = "/channels/sms/inbound", "/channels/sms/status"
SID = "SM" + "0a" * 16
FORM = {"MessageSid": SID, "From": "+15005550006", "To": "+15005550001", "Body": "How long?", "NumMedia": "0"}


def sign(path: str, form: Mapping[str, str], token: str = TOKEN) -> str:
    text = PUBLIC + path + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


class Door:
    """The service's side, with what came through; and the caller's side."""

    def __init__(self) -> None:
        self.messages: list[InboundMessage] = []
        self.updates: list[StatusUpdate] = []
        self.fault: Exception | None = None
        self.server: TestServer
        self.http: aiohttp.ClientSession

    async def accept(self, message: InboundMessage) -> None:
        if self.fault is not None:
            raise self.fault
        self.messages.append(message)

    async def record(self, update: StatusUpdate) -> None:
        self.updates.append(update)

    async def post(self, path: str, data: Any, signature: str | None, **headers: str) -> tuple[int, str, str]:
        if signature is not None:
            headers["X-Twilio-Signature"] = signature
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        url = URL(f"http://127.0.0.1:{self.server.port}{path}", encoded=True)
        async with self.http.post(url, data=data, headers=headers) as answer:
            return answer.status, answer.content_type, await answer.text()

    async def twilio(self, path: str, form: Mapping[str, str]) -> int:
        status, _, _ = await self.post(path, urlencode(form), sign(path, form))
        return status

    @property
    def untouched(self) -> bool:
        return self.messages == [] and self.updates == []


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door()
    app = web.Application()
    check = SignatureCheck(public_url=PUBLIC, auth_tokens=[TOKEN, "the token before"])
    app.add_routes(routes(signature=check, accept=door.accept, record_status=door.record))
    door.server = TestServer(app)
    async with door.server, aiohttp.ClientSession() as door.http:
        yield door


async def test_a_message_is_accepted_and_answered_with_nothing_to_say(door: Door) -> None:
    status, content_type, body = await door.post(INBOUND, urlencode(FORM), sign(INBOUND, FORM))
    assert (status, content_type) == (200, "text/xml")
    assert body == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    (message,) = door.messages
    assert (message.provider_id, message.text) == (SID, "How long?")
    assert message.received_at.tzinfo is not None


async def test_a_repeat_reaches_the_store_which_knows_it(door: Door) -> None:
    assert [await door.twilio(INBOUND, FORM) for _ in range(2)] == [200, 200]
    assert [message.provider_id for message in door.messages] == [SID, SID]


async def test_the_token_before(door: Door) -> None:
    status, _, _ = await door.post(INBOUND, urlencode(FORM), sign(INBOUND, FORM, "the token before"))
    assert status == 200


@pytest.mark.parametrize("path", [INBOUND, STATUS])
@pytest.mark.parametrize("signature", [None, "", "nonsense", sign(INBOUND, FORM, "another")])
async def test_without_a_true_signature_nothing_happens(door: Door, path: str, signature: str | None) -> None:
    status, _, body = await door.post(path, urlencode(FORM), signature)
    assert status == 403
    assert door.untouched
    assert not any(value in body for value in (SID, FORM["From"], FORM["Body"]))


async def test_a_signature_for_one_door_does_not_open_the_other(door: Door) -> None:
    status, _, _ = await door.post(STATUS, urlencode(FORM), sign(INBOUND, FORM))
    assert status == 403


async def test_the_host_header_is_not_believed(door: Door) -> None:
    forged = base64.b64encode(
        hmac.new(TOKEN.encode(), b"https://evil.example" + INBOUND.encode(), hashlib.sha1).digest()
    ).decode()
    status, _, _ = await door.post(INBOUND, b"", forged, Host="evil.example", **{"X-Forwarded-Host": "evil.example"})
    assert status == 403


@pytest.mark.parametrize("field", ["MessageSid", "From", "To", "Body"])
async def test_a_missing_field(door: Door, field: str) -> None:
    form = {name: value for name, value in FORM.items() if name != field}
    status, _, body = await door.post(INBOUND, urlencode(form), sign(INBOUND, form))
    assert (status, body) == (400, f"{field} is missing")
    assert door.untouched


async def test_a_malformed_field_is_not_echoed(door: Door) -> None:
    form = {**FORM, "From": "<script>"}
    status, _, body = await door.post(INBOUND, urlencode(form), sign(INBOUND, form))
    assert (status, body) == (400, "From is malformed")
    assert door.untouched


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("👩‍👩‍👧 👍🏽", "👩‍👩‍👧 👍🏽"),
        ("כמה זה עולה? \u202eabc", "כמה זה עולה? \u202eabc"),
        ("nul\x00 here", "nul here"),
        ("ñ" * 1600, "ñ" * 1600),
        ("👍" * 1600, "👍" * 1600),
        ("a+b & c=d%20", "a+b & c=d%20"),
        ("line\r\nline", "line\r\nline"),
        ("", ""),
        ("<b>bold</b>", "<b>bold</b>"),
    ],
)
async def test_texts_of_all_kinds(door: Door, body: str, text: str) -> None:
    assert await door.twilio(INBOUND, {**FORM, "Body": body}) == 200
    assert door.messages[0].text == text


@pytest.mark.parametrize("raw", [b"%FF%FE", b"\xff\xfe"])
async def test_invalid_utf8_becomes_storable_text(door: Door, raw: bytes) -> None:
    form = {**FORM, "Body": "\ufffd\ufffd"}
    others = urlencode({name: value for name, value in FORM.items() if name != "Body"})
    status, _, _ = await door.post(INBOUND, others.encode() + b"&Body=" + raw, sign(INBOUND, form))
    assert status == 200
    door.messages[0].text.encode("utf-8")
    assert door.messages[0].text == "\ufffd\ufffd"


async def test_invalid_utf8_under_another_signature(door: Door) -> None:
    status, _, _ = await door.post(INBOUND, b"Body=%FF\xff&MessageSid=\xff", sign(INBOUND, FORM))
    assert status == 403
    assert door.untouched


async def test_a_body_of_ten_megabytes(door: Door) -> None:
    form = {**FORM, "Body": "x" * 10_000_000}
    try:
        status, _, _ = await door.post(INBOUND, urlencode(form), sign(INBOUND, form))
        assert status == 413
    except aiohttp.ClientError:
        pass  # refused in the middle of sending
    assert door.untouched
    assert await door.twilio(INBOUND, FORM) == 200


async def test_ten_megabytes_without_a_length(door: Door) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"x" * 65_536

    try:
        status, _, _ = await door.post(INBOUND, endless(), "x")
        assert status == 413
    except aiohttp.ClientError:
        pass
    assert door.untouched


async def test_a_small_body_that_unpacks_to_a_large_one(door: Door) -> None:
    packed = gzip.compress(b"Body=" + b"x" * 10_000_000)
    assert len(packed) < 64 * 1024
    status, _, _ = await door.post(INBOUND, packed, "x", **{"Content-Encoding": "gzip"})
    assert status == 413
    assert door.untouched


async def test_a_form_of_very_many_fields(door: Door) -> None:
    status, _, _ = await door.post(INBOUND, "&".join(f"a{n}=" for n in range(5000)), "x")
    assert status == 400
    assert door.untouched


async def test_a_signed_json_body_is_no_message(door: Door) -> None:
    body = '{"MessageSid": "SM1"}'
    path = f"{INBOUND}?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    status, _, text = await door.post(path, body, sign(path, {}), **{"Content-Type": "application/json"})
    assert (status, text) == (400, "MessageSid is missing")
    status, _, _ = await door.post(path, body + " ", sign(path, {}), **{"Content-Type": "application/json"})
    assert status == 403


async def test_a_store_that_fails_is_not_acknowledged(door: Door) -> None:
    door.fault = RuntimeError("the database is away")
    assert await door.twilio(INBOUND, FORM) == 500


async def test_status_carries_our_id_and_the_reason(door: Door) -> None:
    outbox_id = uuid4()
    form = {"MessageSid": SID, "MessageStatus": "undelivered", "ErrorCode": "30006", "To": "+15005550006"}
    assert await door.twilio(f"{STATUS}?outbox={outbox_id}", form) == 200
    (update,) = door.updates
    assert (update.outbox_id, update.status, update.code) == (outbox_id, DeliveryStatus.FAILED, "30006")


async def test_the_outbox_id_is_under_the_signature(door: Door) -> None:
    form = {"MessageSid": SID, "MessageStatus": "delivered"}
    status, _, _ = await door.post(
        f"{STATUS}?outbox={uuid4()}", urlencode(form), sign(f"{STATUS}?outbox={uuid4()}", form)
    )
    assert status == 403
    assert door.untouched


@pytest.mark.parametrize(
    ("path", "form", "reason"),
    [
        (STATUS, {"MessageStatus": "sent"}, "MessageSid is missing"),
        (STATUS, {"MessageSid": SID}, "MessageStatus is missing"),
        (STATUS + "?outbox=7", {"MessageSid": SID, "MessageStatus": "sent"}, "outbox is malformed"),
    ],
)
async def test_bad_status_forms(door: Door, path: str, form: dict[str, str], reason: str) -> None:
    status, _, body = await door.post(path, urlencode(form), sign(path, form))
    assert (status, body) == (400, reason)
    assert door.untouched


async def test_a_status_that_says_nothing_is_acknowledged(door: Door) -> None:
    assert await door.twilio(STATUS, {"MessageSid": SID, "MessageStatus": "teleported"}) == 200
    assert door.untouched


async def test_the_query_is_checked_as_it_was_sent(door: Door) -> None:
    path = f"{INBOUND}?note={quote_plus('a b/ñ')}"
    assert await door.twilio(path, FORM) == 200


async def test_get_is_not_allowed(door: Door) -> None:
    async with door.http.get(f"http://127.0.0.1:{door.server.port}{INBOUND}") as answer:
        assert answer.status == 405


async def test_many_at_once(door: Door) -> None:
    forms = [{**FORM, "MessageSid": f"SM{n:032x}", "Body": f"text {n}"} for n in range(50)]
    assert set(await asyncio.gather(*(door.twilio(INBOUND, form) for form in forms))) == {200}
    assert {m.provider_id: m.text for m in door.messages} == {f["MessageSid"]: f["Body"] for f in forms}
