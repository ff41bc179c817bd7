"""Read delivery reports: the standard form (RFC 3464) and the many that came before it or never heard of it.

A report by the standard is believed wherever it comes from. Everything else must first look like a mail server's word
(null return path, mailer-daemon, its subjects): a participant may quote such a text to us.
"""

import re
from email.message import Message
from uuid import UUID

from channels.email.address import addresses_in, parse_address, parse_message_ids, split_address, unique
from channels.email.message_id import read_message_id
from channels.email.mime import MimeParts, content_type, header
from channels.email.parsed import Bounce
from channels.email.report import report_blocks

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.:-])([45]\d\d)(?=[ -])(?![ -]\d{2,})")
_SENDER = re.compile(r"^(?:mail(?:er)?-?daemon|postmaster|m?daemon|bounces?|microsoftexchange\w*)(?:[+=.].*)?$")
_SUBJECT = re.compile(
    r"undeliver|non[- ]?deliverable|returned mail|mail delivery (?:failed|failure|problem|system|subsystem|error|"
    r"status)|failure notice|"
    r"delivery (?:status notification|failure|has failed|problem|incomplete|delayed|final failure|unsuccessful|"
    r"notification)|message (?:not delivered|delayed|undeliverable)|"
    r"could not be delivered|mail system error|warning: (?:could not send|message .{0,40}delayed)|delayed mail|"
    r"undelivered|"
    r"no (?:se ha podido|se pudo|fue posible) entregar|no se puede entregar|error de entrega|fallo en la entrega|"
    r"correo devuelto|mensaje devuelto|"
    r"unzustellbar|zustellung fehlgeschlagen|non remis|échec de (?:la )?remise|mancato recapito|não entregue|"
    r"onbestelbaar",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"delayed|delay\)|warning: (?:could not send|message)|will (?:continue to|keep) (?:try|be retried|retry)|"
    r"still being (?:tried|retried)|do not need to resend|temporar(?:y|ily) (?:problem|failure|deferred)|"
    r"será? reintentad|"
    r"se seguirá intentando",
    re.IGNORECASE,
)
_SAYS_FAILED = re.compile(
    r"user unknown|no such (?:user|mailbox|recipient|person)|unknown (?:user|recipient|address|mailbox)|"
    r"(?:address|mailbox|account|recipient)\b.{0,40}"
    r"(?:not found|unavailable|disabled|does not exist|doesn't exist|rejected)|couldn't be (?:delivered|found)|"
    r"could not be delivered|"
    r"permanent(?:ly)? (?:error|failure|fatal|failed)|not delivered|undeliverable|wasn't delivered|"
    r"host (?:unknown|or domain name not found)|over ?quota|"
    r"mailbox (?:is )?full|delivery .{0,40}failed|no existe|unable to deliver|i'm afraid i wasn't able to deliver",
    re.IGNORECASE,
)

_NOT_THE_ADDRESS = re.compile(r"quota|mailbox (?:is )?full|too large|spam|blocked|policy", re.IGNORECASE)

ADDRESS_STATUS = frozenset({"5.0.0", "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.1", "5.4.4"})
"""Enhanced status codes that speak of the address, not of the message or a full mailbox (RFC 3463 section 3;
https://www.iana.org/assignments/smtp-enhanced-status-codes/). Exchange says 5.4.1 of unknown ones."""


def find_bounce(
    parts: MimeParts,
    *,
    recipients: tuple[str, ...],
    return_path: str | None,
    subject: str,
    text: str,
    own_domain: str,
) -> Bounce | None:
    """The delivery report in a mail, or None. A report of success (`delivered`, `relayed`) is none."""
    outbox_id = _original_id(parts, text, own_domain)[1]
    for part in parts.reports:
        if content_type(part) != "message/feedback-report":
            return _from_report(part, parts, text, outbox_id, own_domain)
    if _from_server(parts.root, return_path, subject):
        return _from_words(parts, recipients, subject, text, outbox_id, own_domain)
    return None


def _from_report(part: Message, parts: MimeParts, text: str, outbox_id: UUID | None, own_domain: str) -> Bounce | None:
    failed: list[tuple[str, str, str]] = []
    blocks = [block for block in report_blocks(part) if "final-recipient" in block or "action" in block]
    for block in blocks:
        address = _typed(block.get("original-recipient", "")) or _typed(block.get("final-recipient", ""))
        action = block.get("action", "failed").split()[0].lower() if block.get("action") else "failed"
        status = _STATUS.search(block.get("status", "")) or _STATUS.search(block.get("diagnostic-code", ""))
        if action in {"failed", "delayed"}:
            failed.append((address, action, status[1] if status else ""))
    if blocks and not failed:
        return None
    if not failed:
        return _bounce(_candidates(parts, text, (), own_domain), "", "failed", parts, text, outbox_id, own_domain)
    worst = next((entry for entry in failed if entry[1] == "failed"), failed[0])
    addresses = unique([worst[0], *(entry[0] for entry in failed)])
    code = worst[2]
    if code in {"", "5.0.0", "4.0.0"}:
        code = _better_status(blocks) or code
    return _bounce(
        addresses or _candidates(parts, text, (), own_domain), code, worst[1], parts, text, outbox_id, own_domain
    )


