"""A parsed mail as JSON for people and scripts: what `perennial email parse` prints."""

import json
from datetime import datetime

from channels.email.inbound import is_reply
from channels.email.parse import parse_email
from channels.email.parsed import EmailKind, ParsedEmail
from conversation.opt_out import OptOutVerdict, judge_opt_out


def describe_email(raw: bytes, *, received_at: datetime, own_domain: str = "") -> str:
    """The JSON text. Raises BadEmail."""
    parsed = parse_email(raw, received_at=received_at, own_domain=own_domain)
    found: dict[str, object] = {
        "class": parsed.kind.value,
        "visible_text": parsed.visible_text,
        "from": parsed.sender,
        "opt_out": judge_email_opt_out(parsed).value,
        "reason": parsed.reason,
        "subject": parsed.subject,
        "to": list(parsed.recipients),
        "message_id": parsed.message_id,
        "message_id_derived": parsed.message_id_derived,
        "in_reply_to": parsed.in_reply_to,
        "references": list(parsed.references),
        "attachments": parsed.attachments,
        "full_text": parsed.full_text,
    }
    if parsed.bounce:
        found["bounce"] = {
            "recipient": parsed.bounce.recipient,
            "recipients": list(parsed.bounce.recipients),
            "status": parsed.bounce.status,
            "action": parsed.bounce.action,
            "final": parsed.bounce.final,
            "marks_contact": parsed.bounce.marks_contact,
            "original_message_id": parsed.bounce.original_message_id,
        }
    if parsed.complaint:
        found["complaint"] = {
            "feedback_type": parsed.complaint.feedback_type,
            "recipient": parsed.complaint.recipient,
            "original_message_id": parsed.complaint.original_message_id,
        }
    return json.dumps(found, ensure_ascii=False, indent=2)


def judge_email_opt_out(parsed: ParsedEmail) -> OptOutVerdict:
    """Whether the mail asks to be left alone: by its own words only, or by its subject where it has no others.

    What a machine wrote asks for nothing, except where a mail program used List-Unsubscribe's mailto for its owner.
    """
    if parsed.unsubscribe_asked:
        return OptOutVerdict.YES
    if parsed.kind is not EmailKind.MESSAGE:
        return OptOutVerdict.NO
    text = parsed.visible_text or ("" if is_reply(parsed) else parsed.subject)
    return judge_opt_out(text) if text else OptOutVerdict.NO
