"""Read feedback reports (ARF, RFC 5965): somebody told their mail provider that a mail of ours is spam."""

from email.message import Message

from channels.email.address import parse_address, parse_message_ids
from channels.email.message_id import read_message_id
from channels.email.mime import MimeParts, content_type, header
from channels.email.parsed import Complaint
from channels.email.report import report_blocks


def find_complaint(parts: MimeParts, *, own_domain: str) -> Complaint | None:
    """The complaint in a mail, or None. Also takes the older form of Outlook.com, which has no report part."""
    report = next((part for part in parts.reports if content_type(part) == "message/feedback-report"), None)
    attached = parts.attached[0] if parts.attached else None
    if report is not None:
        fields = next(iter(report_blocks(report)), {})
        recipient = parse_address(fields.get("original-rcpt-to", "")) or parse_address(
            fields.get("removal-recipient", "")
        )
        return _complaint(fields.get("feedback-type", "abuse").lower(), recipient, attached, own_domain)
    if str(parts.root.get_param("report-type", "")).lower() == "feedback-report":
        return _complaint("abuse", "", attached, own_domain)
    if attached is not None and header(attached, "X-HmXmrOriginalRecipient"):
        recipient = parse_address(header(attached, "X-HmXmrOriginalRecipient"))
        return _complaint("abuse", recipient, attached, own_domain)
    return None


def _complaint(kind: str, recipient: str, attached: Message | None, own_domain: str) -> Complaint:
    ids = parse_message_ids(header(attached, "Message-ID")) if attached is not None else ()
    if not recipient and attached is not None:
        recipient = parse_address(header(attached, "To"))
    message_id = ids[0] if ids else ""
    return Complaint(
        feedback_type=kind or "abuse",
        recipient=recipient,
        original_message_id=message_id,
        outbox_id=read_message_id(message_id, own_domain),
    )
