"""From a parsed mail to the message that every channel speaks: here and nowhere else a mail gets a participant."""

import re
from uuid import UUID

from channels.email.addresses import AddressBook, Purpose
from channels.email.message_id import DERIVED
from channels.email.parsed import EmailKind, ParsedEmail
from conversation.messages import ChannelName, InboundMessage

_REPLY_SUBJECT = re.compile(r"^\s*(?:re|rv|aw|antw|sv|vs|fwd?|wg|tr|res|r)\s*(?:\[\d+\])?\s*[::]", re.IGNORECASE)


def to_inbound(parsed: ParsedEmail, *, addresses: AddressBook) -> InboundMessage:
    """The message in a mail of kind `message`. Raises ValueError for any other: those are never part of a conversation.

    `participant_id` is set only by a signed reply (or unsubscribe) address; where two name different people, by none.
    The caller must still check that `sender` is a contact point of that participant: a reply address can be forwarded.
    A mail that has only a subject speaks by it. Attributes: `subject`, `message_id`, `references` (for threading),
    `attachments` (a count), `opt_out` = "yes" where List-Unsubscribe's mailto or a bare subject asked for it.
    """
    if parsed.kind is not EmailKind.MESSAGE:
        raise ValueError(f"a mail of kind {parsed.kind} is not part of a conversation")
    text = parsed.visible_text or ("" if is_reply(parsed) else parsed.subject)
    attributes = {
        "subject": parsed.subject,
        "message_id": parsed.message_id,
        "references": " ".join(unique_references(parsed)),
        "attachments": str(parsed.attachments),
    }
    if parsed.unsubscribe_asked:
        attributes["opt_out"] = "yes"
    return InboundMessage(
        channel=ChannelName.EMAIL,
        provider_id=parsed.message_id,
        sender=parsed.sender,
        recipient=next(iter(parsed.recipients), ""),
        text=text,
        full_text=f"{parsed.subject}\n\n{parsed.full_text}".strip(),
        received_at=parsed.received_at,
        participant_id=participant_of(parsed, addresses=addresses),
        attributes=attributes,
    )


def participant_of(parsed: ParsedEmail, *, addresses: AddressBook) -> UUID | None:
    """The one participant that the signed addresses among the recipients name; None where none or several are."""
    named = {addresses.read_token(token, Purpose.REPLY) for token in parsed.reply_tokens}
    named |= {addresses.read_token(token, Purpose.UNSUBSCRIBE) for token in parsed.unsubscribe_tokens}
    named.discard(None)
    return named.pop() if len(named) == 1 else None


def failed_send(parsed: ParsedEmail, *, addresses: AddressBook) -> UUID | None:
    """The outbox id a bounce or complaint speaks of.

    The signed bounce address it came to is proof; else our Message-ID in the returned mail, which only its recipient
    and the relays have seen.
    """
    for recipient in parsed.recipients:
        if outbox_id := addresses.read(recipient, Purpose.BOUNCE):
            return outbox_id
    report = parsed.bounce or parsed.complaint
    return report.outbox_id if report else None


def is_reply(parsed: ParsedEmail) -> bool:
    """The mail answers another, so its subject is not its author's."""
    return bool(parsed.in_reply_to or parsed.references or _REPLY_SUBJECT.match(parsed.subject))


def unique_references(parsed: ParsedEmail) -> tuple[str, ...]:
    """The References our answer carries, oldest first, each in angle brackets (RFC 5322 section 3.6.4); at most 20."""
    ids = (*(parsed.references or ((parsed.in_reply_to,) if parsed.in_reply_to else ())), parsed.message_id)
    kept = tuple(dict.fromkeys(ids))[-20:]
    return tuple(f"<{name}>" for name in kept if not name.endswith(DERIVED))
