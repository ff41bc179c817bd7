"""Build the mail of one outgoing message: plain text and simple HTML of the same words, and the headers around them.

All words come in with the message (from `content/`); nothing here writes any. Header values are checked, not trusted.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from channels.email.address import parse_message_ids, split_address
from channels.email.classify import MARK
from channels.email.doors import URL, links_in
from channels.email.message_id import DERIVED, make_message_id
from conversation.messages import OutboundMessage

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_MESSAGE_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,400}")
_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def _link(line: str, doors: Mapping[str, str] | None = None) -> Markup:
    """The line with its https addresses made into links; everything else is escaped.

    `doors`: address → the one that it is reached by. Then it stands there without its scheme: mail programs warn of a link that
    shows another address than it has, but only where what it shows is one.
    """
    parts: list[str] = []
    at = 0
    for match in URL.finditer(line):
        door = (doors or {}).get(match[0])
        shown = match[0].removeprefix("https://") if door else match[0]
        parts += [escape(line[at : match.start()]), Markup('<a href="{}">{}</a>').format(door or match[0], shown)]
        at = match.end()
    return Markup("").join([*parts, escape(line[at:])])


_environment.filters["link"] = _link


def compose_email(message: OutboundMessage, *, domain: str, at: datetime) -> EmailMessage:
    """The mail of `message` (RFC 5322, RFC 2046 multipart/alternative), with CRLF line ends when made into bytes.

    `domain` names our Message-IDs. Attributes, all optional: `subject`, `from_name`, `reply_to`, `in_reply_to`,
    `references`, `marker`, `footer`, `unsubscribe_url` (https), `unsubscribe_mailto` (an address), `unsubscribe_words`;
    of a mail that is measured also `picture_url` and `links_url`, to which the place of a link is added (the plain text
    has neither). Auto-Submitted follows RFC 3834 section 5; List-Unsubscribe-Post follows RFC 8058 and needs DKIM over
    both headers, which the relay adds. Raises ValueError where an address or a URL is not one.
    """
    attributes = message.attributes
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _mailbox(message.sender, attributes.get("from_name", ""))
    mail["To"] = _mailbox(message.to)
    mail["Subject"] = _line(attributes.get("subject", ""))[:200]
    mail["Date"] = format_datetime(at.astimezone(UTC))
    mail["Message-ID"] = f"<{make_message_id(message.id, domain)}>"
    if reply_to := attributes.get("reply_to"):
        mail["Reply-To"] = _mailbox(reply_to, attributes.get("from_name", ""))
    in_reply_to = _ids(attributes.get("in_reply_to", ""))[:1]
    references = (_ids(attributes.get("references", "")) or in_reply_to)[-20:]
    if in_reply_to:
        mail["In-Reply-To"] = in_reply_to[0]
    if references:
        mail["References"] = " ".join(references)
    if unsubscribe := _unsubscribe(attributes):
        mail["List-Unsubscribe"] = unsubscribe
        if "https:" in unsubscribe:
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-replied" if attributes.get("in_reply_to") else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    mail[MARK] = "1"
    mail["Content-Language"] = re.sub(r"[^A-Za-z-]", "", message.language)[:35] or "en"
    mail.set_content(_plain(message), cte="quoted-printable")
    mail.add_alternative(_html(message), subtype="html", cte="quoted-printable")
    for file in message.attachments:
        media_type, *parameters = file.media_type.replace(" ", "").split(";")
        maintype, _, subtype = media_type.partition("/")
        mail.add_attachment(
            file.content,
            maintype=maintype,
            subtype=subtype,
            filename=file.name,
            params=dict(parameter.split("=", 1) for parameter in parameters),
        )
    return mail


def _plain(message: OutboundMessage) -> str:
    attributes = message.attributes
    replies = "\n".join(f"- {_line(reply)}" for reply in message.quick_replies)
    # "-- " makes mail programs leave the footer out of the quote (RFC 3676 section 4.3).
    footer = f"-- \n{_clean(attributes['footer'])}" if attributes.get("footer") else ""
    pieces = [_line(attributes.get("marker", "")), _clean(message.text), replies, footer]
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def _html(message: OutboundMessage) -> str:
    attributes = message.attributes
    return _environment.get_template("message.html").render(
        language=message.language,
        subject=_line(attributes.get("subject", "")),
        marker=_line(attributes.get("marker", "")),
        paragraphs=_paragraphs(message.text),
        doors=_doors(message),
        picture_url=_https(attributes.get("picture_url", "")),
        quick_replies=[_line(reply) for reply in message.quick_replies],
        footer=_paragraphs(attributes.get("footer", "")),
        unsubscribe_url=_https(attributes.get("unsubscribe_url", "")),
        unsubscribe_words=_line(attributes.get("unsubscribe_words", "")),
    )


def _doors(message: OutboundMessage) -> dict[str, str]:
    """Address → our own that leads there, of the links in the text of a measured mail."""
    through = _https(message.attributes.get("links_url", ""))
    if not through:
        return {}
    return {url: f"{through}{place}" for place, url in enumerate(links_in(message.text), 1)}


def _paragraphs(text: str) -> list[list[str]]:
    return [piece.split("\n") for piece in re.split(r"\n{2,}", _clean(text)) if piece.strip()]


def _clean(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _line(text: str) -> str:
    """One line without control characters: nothing that is put into a header can begin another one."""
    return _CONTROLS.sub(" ", text).strip()


def _mailbox(address: str, name: str = "") -> Address:
    if not _ADDRESS.fullmatch(address):
        raise ValueError("not an address that mail can be sent to or from")
    local, domain = address.rsplit("@", 1)
    return Address(display_name=_line(name)[:100], username=local, domain=domain)


def _ids(value: str) -> list[str]:
    found = parse_message_ids(value) or tuple(value.split())
    return [f"<{name}>" for name in found if _MESSAGE_ID.fullmatch(name) and not name.endswith(DERIVED)]


def _https(url: str) -> str:
    if not url:
        return ""
    if urlsplit(url).scheme not in {"https", "http"} or re.search(r"[\s<>\"\x00-\x1f\x7f-\U0010ffff]", url):
        raise ValueError("a URL of ours is not an http(s) URL")
    return url


def _unsubscribe(attributes: Mapping[str, str]) -> str:
    """The value of List-Unsubscribe (RFC 2369 section 3.2): the URL first, for RFC 8058 takes https only."""
    url = _https(attributes.get("unsubscribe_url", ""))
    mailto = attributes.get("unsubscribe_mailto", "")
    if mailto and not split_address(str(_mailbox(mailto).addr_spec))[1]:
        mailto = ""
    entries = [url, f"mailto:{mailto}?subject=unsubscribe" if mailto else ""]
    return ", ".join(f"<{entry}>" for entry in entries if entry)
