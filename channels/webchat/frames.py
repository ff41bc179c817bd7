"""The frames on the wire, without I/O: text of one WebSocket message in, a value out, and back.

JSON objects with a `type`; limits are checked here so that nothing behind ever sees an unbounded string.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from uuid import UUID

from channels.webchat.backend import ChatMessage, LinkResult, Visitor
from conversation.errors import PerennialError

MAX_FRAME_BYTES = 16 * 1024
MAX_TEXT = 2_000
"""Characters (code points) of one message."""

_TOKEN = 4_096
_ID = 100


class ErrorCode(StrEnum):
    """What an error frame says; the words for each are the texts `webchat/error_<code>`."""

    RATE_LIMITED = "rate_limited"
    TOO_LONG = "too_long"
    BAD_FRAME = "bad_frame"
    BAD_SESSION = "bad_session"
    ORIGIN = "origin"
    BUSY = "busy"


class BadFrame(PerennialError):
    """The frame cannot be used."""

    def __init__(self, reason: str, *, code: ErrorCode = ErrorCode.BAD_FRAME, about: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.about = about
        """The browser's id of the message that was refused, where it could be read."""


@dataclass(frozen=True, kw_only=True)
class Hello:
    """The first frame of a connection. All but `site` may be empty."""

    site: str
    session: str
    identity: str
    link: str
    after: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """The visitor wrote something. `id` is a UUID of the browser's making, the same each time it is sent."""

    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All messages up to `id` were shown."""

    id: str


@dataclass(frozen=True, kw_only=True)
class AskLink:
    """Join this chat with a phone or mailbox."""

    contact: str


@dataclass(frozen=True, kw_only=True)
class Verify:
    """The code that was sent there."""

    code: str


type ClientFrame = Hello | Said | Seen | AskLink | Verify


def parse_frame(raw: str) -> ClientFrame:
    """The frame a client sent. `BadFrame` says what is wrong with it; unknown fields are ignored, unknown types not."""
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadFrame("not JSON") from None
    if not isinstance(fields, dict):
        raise BadFrame("not a JSON object")
    match fields.get("type"):
        case "hello":
            return Hello(
                site=_string(fields, "site", limit=_ID, empty=False),
                session=_string(fields, "session", limit=_TOKEN),
                identity=_string(fields, "identity", limit=_TOKEN),
                link=_string(fields, "link", limit=_TOKEN),
                after=_string(fields, "after", limit=_ID),
                language=_string(fields, "language", limit=35),
            )
        case "message":
            return _parse_said(fields)
        case "seen":
            return Seen(id=_string(fields, "id", limit=_ID, empty=False))
        case "link":
            return AskLink(contact=_string(fields, "contact", limit=254, empty=False))
        case "verify":
            return Verify(code=_string(fields, "code", limit=12, empty=False))
        case _:
            raise BadFrame("unknown type")


def _parse_said(fields: Mapping[str, object]) -> Said:
    try:
        message_id = str(UUID(_string(fields, "id", limit=_ID, empty=False)))
    except ValueError:
        raise BadFrame("id is not a UUID") from None
    text = fields.get("text")
    if not isinstance(text, str):
        raise BadFrame("text is not a string", about=message_id)
    text = _clean(text)
    if not text:
        raise BadFrame("text is empty", about=message_id)
    if len(text) > MAX_TEXT:
        raise BadFrame(f"text is longer than {MAX_TEXT} characters", code=ErrorCode.TOO_LONG, about=message_id)
    return Said(id=message_id, text=text)


def _string(fields: Mapping[str, object], name: str, *, limit: int, empty: bool = True) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise BadFrame(f"{name} is not a string")
    value = _clean(value)
    if len(value) > limit:
        raise BadFrame(f"{name} is longer than {limit} characters")
    if not value and not empty:
        raise BadFrame(f"{name} is missing")
    return value


def _clean(text: str) -> str:
    # PostgreSQL stores no NUL, and JSON can spell half a surrogate pair, which no UTF-8 can hold.
    whole = text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\r\n", "\n").strip()


def _dump(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _message(message: ChatMessage) -> dict[str, object]:
    fields: dict[str, object] = {
        "type": "message",
        "id": message.id,
        "from": message.author.value,
        "text": message.text,
        "at": message.at.astimezone(UTC).isoformat(),
        "replies": list(message.replies),
    }
    if message.input:
        fields["input"] = message.input
    if message.language:
        fields["language"] = message.language
    if message.client_id:
        fields["client_id"] = message.client_id
    return fields


def welcome_frame(visitor: Visitor, history: Sequence[ChatMessage], *, reset: bool) -> str:
    """The answer to `hello`. With `reset` the window is emptied first, and `history` is all there is to show."""
    return _dump(
        {
            "type": "welcome",
            "session": visitor.session,
            "visitor": visitor.key,
            "language": visitor.language,
            "history": [_message(message) for message in history],
            "reset": reset,
        }
    )


def message_frame(message: ChatMessage) -> str:
    """One message, the visitor's own or an answer."""
    return _dump(_message(message))


def accepted_frame(client_id: str, message_id: str) -> str:
    """The message is stored; the browser may forget it."""
    return _dump({"type": "accepted", "id": client_id, "message": message_id})


def typing_frame(*, on: bool) -> str:
    """An answer is being prepared."""
    return _dump({"type": "typing", "on": on})


def status_frame(*, held: bool, opted_out: bool) -> str:
    """Where the conversation stands."""
    return _dump({"type": "status", "held": held, "opted_out": opted_out})


def link_frame(result: LinkResult) -> str:
    """What became of joining a phone or mailbox."""
    return _dump({"type": "link", "result": result.value})


def error_frame(code: ErrorCode, *, retry_after: float | None = None, about: str = "", reason: str = "") -> str:
    """What was refused. `retry_after` in seconds; `about`: the refused message's id; `reason` is for developers."""
    fields: dict[str, object] = {"type": "error", "code": code.value, "retry_after": retry_after}
    if about:
        fields["id"] = about
    if reason:
        fields["reason"] = reason
    return _dump(fields)
