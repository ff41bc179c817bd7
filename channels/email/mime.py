"""Read the MIME structure of a mail within bounds: a hostile mail costs no more than an ordinary one.

The standard library's parser is lenient but unbounded (its cost grows with depth times lines), so what would make it
slow is counted on the raw bytes before it sees them.
"""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message

from channels.email.parsed import BadEmail

MAX_BYTES = 26_214_400
MAX_HEADER_BYTES = 262_144
MAX_LINES = 500_000
MAX_NESTED = 60
MAX_PART_HEADER_BYTES = 8_192
MAX_BOUNDARY_LINES = 4_000
MAX_PARTS = 500
MAX_TEXT = 200_000
MAX_HTML = 500_000

_NESTED = re.compile(rb"(?im)^content-type:\s*(?:multipart|message)/")
_CONTENT_HEADER = re.compile(rb"(?im)^content-(?:type|disposition):[^\n]*(?:\n[ \t][^\n]*)*")
_BOUNDARY_LINE = re.compile(rb"(?m)^--")
_HEADER_END = re.compile(rb"\r?\n\r?\n|\r\r")


@dataclass(frozen=True, kw_only=True)
class MimeParts:
    """The parts of a mail, flat and in order. `attached` are the mails (or headers of mails) inside it."""

    root: Message
    plain: tuple[Message, ...]
    html: tuple[Message, ...]
    reports: tuple[Message, ...]
    attached: tuple[Message, ...]
    attachments: int


def parse_mime(raw: bytes) -> Message:
    """The mail as a tree. Raises BadEmail where it is empty, too large, too deep or built to be slow."""
    if not raw.strip(b"\0 \t\r\n"):
        raise BadEmail("the mail is empty")
    _check_bounds(raw)
    try:
        return message_from_bytes(raw.lstrip(b"\r\n"), policy=policy.compat32)
    except (MessageError, RecursionError, ValueError, LookupError, TypeError, AttributeError, IndexError) as error:
        raise BadEmail(f"the mail's structure cannot be read ({type(error).__name__})") from error


def _check_bounds(raw: bytes) -> None:
    if len(raw) > MAX_BYTES:
        raise BadEmail(f"the mail is larger than {MAX_BYTES} bytes")
    end = _HEADER_END.search(raw)
    if (end.start() if end else len(raw)) > MAX_HEADER_BYTES:
        raise BadEmail(f"the mail's header is larger than {MAX_HEADER_BYTES} bytes")
    if raw.count(b"\n") + raw.count(b"\r") > 2 * MAX_LINES:
        raise BadEmail(f"the mail has more than {MAX_LINES} lines")
    if sum(1 for _ in _NESTED.finditer(raw)) > MAX_NESTED:
        raise BadEmail(f"the mail has more than {MAX_NESTED} nested parts")
    if sum(1 for _ in _BOUNDARY_LINE.finditer(raw)) > MAX_BOUNDARY_LINES:
        raise BadEmail(f"the mail has more than {MAX_BOUNDARY_LINES} part boundaries")
    if any(len(match[0]) > MAX_PART_HEADER_BYTES for match in _CONTENT_HEADER.finditer(raw)):
        raise BadEmail("a part's Content header is too large")


def collect_parts(root: Message) -> MimeParts:
    """Walk the tree without recursion; never into attached mails (their text is not this mail's). Raises BadEmail."""
    plain: list[Message] = []
    html: list[Message] = []
    reports: list[Message] = []
    attached: list[Message] = []
    attachments = 0
    waiting = [root]
    seen = 0
    while waiting:
        part = waiting.pop(0)
        seen += 1
        if seen > MAX_PARTS:
            raise BadEmail(f"the mail has more than {MAX_PARTS} parts")
        kind = content_type(part)
        if kind in {"message/delivery-status", "message/global-delivery-status", "message/feedback-report"}:
            reports.append(part)
        elif kind in {"message/rfc822", "message/global"}:
            attached.extend(children(part)[:1])
            attachments += 1
        elif kind in {"text/rfc822-headers", "message/global-headers", "message/rfc822-headers"}:
            attached.append(_headers_only(part))
        elif children(part):
            waiting[:0] = children(part)
        elif is_attachment(part):
            attachments += 1
        elif kind == "text/html":
            html.append(part)
        elif kind in {"text/plain", "text/enriched", "text/markdown"} or kind.startswith("multipart/"):
            plain.append(part)
        elif kind not in {"message/disposition-notification", "text/calendar"}:
            attachments += 1
    return MimeParts(
        root=root,
        plain=tuple(plain),
        html=tuple(html),
        reports=tuple(reports),
        attached=tuple(attached),
        attachments=attachments,
    )


