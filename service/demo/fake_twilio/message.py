"""One message in the fake's memory, as Twilio's Message resource shows it."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from engagement.words.segments import count_segments

API_VERSION = "2010-04-01"


@dataclass(frozen=True, kw_only=True)
class FakeMessage:
    """`n` counts all messages from 1. `direction` and `status` in Twilio's words; `inbound` is from a person to us."""

    n: int
    sid: str
    account_sid: str
    direction: str
    sender: str
    recipient: str
    text: str
    status: str
    created_at: datetime
    status_callback: str | None = None
    messaging_service_sid: str | None = None
    error_code: int | None = None

    @property
    def inbound(self) -> bool:
        return self.direction == "inbound"

    @property
    def person(self) -> str:
        """The number at the other end of the conversation."""
        return self.sender if self.inbound else self.recipient

    @property
    def segments(self) -> int:
        return count_segments(self.text)


def resource_of(message: FakeMessage) -> dict[str, Any]:
    """The Message resource of Twilio's API. https://www.twilio.com/docs/messaging/api/message-resource"""
    at = format_datetime(message.created_at)
    path = f"/{API_VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}"
    return {
        "account_sid": message.account_sid,
        "api_version": API_VERSION,
        "body": message.text,
        "date_created": at,
        "date_sent": None if message.status in ("queued", "accepted") else at,
        "date_updated": at,
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None,
        "from": message.sender,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": "0",
        "num_segments": str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": message.recipient,
        "uri": f"{path}.json",
    }


def error_of(code: int, status: int, text: str) -> bytes:
    """The body of a refusal, as Twilio words it (it quotes numbers: callers must not log it)."""
    return json.dumps(
        {"code": code, "message": text, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    ).encode()