def _better_status(blocks: list[dict[str, str]]) -> str:
    """The code in the server's words where the Status field says no more than "it failed"."""
    found = [match[1] for block in blocks for match in [_STATUS.search(block.get("diagnostic-code", ""))] if match]
    return found[0] if found else ""


def _from_server(root: Message, return_path: str | None, subject: str) -> bool:
    """Whether the mail looks like a mail server's own. Vacation notes have a null return path too, so look on."""
    if header(root, "X-Failed-Recipients"):
        return True
    if header(root, "Auto-Submitted").lower().startswith("auto-replied") and not _SUBJECT.search(subject):
        return False
    sender = header(root, "From").lower()
    local, _ = split_address(parse_address(sender))
    if _SENDER.match(local) or (not local and return_path == ""):
        return True
    by_server = return_path == "" or "daemon" in sender or "delivery" in sender
    return by_server and bool(_SUBJECT.search(subject))


def _from_words(
    parts: MimeParts, recipients: tuple[str, ...], subject: str, text: str, outbox_id: UUID | None, own_domain: str
) -> Bounce | None:
    temporary, permanent = _flufl(parts.root)
    named = unique(address for value in [header(parts.root, "X-Failed-Recipients")] for address in addresses_in(value))
    says_so = bool(_SUBJECT.search(subject) or _SAYS_FAILED.search(text[:20_000]) or _DELAYED.search(text[:20_000]))
    if not (temporary or permanent or named or says_so):
        return None
    delayed = not permanent and not named and bool(temporary or _DELAYED.search(subject) or _delay_only(text))
    status = next((match[1] for match in _STATUS.finditer(text[:20_000]) if match[1][0] != "2"), "")
    if not status and (code := _REPLY_CODE.search(text[:20_000])):
        status = f"{code[1][0]}.0.0"
    own = unique((*recipients, parse_address(header(parts.root, "From"))))
    addresses = unique((*permanent, *named, *temporary)) or _candidates(parts, text, own, own_domain)
    return _bounce(addresses, status, "delayed" if delayed else "failed", parts, text, outbox_id, own_domain)


def _delay_only(text: str) -> bool:
    return bool(_DELAYED.search(text[:20_000])) and not re.search(r"permanent|giving up|gave up", text[:20_000], re.I)


def _flufl(root: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """flufl.bounce knows the words of some forty old mail servers. It is young enough to trip over odd MIME."""
    from flufl.bounce import all_failures  # imported here: the command line starts faster without it

    try:
        temporary, permanent = all_failures(root)
    except Exception:  # noqa: BLE001  (its detectors raise whatever broken MIME makes them)
        return (), ()
    return _addresses(temporary), _addresses(permanent)


def _addresses(found: frozenset[bytes]) -> tuple[str, ...]:
    return tuple(sorted(addr for raw in found for addr in addresses_in(raw.decode("utf-8", "replace"))[:1]))


def _candidates(parts: MimeParts, text: str, own: tuple[str, ...], own_domain: str) -> tuple[str, ...]:
    """The address in question where no field names it: To of the returned mail, else the first stranger in the text."""
    for attached in parts.attached:
        if address := parse_address(header(attached, "To")):
            return (address,)
    strangers = [
        address
        for address in addresses_in(text[:20_000])
        if address not in own
        and split_address(address)[1] != (own_domain or None)
        and not _SENDER.match(split_address(address)[0])
        and not address.startswith("perennial.")
    ]
    return tuple(strangers[:1])


def _original_id(parts: MimeParts, text: str, own_domain: str = "") -> tuple[str, UUID | None]:
    """The Message-ID of the mail that was returned, and our outbox id where it is one of ours."""
    ids = [found for attached in parts.attached for found in parse_message_ids(header(attached, "Message-ID"))]
    quoted = re.search(r"(?im)^[>\s]*message-id:\s*(<[^<>\s]{1,400}>)", text[:50_000])
    ids.extend(parse_message_ids(quoted[1]) if quoted else ())
    for name in ("In-Reply-To", "References"):
        ids.extend(parse_message_ids(header(parts.root, name)))
    ours = next((found for found in ids if read_message_id(found, own_domain)), "")
    chosen = ours or (ids[0] if ids else "")
    return chosen, read_message_id(chosen, own_domain)


def _typed(value: str) -> str:
    """The address of `rfc822; name@host` (RFC 3464 section 2.3.2)."""
    return parse_address(value.partition(";")[2] or value)


def _bounce(
    addresses: tuple[str, ...],
    status: str,
    action: str,
    parts: MimeParts,
    text: str,
    outbox_id: UUID | None,
    own_domain: str,
) -> Bounce:
    final = action == "failed" and not status.startswith("4")
    unexplained = final and not status and not _NOT_THE_ADDRESS.search(text[:20_000])
    return Bounce(
        recipient=addresses[0] if addresses else "",
        recipients=addresses,
        status=status,
        action=action,
        final=final,
        marks_contact=final and (status in ADDRESS_STATUS or unexplained),
        original_message_id=_original_id(parts, text, own_domain)[0],
        outbox_id=outbox_id,
    )
