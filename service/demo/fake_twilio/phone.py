"""The demo's phone: what a person types goes in by the fake as any SMS would, what is sent to them comes out here."""

from typing import Any

from aiohttp import web

from service.demo.fake_twilio.checks import E164
from service.demo.fake_twilio.message import FakeMessage
from service.demo.fake_twilio.server import FakeTwilio

MAX_TEXT = 1600


def phone_routes(fake: FakeTwilio) -> list[web.RouteDef]:
    """Two JSON endpoints for the phone page; for the demo only, they ask nobody who they are.

    `GET /demo/phone/messages?number=+1…&after=N` answers `{"messages": [{"n", "from_me", "text", "status", "segments",
    "at"}], "last": N}`, oldest first; ask again with `after` = `last`. A status that changed later shows only to who
    asks with a lower `after`.

    `POST /demo/phone/send` with `{"number", "text"}` answers `{"status", "last"}`: the HTTP status of the webhook, 0
    where none came. Itself 200 where the webhook said 200, else 502; 400 where the request is malformed.
    """

    async def messages(request: web.Request) -> web.Response:
        number, after = request.query.get("number", ""), request.query.get("after", "0")
        if not E164.fullmatch(number) or not (after.isdecimal() and len(after) < 10):
            return _malformed()
        found = fake.messages(number, after=int(after))
        last = max((message.n for message in found), default=int(after))
        return web.json_response({"messages": [_shown(message) for message in found], "last": last})

    async def send(request: web.Request) -> web.Response:
        try:
            asked = await request.json()
            number, text = asked["number"], asked["text"]
            fine = isinstance(number, str) and isinstance(text, str) and bool(E164.fullmatch(number))
        except (ValueError, TypeError, KeyError):
            return _malformed()
        if not fine or not 0 < len(text) <= MAX_TEXT:
            return _malformed()
        status = await fake.receive(number, fake.numbers[0], text)
        last = max(message.n for message in fake.messages(number))
        return web.json_response({"status": status, "last": last}, status=200 if status == 200 else 502)

    return [web.get("/demo/phone/messages", messages), web.post("/demo/phone/send", send)]


def _shown(message: FakeMessage) -> dict[str, Any]:
    return {
        "n": message.n,
        "from_me": message.inbound,
        "text": message.text,
        "status": message.status,
        "segments": message.segments,
        "at": message.created_at.isoformat(),
    }


def _malformed() -> web.Response:
    return web.json_response({"error": "malformed"}, status=400)
