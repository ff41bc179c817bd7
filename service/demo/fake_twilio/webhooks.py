"""What Twilio posts to us, field by field, and how it signs it."""

import re
from collections.abc import Mapping

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from service.demo.fake_twilio.message import API_VERSION, FakeMessage

PLACE: Mapping[str, str] = {"City": "NEW YORK", "State": "NY", "Zip": "10001", "Country": "US"}
"""Where Twilio believes a number to be, if nothing else was said."""

_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"})
_START = frozenset({"START", "YES", "UNSTOP"})
_HELP = frozenset({"HELP", "INFO"})


def inbound_form(
    message: FakeMessage, *, place: Mapping[str, str] = PLACE, opt_out_type: str | None = None
) -> dict[str, str]:
    """The fields of an incoming message. https://www.twilio.com/docs/messaging/guides/webhook-request"""
    form = {
        "ToCountry": "US",
        "ToState": "NY",
        "ToCity": "",
        "ToZip": "",
        **{f"From{part}": value for part, value in place.items()},
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageSid": message.sid,
        "SmsStatus": "received",
        "NumMedia": "0",
        "NumSegments": str(message.segments),
        "Body": message.text,
        "From": message.sender,
        "To": message.recipient,
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
    }
    if opt_out_type is not None:
        form["OptOutType"] = opt_out_type
    return form


def status_form(message: FakeMessage) -> dict[str, str]:
    """The fields of a status callback. https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks"""
    form = {
        "SmsSid": message.sid,
        "SmsStatus": message.status,
        "MessageSid": message.sid,
        "MessageStatus": message.status,
        "To": message.recipient,
        "From": message.sender,
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
    }
    if message.error_code is not None:
        form["ErrorCode"] = str(message.error_code)
    if message.messaging_service_sid is not None:
        form["MessagingServiceSid"] = message.messaging_service_sid
    return form


async def post_signed(session: aiohttp.ClientSession, url: str, form: Mapping[str, str], *, auth_token: str) -> int:
    """Posts `form` to `url` with its X-Twilio-Signature. The HTTP status of the answer, or 0 where none came."""
    signature = RequestValidator(auth_token).compute_signature(url, dict(form))
    headers = {"X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"}
    try:
        # Encoded: what is posted to is what was signed, octet for octet.
        async with session.post(URL(url, encoded=True), data=form, headers=headers, allow_redirects=False) as answer:
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0


def opt_out_type_of(text: str) -> str | None:
    """What Twilio's opt-out handling takes a whole message for: STOP, START, HELP or nothing."""
    word = re.sub(r"\s+", "", text).upper()
    for kind, words in (("STOP", _STOP), ("START", _START), ("HELP", _HELP)):
        if word in words:
            return kind
    return None
