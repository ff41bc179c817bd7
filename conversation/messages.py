"""What travels: one message in, one message out, whatever the channel.

A channel's parser turns bytes into an `InboundMessage`; the outbox hands an `OutboundMessage` to a channel's sender.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

MAX_ATTACHED = 7 * 1024 * 1024
"""Octets of one file. In base64 that is below the 10 MB that even careful relays take."""
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,99}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(?:; ?[a-z]+=[A-Za-z0-9-]+)*")


class ChannelName(StrEnum):
    """The channels one conversation runs over."""

    SMS = "sms"
    WEBCHAT = "webchat"
    EMAIL = "email"


class OptOutType(StrEnum):
    """What the provider says it has already done with an opt-out keyword (Twilio's `OptOutType`)."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """One message as a channel received it; nothing in it has been trusted beyond what the channel verified.

    `provider_id` is unique per channel (MessageSid, the web client's message id, RFC 5322 Message-ID).
    `text` is what the person wrote, quotes of ours removed; `full_text` is all of it (crisis detection reads that).
    `participant_id` is set only where the channel proved it: a signed reply address, a signed web session.
    """

    channel: ChannelName
    provider_id: str
    sender: str
    recipient: str
    text: str
    received_at: datetime
    full_text: str = ""
    participant_id: UUID | None = None
    opt_out_type: OptOutType | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes out with a mail. `name` tells nobody anything of a person; `media_type`: RFC 2045, values unquoted.

    Raises ValueError where it could not be sent: a name with a path, a media type that is none, more than `MAX_ATTACHED`.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _FILE_NAME.fullmatch(self.name):
            raise ValueError("not a plain file name")
        if not _MEDIA_TYPE.fullmatch(self.media_type):
            raise ValueError("not a media type")
        if len(self.content) > MAX_ATTACHED:
            raise ValueError("the file is too large for a mail")


@dataclass(frozen=True, kw_only=True)
class OutboundMessage:
    """One rendered message on its way to a provider. `id` is the outbox id: it names the send everywhere.

    `attributes` carry what only one channel needs (e-mail: `subject`, `in_reply_to`, `references`, `reply_to`);
    `attachments` only e-mail has.
    """

    id: UUID
    channel: ChannelName
    to: str
    sender: str
    text: str
    language: str
    quick_replies: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The provider took the message. `provider_id` is its name for it, `parts` how many it counts (SMS segments)."""

    provider_id: str
    parts: int = 1


class Sender(Protocol):
    """How a channel sends. Raises `SendFailed` when the provider refused, `FateUnknown` when nobody but it can tell."""

    async def send(self, message: OutboundMessage) -> Accepted: ...


class DeliveryStatus(StrEnum):
    """Where an outgoing message is. It runs forward only; see `RANK`."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD_BACK = "held_back"
    """The gate refused it; the reason is on record."""


RANK: Mapping[DeliveryStatus, int] = {
    DeliveryStatus.QUEUED: 0,
    DeliveryStatus.SENDING: 1,
    DeliveryStatus.UNKNOWN: 2,
    DeliveryStatus.SENT: 3,
    DeliveryStatus.DELIVERED: 4,
    DeliveryStatus.FAILED: 4,
    DeliveryStatus.HELD_BACK: 4,
}


@dataclass(frozen=True, kw_only=True)
class StatusUpdate:
    """What a provider says of a message it took: by its own id, and by our outbox id where the callback carries it."""

    channel: ChannelName
    status: DeliveryStatus
    provider_id: str
    outbox_id: UUID | None = None
    code: str = ""
    problem: "SendProblem | None" = None


class SendProblem(StrEnum):
    """Why a send failed, in the four words the outbox acts on (plus the rest)."""

    RETRY = "retry"
    BAD_CONTACT = "bad_contact"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    REJECTED = "rejected"
