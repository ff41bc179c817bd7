"""What Twilio refuses: by its schema, and by rules the schema does not hold. Codes: https://www.twilio.com/docs/api/errors"""

import re
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl

from aiohttp import web

from service.demo.fake_twilio.message import error_of
from service.demo.fake_twilio.schema import create_fields

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
MAX_BODY = 1600
"""Characters."""


class Refusal(Exception):
    """The request is answered with an error of Twilio's. `violation`: it broke the schema, a fault of our code."""

    def __init__(self, status: int, code: int, text: str, *, violation: bool = False) -> None:
        super().__init__(text)
        self.violation = violation
        self.response = web.Response(status=status, body=error_of(code, status, text), content_type="application/json")


def parse_create(body: bytes) -> dict[str, str]:
    """The form of a new message, each known field at most once."""
    pairs = parse_qsl(body.decode(), keep_blank_values=True)
    names = [name for name, _ in pairs]
    unknown = sorted(set(names) - create_fields())
    if unknown or len(set(names)) != len(names):
        raise Refusal(400, 20001, f"Unknown or repeated fields: {', '.join(unknown)}", violation=True)
    return dict(pairs)


def check_message(form: Mapping[str, str], *, numbers: Collection[str], services: Mapping[str, str]) -> str:
    """Passes a new message and says which number sends it, or raises `Refusal`."""
    to, text, service = form["To"], form.get("Body", ""), form.get("MessagingServiceSid")
    if not E164.fullmatch(to):
        raise Refusal(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    if service is not None and service not in services:
        raise Refusal(400, 21705, "The Messaging Service Sid is invalid.")
    sender = form.get("From") or services.get(service or "")
    if sender is None:
        raise Refusal(400, 21603, "A 'From' phone number is required.")
    if sender not in numbers:
        raise Refusal(400, 21606, f"The From phone number {sender} is not a valid, SMS-capable number.")
    if sender == to:
        raise Refusal(400, 21266, f"'To' and 'From' number cannot be the same: {to}")
    if not text:
        raise Refusal(400, 21602, "Message body is required.")
    if len(text) > MAX_BODY:
        raise Refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    if not re.match(r"https?://[^/]", form.get("StatusCallback", "http://unset")):
        raise Refusal(400, 21609, "The 'StatusCallback' URL is not a valid URL.")
    return sender
