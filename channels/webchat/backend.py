"""What the web chat needs from the rest of the service, so that the channel knows neither the database nor Rasa.

The service implements `WebchatBackend`; the tests bring a fake of their own that keeps everything in memory.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from conversation.errors import PerennialError
from conversation.messages import InboundMessage


class SessionRefused(PerennialError):
    """The signed identity or link is forged, expired or for another site."""


class BackendBusy(PerennialError):
    """The service cannot take this now; nothing was stored and the same request may be made again."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """A web page that may embed the chat. `origins` are as browsers send them: scheme, host, port where not default."""

    token: str
    study: str
    origins: tuple[str, ...]
    languages: tuple[str, ...]
    """Languages served, the preferred one first."""


@dataclass(frozen=True, kw_only=True)
class ContinueLink:
    """What a signed link says before anybody used it: enough to draw the page, nothing about the person."""

    site: Site
    language: str


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who is on the other end of one socket.

    `key` names this browser's chat and stays the same when it is later joined with a phone or mailbox, so that a
    message sent again after the joining is still a repeat. `session` is signed and kept by the browser.
    `reset` is true when the session offered could not be continued, or belongs to another conversation than before.
    """

    participant_id: UUID
    key: str
    session: str
    language: str
    held: bool = False
    opted_out: bool = False
    reset: bool = False


class Author(StrEnum):
    """Who wrote a message, as the chat window tells it apart."""

    ME = "me"
    PROGRAMME = "programme"
    PERSON = "person"


@dataclass(frozen=True, kw_only=True)
class ChatMessage:
    """One message of the conversation as shown, whatever channel it travelled on.

    `client_id` is set on the visitor's own web messages only: the id its browser gave it (see `client_id_of`).
    `input`: the field offered for the answer, beside free text: "date", "number" or "" for none.
    """

    id: str
    author: Author
    text: str
    at: datetime
    language: str = ""
    replies: tuple[str, ...] = ()
    input: str = ""
    client_id: str = ""


@dataclass(frozen=True, kw_only=True)
class AcceptedMessage:
    """The message is stored and will be answered. `repeated`: it was stored before and is not handled again."""

    id: str
    repeated: bool


@dataclass(frozen=True, kw_only=True)
class MessageEvent:
    """A message that came to be; the visitor's own too, for their other windows."""

    message: ChatMessage


@dataclass(frozen=True, kw_only=True)
class NewsEvent:
    """Something was said: read the history. For a backend whose notifications carry no text, or were interrupted."""


@dataclass(frozen=True, kw_only=True)
class TypingEvent:
    """An answer is being prepared, or no longer."""

    on: bool


@dataclass(frozen=True, kw_only=True)
class StatusEvent:
    """The conversation waits for a person, or the participant has stopped messages."""

    held: bool
    opted_out: bool


type ChatEvent = MessageEvent | NewsEvent | TypingEvent | StatusEvent


class LinkResult(StrEnum):
    """What became of joining this chat with a phone or mailbox."""

    SENT = "sent"
    LINKED = "linked"
    WRONG_CODE = "wrong_code"
    EXPIRED = "expired"
    TOO_MANY = "too_many"
    BAD_CONTACT = "bad_contact"


@dataclass(frozen=True, kw_only=True)
class LinkOutcome:
    """The answer to `request_link` and `verify`. `visitor`: set when the chat is now part of a joined conversation."""

    result: LinkResult
    visitor: Visitor | None = None


class WebchatBackend(Protocol):
    """The service as the web chat sees it. Any method may raise `BackendBusy`."""

    async def site(self, token: str) -> Site | None:
        """The site a token names, or None."""

    async def continue_link(self, token: str) -> ContinueLink | None:
        """What a signed link leads to, or None when it is forged or expired. Uses nothing up: previews fetch links."""

    async def open(self, site: Site, *, session: str, identity: str, link: str, language: str) -> Visitor:
        """Who this is. A signed `link` counts before a signed `identity`, that before the `session`; all may be empty.

        An unknown or expired session alone is no error: a new visitor, `reset` true. `SessionRefused` when the identity
        or link is bad. Should write nothing before the first message: opening costs a stranger nothing.
        """

    async def history(self, visitor: Visitor, after: str) -> Sequence[ChatMessage]:
        """Messages after the one with id `after`, oldest first; the recent ones when `after` is empty or unknown.

        May overlap with what was shown before (both ends drop what they have), must never leave a gap.
        """

    async def accept(self, message: InboundMessage) -> AcceptedMessage:
        """Store a message before anything else happens to it. A repeat of `provider_id` changes nothing."""

    def subscribe(self, visitor: Visitor) -> AbstractAsyncContextManager[AsyncIterator[ChatEvent]]:
        """What happens from now on. Listening has begun once the context is entered; ending ends the connection."""

    async def seen(self, visitor: Visitor, message_id: str) -> None:
        """The visitor has been shown all messages up to this one. An id of another conversation does nothing."""

    async def request_link(self, visitor: Visitor, contact: str) -> LinkOutcome:
        """Send a code to a phone or mailbox. Says `sent` for unknown contacts too: it must not tell who takes part."""

    async def verify(self, visitor: Visitor, code: str) -> LinkOutcome:
        """Check a code. Counts attempts."""

    def words(self, language: str) -> Mapping[str, str]:
        """The labels in one language: the texts `webchat/*`, their prefix left off (see `words.REQUIRED`)."""


def provider_id(visitor: Visitor, client_id: str) -> str:
    """The message's id on this channel: the browser's own, made unable to collide with another visitor's."""
    return f"{visitor.key}:{client_id}"


def client_id_of(provider_id: str) -> str:
    """The browser's id of a message, from its id on this channel."""
    return provider_id.rpartition(":")[2]
