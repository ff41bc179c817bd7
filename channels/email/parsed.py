"""What a mail turned out to be: the values that every module of the channel speaks in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from conversation.errors import PerennialError


class BadEmail(PerennialError):
    """The mail cannot be read."""


class EmailKind(StrEnum):
    """What the receiver makes of a mail. Only a `MESSAGE` is ever answered (RFC 3834 section 2)."""

    MESSAGE = "message"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    LOOP = "loop"


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """One delivery report (RFC 3464, or one of the older shapes).

    `status` is the enhanced status code (RFC 3463) or empty, `action` is `failed` or `delayed`.
    `final`: this delivery has ended and the cause is permanent (5.x.x).
    `marks_contact`: the address itself is at fault (5.1.x, a disabled mailbox, an unknown host), not the
    message or a full mailbox: only then is the contact point marked.
    `outbox_id` is the send it speaks of, from the signed bounce address or the original Message-ID.
    """

    recipient: str
    recipients: tuple[str, ...]
    status: str
    action: str
    final: bool
    marks_contact: bool
    original_message_id: str
    outbox_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One feedback report (ARF, RFC 5965). `feedback_type` is `abuse`, `fraud`, `not-spam`, `auth-failure`, …

    Only where `by_person` is true has somebody pressed "this is spam": that is to be taken as an opt-out.
    """

    feedback_type: str
    recipient: str
    original_message_id: str
    outbox_id: UUID | None = None

    @property
    def by_person(self) -> bool:
        """False for `not-spam` (the opposite) and `auth-failure` (RFC 6591: a machine's report)."""
        return self.feedback_type not in {"not-spam", "auth-failure"}


@dataclass(frozen=True, kw_only=True)
class ParsedEmail:
    """One received mail. Nothing in it is trusted: `sender` is what `From` claims, tokens are unverified text.

    `message_id` has no angle brackets; where the mail had none it is a hash of the mail (`message_id_derived`), so a
    repeat has the same. `recipients` are the envelope's, or those of the headers where no envelope is known.
    `reason` says in a few words of no personal data why `kind` is what it is.
    """

    kind: EmailKind
    reason: str
    message_id: str
    message_id_derived: bool
    sender: str
    recipients: tuple[str, ...]
    subject: str
    visible_text: str
    full_text: str
    received_at: datetime
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    reply_tokens: tuple[str, ...] = ()
    unsubscribe_tokens: tuple[str, ...] = ()
    unsubscribe_asked: bool = False
    attachments: int = 0
    bounce: Bounce | None = None
    complaint: Complaint | None = None