def children(part: Message) -> list[Message]:
    """The parts directly inside a part."""
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def content_type(part: Message) -> str:
    """The content type in lower case; `text/plain` where it is missing or nonsense (RFC 2045 section 5.2)."""
    return part.get_content_type()


def is_attachment(part: Message) -> bool:
    """A part that is a file rather than something to read."""
    disposition = header(part, "Content-Disposition").strip().lower()
    named = "filename" in disposition or "name=" in header(part, "Content-Type").lower()
    return disposition.startswith("attachment") or (named and not content_type(part).startswith("text/"))


def text_of(part: Message, limit: int = MAX_TEXT) -> str:
    """The decoded text of a part, at most `limit` characters: line ends are `\\n`, NULs and other controls are gone.

    A charset that is missing or wrong is guessed: UTF-8 where the bytes allow it, else Windows-1252.
    """
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError):
        payload = None
    data = payload if isinstance(payload, bytes) else str(part.get_payload() or "").encode("utf-8", "replace")
    return clean_text(_decode(data[: limit * 4], _charset(part)))[:limit]


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _decode(data: bytes, charset: str) -> str:
    wanted = [] if charset in {"", "us-ascii", "ascii", "unknown-8bit", "x-unknown"} else [charset]
    if charset in {"iso-8859-1", "latin-1", "latin1"}:
        wanted = ["utf-8", "cp1252"]  # Windows text is often labelled so, and UTF-8 that decodes is never chance
    for name in [*wanted, "utf-8", "cp1252"]:
        try:
            text = data.decode(name)
        except (LookupError, ValueError, TypeError, AssertionError):
            continue
        if isinstance(text, str):
            return text
    return data.decode(_known(charset), "replace")


def _known(charset: str) -> str:
    try:
        "".encode(charset)
    except (LookupError, ValueError, TypeError):
        return "latin-1"
    return charset or "latin-1"


_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff\u00ad\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Text with plain line ends and spaces, and without control, zero-width and lone surrogate characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _CONTROLS.sub("", text).replace("\u00a0", " ").replace("\u202f", " ")


def header(part: Message, name: str) -> str:
    """A header as one line of raw text (not decoded), at most 20,000 characters; empty where it is missing."""
    try:
        value = part.get(name, "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    return re.sub(r"\s+", " ", clean_text(_as_text(value))).strip()[:20_000]


def headers(part: Message, name: str) -> tuple[str, ...]:
    """All headers of this name, each as in `header`."""
    try:
        values = part.get_all(name, [])
    except (ValueError, LookupError, TypeError, AttributeError):
        return ()
    return tuple(re.sub(r"\s+", " ", clean_text(_as_text(value))).strip()[:20_000] for value in values[:500])


def _as_text(value: object) -> str:
    """Header bytes that are not ASCII arrive as surrogates or a Header object: read them as UTF-8 or Windows-1252."""
    text = str(value) if isinstance(value, str) else "".join(_pieces(value))
    try:
        return _decode(text.encode("ascii", "surrogateescape"), "")
    except UnicodeEncodeError:
        return text


def _pieces(value: object) -> list[str]:
    chunks = getattr(value, "_chunks", None)
    return [str(chunk[0]) for chunk in chunks] if chunks else [str(value)]


def decoded_header(part: Message, name: str, limit: int = 2_000) -> str:
    """A header for reading: encoded words decoded (RFC 2047), at most `limit` characters."""
    return decode_words(header(part, name)[: limit * 2])[:limit]


def decode_words(text: str) -> str:
    """Decode the encoded words of a header text; what cannot be decoded stays as it is."""
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (MessageError, ValueError, TypeError):
        return text
    words = [_decode(piece, charset or "") if isinstance(piece, bytes) else piece for piece, charset in pieces]
    return re.sub(r"\s+", " ", clean_text("".join(words))).strip()


def _headers_only(part: Message) -> Message:
    text = text_of(part, 50_000)
    return message_from_bytes(text.encode("utf-8", "replace"), policy=policy.compat32)
