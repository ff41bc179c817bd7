"""Twilio's webhook forms into Perennial's values. Pure: signature first (`signature.py`), then this.

Fields: https://www.twilio.com/docs/messaging/guides/webhook-request and
https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
"""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from channels.sms.codes import problem_of
from conversation.errors import PerennialError
from conversation.messages import ChannelName, DeliveryStatus, InboundMessage, OptOutType, StatusUpdate


class BadWebhook(PerennialError):
    """A webhook field is missing or malformed."""

    def __init__(self, field: str, fault: str) -> None:
        super().__init__(f"{field} is {fault}")
        self.field = field


_SID = re.compile(r"[A-Z]{2}[0-9A-Za-z]{1,62}")
_ADDRESS = re.compile(r"\+?[0-9]{3,15}")
"""E.164, or a short code (3 to 8 digits)."""

_ATTRIBUTES = {
    "NumMedia": "num_media",
    "FromCity": "from_city",
    "FromState": "from_state",
    "FromZip": "from_zip",
    "FromCountry": "from_country",
}

STATUSES: Mapping[str, DeliveryStatus] = {
    # Every one of the first group proves that Twilio has the message, which is what settles an `unknown` send.
    "accepted": DeliveryStatus.SENT,
    "scheduled": DeliveryStatus.SENT,
    "queued": DeliveryStatus.SENT,
    "sending": DeliveryStatus.SENT,
    "sent": DeliveryStatus.SENT,
    "partially_delivered": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.DELIVERED,
    "undelivered": DeliveryStatus.FAILED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}


def parse_inbound(form: Mapping[str, str], *, received_at: datetime) -> InboundMessage:
    """One inbound SMS. `received_at` is aware.

    NUL is stripped (PostgreSQL stores none). Attributes, each only where Twilio sent it: `num_media`, and the hints at
    a time zone `from_city`, `from_state`, `from_zip`, `from_country` (of the number's area, not of the person). An
    `OptOutType` we do not know counts as none. Raises `BadWebhook`, which names the field and never its value.
    """
    sid = _matching(form, "MessageSid", _SID)
    sender = _matching(form, "From", _ADDRESS)
    recipient = _matching(form, "To", _ADDRESS)
    text = _text(form)
    attributes = {name: value for field, name in _ATTRIBUTES.items() if (value := _clean(form.get(field, "")))}
    return InboundMessage(
        channel=ChannelName.SMS,
        provider_id=sid,
        sender=sender,
        recipient=recipient,
        text=text,
        full_text=text,
        received_at=received_at,
        opt_out_type=_opt_out_type(form),
        attributes=attributes,
    )


def parse_status(form: Mapping[str, str], *, outbox_id: UUID | None) -> StatusUpdate | None:
    """What Twilio says of a message we sent; None where it says nothing we act on (`received`, or a status unknown).

    `problem` and `code` are set on failures only. Raises `BadWebhook`.
    """
    sid = _matching(form, "MessageSid", _SID)
    if "MessageStatus" not in form:
        raise BadWebhook("MessageStatus", "missing")
    status = STATUSES.get(form["MessageStatus"].lower())
    if status is None:
        return None
    if status is not DeliveryStatus.FAILED:
        return StatusUpdate(channel=ChannelName.SMS, status=status, provider_id=sid, outbox_id=outbox_id)
    code = form.get("ErrorCode", "")
    if not re.fullmatch(r"[0-9]{0,6}", code):
        raise BadWebhook("ErrorCode", "malformed")
    return StatusUpdate(
        channel=ChannelName.SMS,
        status=status,
        provider_id=sid,
        outbox_id=outbox_id,
        code=code,
        problem=problem_of(code),
    )


def parse_outbox_id(value: str | None) -> UUID | None:
    """The outbox id our own StatusCallback URL carries, or None where it carries none. Raises `BadWebhook`."""
    if value is None:
        return None
    try:
        return UUID(value)
    except ValueError:
        raise BadWebhook("outbox", "malformed") from None


def _matching(form: Mapping[str, str], field: str, pattern: re.Pattern[str]) -> str:
    value = _clean(form.get(field, "")).strip()
    if not value:
        raise BadWebhook(field, "missing")
    if not pattern.fullmatch(value):
        raise BadWebhook(field, "malformed")
    return value


def _text(form: Mapping[str, str]) -> str:
    if "Body" in form:
        return _clean(form["Body"])
    if form.get("NumMedia", "0") not in ("", "0"):
        return ""
    raise BadWebhook("Body", "missing")


def _opt_out_type(form: Mapping[str, str]) -> OptOutType | None:
    try:
        return OptOutType(form.get("OptOutType", "").upper())
    except ValueError:
        return None


def _clean(value: str) -> str:
    return value.replace("\x00", "")
