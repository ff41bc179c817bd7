"""The two doors Twilio knocks on. Signature, parse, hand over, acknowledge: nothing else happens on this path.

Every answer is decided here; what a message means is decided after it has been stored and acknowledged.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from channels.reading import BodyTooLarge, read_body
from channels.sms.parse import BadWebhook, parse_inbound, parse_outbox_id, parse_status
from channels.sms.signature import BadSignature, SignatureCheck
from conversation.messages import InboundMessage, StatusUpdate

INBOUND_PATH = "/channels/sms/inbound"
STATUS_PATH = "/channels/sms/status"
MAX_BODY = 64 * 1024
"""Octets. Twilio's largest form (1,600 characters of emoji, percent-encoded, and its other fields) is below 25 KB."""
MAX_FIELDS = 200

_EMPTY_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
_FORM = "application/x-www-form-urlencoded"

type Accept = Callable[[InboundMessage], Awaitable[None]]
type RecordStatus = Callable[[StatusUpdate], Awaitable[None]]


def routes(
    *,
    signature: SignatureCheck,
    accept: Accept,
    record_status: RecordStatus,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[web.RouteDef]:
    """The webhooks, for `app.add_routes`.

    `accept` stores a message and must be idempotent by `provider_id`; it has done so when it returns, because the 200
    that follows tells Twilio to forget the message. Answers: 200 empty TwiML; 413 body over `MAX_BODY`; 403 signature
    missing or wrong (nothing was called); 400 with the name of the faulty field; 500 where `accept` raised.
    """

    async def inbound(request: web.Request) -> web.Response:
        form = await _signed_form(request, signature)
        try:
            message = parse_inbound(form, received_at=now())
        except BadWebhook as fault:
            return web.Response(status=400, text=str(fault))
        await accept(message)
        return _acknowledged()

    async def status(request: web.Request) -> web.Response:
        form = await _signed_form(request, signature)
        try:
            update = parse_status(form, outbox_id=parse_outbox_id(request.query.get("outbox")))
        except BadWebhook as fault:
            return web.Response(status=400, text=str(fault))
        if update is not None:
            await record_status(update)
        return _acknowledged()

    return [web.post(INBOUND_PATH, inbound), web.post(STATUS_PATH, status)]


async def _signed_form(request: web.Request, check: SignatureCheck) -> MultiDictProxy[str]:
    raw = await _read(request)
    # Invalid UTF-8 becomes U+FFFD, under the signature too: what passes can be stored; no message is lost to a byte.
    text = raw.decode("utf-8", "replace")
    is_form = request.content_type == _FORM
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS) if is_form else []
    except ValueError:
        raise web.HTTPBadRequest(text="The form has too many fields") from None
    form = MultiDictProxy(MultiDict(fields))
    try:
        check.check_signature(
            path_qs=request.raw_path,
            signature=request.headers.get("X-Twilio-Signature"),
            body=form if is_form else text,
        )
    except BadSignature as refusal:
        raise web.HTTPForbidden(text=str(refusal)) from None
    return form


async def _read(request: web.Request) -> bytes:
    try:
        return await read_body(request, limit=MAX_BODY)
    except BodyTooLarge as fault:
        refusal = web.HTTPRequestEntityTooLarge(max_size=MAX_BODY, actual_size=fault.size)
        refusal.force_close()
        raise refusal from None


def _acknowledged() -> web.Response:
    return web.Response(body=_EMPTY_TWIML, content_type="text/xml", charset="utf-8")
