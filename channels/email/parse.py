"""One mail in, one judgement out: pure, bounded, and never surprised by what a stranger sends.

The order of judgement: complaint, bounce, loop, auto reply, message. Reports come first, for they too come from
machines; our own returning mail is often marked as automatic, so a loop is looked for before that.
"""

from collections.abc import Sequence
from datetime import datetime
from email.message import Message

from channels.email.address import normal_address, parse_address, parse_addresses, parse_message_ids, unique
from channels.email.addresses import Purpose, tokens_in
from channels.email.bounce import find_bounce
from channels.email.classify import find_auto_reply, find_loop
from channels.email.complaint import find_complaint
from channels.email.html import CUT, parse_html
from channels.email.message_id import derive_message_id
from channels.email.mime import (
    MAX_HTML,
    MAX_TEXT,
    MimeParts,
    collect_parts,
    decoded_header,
    header,
    headers,
    parse_mime,
    text_of,
)
from channels.email.parsed import BadEmail, Bounce, Complaint, EmailKind, ParsedEmail
from channels.email.unsubscribe import asks_to_unsubscribe
from channels.email.visible_text import VisibleText, find_visible_text


def parse_email(
    raw: bytes,
    *,
    received_at: datetime,
    envelope_from: str | None = None,
    envelope_to: Sequence[str] = (),
    own_domain: str = "",
    markers: Sequence[str] = (),
) -> ParsedEmail:
    """Parse the bytes of one mail (RFC 5322).

    `envelope_from` is MAIL FROM: `""` or `"<>"` for the null sender, None where no envelope is known (then Return-Path
    is read). `envelope_to` are the recipients; without them those of the headers are taken. `own_domain` is the domain
    we receive for; without it our marks are recognised on any. `markers` are the first lines of our mails.
    Raises BadEmail, and nothing else, where nothing can be made of the bytes.
    """
    root = parse_mime(raw)
    try:
        return _judge(raw, root, received_at, envelope_from, tuple(envelope_to), own_domain.lower(), tuple(markers))
    except BadEmail:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError) as error:
        # The standard library raises any of these from headers that are broken in ways it did not foresee.
        raise BadEmail(f"the mail cannot be read ({type(error).__name__})") from error


def _judge(
    raw: bytes,
    root: Message,
    received_at: datetime,
    envelope_from: str | None,
    envelope_to: tuple[str, ...],
    own_domain: str,
    markers: tuple[str, ...],
) -> ParsedEmail:
    parts = collect_parts(root)
    full_text, visible = _texts(parts, markers)
    recipients = unique(normal_address(address) for address in envelope_to) or _header_recipients(root)
    return_path = _return_path(root, envelope_from)
    message_ids = parse_message_ids(header(root, "Message-ID"))
    message_id = message_ids[0] if message_ids else derive_message_id(raw)
    subject = decoded_header(root, "Subject", 500)
    kind, reason, bounce, complaint = _kind(
        parts, recipients=recipients, return_path=return_path, subject=subject, text=full_text,
        message_id=message_id, own_domain=own_domain,
    )  # fmt: skip
    tokens = unique((*recipients, *_header_recipients(root)))
    unsubscribe_tokens = tokens_in(tokens, Purpose.UNSUBSCRIBE, own_domain)
    return ParsedEmail(
        kind=kind,
        reason=reason,
        message_id=message_id,
        message_id_derived=not message_ids,
        sender=parse_address(header(root, "From")) or parse_address(header(root, "Sender")),
        recipients=recipients,
        subject=subject,
        visible_text=visible.text,
        full_text=full_text.replace(CUT, "").strip(),
        received_at=received_at,
        in_reply_to=next(iter(parse_message_ids(header(root, "In-Reply-To"))), ""),
        references=parse_message_ids(header(root, "References"))[-50:],
        reply_tokens=tokens_in(tokens, Purpose.REPLY, own_domain),
        unsubscribe_tokens=unsubscribe_tokens,
        unsubscribe_asked=asks_to_unsubscribe(
            kind=kind, subject=subject, visible_text=visible.text, recipients=recipients, tokens=unsubscribe_tokens
        ),
        attachments=parts.attachments,
        bounce=bounce,
        complaint=complaint,
    )


def _kind(
    parts: MimeParts,
    *,
    recipients: tuple[str, ...],
    return_path: str | None,
    subject: str,
    text: str,
    message_id: str,
    own_domain: str,
) -> tuple[EmailKind, str, Bounce | None, Complaint | None]:
    if complaint := find_complaint(parts, own_domain=own_domain):
        return EmailKind.COMPLAINT, "feedback report", None, complaint
    bounce = find_bounce(
        parts, recipients=recipients, return_path=return_path, subject=subject, text=text, own_domain=own_domain
    )
    if bounce:
        return EmailKind.BOUNCE, f"delivery report ({bounce.action})", bounce, None
    if reason := find_loop(parts.root, recipients=recipients, message_id=message_id, own_domain=own_domain):
        return EmailKind.LOOP, reason, None, None
    if reason := find_auto_reply(parts.root, return_path=return_path, subject=subject, text=text):
        return EmailKind.AUTO_REPLY, reason, None, None
    if tokens_in(recipients, Purpose.BOUNCE, own_domain):
        return EmailKind.AUTO_REPLY, "sent to the return path of a mail of ours", None, None
    return EmailKind.MESSAGE, "written by a person, as far as its headers tell", None, None


def _texts(parts: MimeParts, markers: tuple[str, ...]) -> tuple[str, VisibleText]:
    """All the text, and the person's own. Plain text is preferred; HTML where it alone shows what is quoted."""
    plain = "\n".join(text_of(part) for part in parts.plain)[:MAX_TEXT].replace(CUT, "")
    html = "\n".join(parse_html(text_of(part, MAX_HTML)) for part in parts.html[:5])[:MAX_TEXT]
    from_plain = find_visible_text(plain, markers=markers)
    from_html = find_visible_text(html, markers=markers)
    full = plain if plain.strip() else html
    if not plain.strip() or _only_a_notice(plain):
        return html or full, from_html
    if from_html.quotes and from_html.text and not from_plain.quotes:
        return full, from_html
    return full, from_plain


def _only_a_notice(plain: str) -> bool:
    """Some programs put a line such as "your program does not show HTML" where the plain text should be."""
    short = plain.strip().lower()
    return (
        len(short) < 300 and "html" in short and any(word in short for word in ("view", "support", "display", "ver "))
    )


def _header_recipients(root: Message) -> tuple[str, ...]:
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    return unique(address for name in names for value in headers(root, name) for address in parse_addresses(value))


def _return_path(root: Message, envelope_from: str | None) -> str | None:
    """The envelope sender: an empty string for the null sender, None where it is not known."""
    if envelope_from is not None:
        return normal_address(envelope_from)
    value = header(root, "Return-Path")
    return normal_address(value) if value else None
