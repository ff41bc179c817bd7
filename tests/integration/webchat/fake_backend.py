"""A `WebchatBackend` that keeps everything in memory, for the tests of the socket, the pages and the chat window."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from itsdangerous import BadSignature, URLSafeSerializer

from channels.webchat.backend import (
    AcceptedMessage,
    Author,
    BackendBusy,
    ChatEvent,
    ChatMessage,
    ContinueLink,
    LinkOutcome,
    LinkResult,
    MessageEvent,
    SessionRefused,
    Site,
    StatusEvent,
    TypingEvent,
    Visitor,
    client_id_of,
)
from conversation.messages import InboundMessage

CONTENT = Path(__file__).parents[3] / "content"
RIGHT_CODE = "123456"


def read_words(language: str) -> dict[str, str]:
    """The shipped labels, so that the tests see what a visitor sees."""
    texts: dict[str, Any] = yaml.safe_load((CONTENT / language / "webchat.yml").read_text())["texts"]
    return {key.removeprefix("webchat/"): text["text"] for key, text in texts.items()}


@dataclass
class Talk:
    """One conversation."""

    key: str
    participant_id: uuid.UUID = field(default_factory=uuid.uuid4)
    messages: list[ChatMessage] = field(default_factory=list)
    listeners: list[asyncio.Queue[ChatEvent | None]] = field(default_factory=list)
    held: bool = False
    opted_out: bool = False


class FakeBackend:
    """Answers nothing by itself; a test says what the programme says."""

    def __init__(self, *sites: Site) -> None:
        self.sites = {site.token: site for site in sites}
        self.talks: dict[str, Talk] = {}
        self.accepted: list[InboundMessage] = []
        self.repeats: list[str] = []
        self.seen_ids: list[str] = []
        self.busy = False
        self.signer = URLSafeSerializer("test", salt="webchat")
        self._words = {language: read_words(language) for language in ("en", "es")}

    def sign(self, kind: str, key: str) -> str:
        """A token as the service or the host page would sign it."""
        return str(self.signer.dumps([kind, key]))

    def talk(self, key: str) -> Talk:
        """The conversation of a visitor, by its key."""
        return self.talks.setdefault(key, Talk(key=key))

    @property
    def only(self) -> Talk:
        """The one conversation there is."""
        (talk,) = self.talks.values()
        return talk

    async def site(self, token: str) -> Site | None:
        return self.sites.get(token)

    async def continue_link(self, token: str) -> ContinueLink | None:
        if self._read("link", token) is None:
            return None
        return ContinueLink(site=next(iter(self.sites.values())), language="es")

    async def open(self, site: Site, *, session: str, identity: str, link: str, language: str) -> Visitor:
        self._check()
        for kind, token in (("link", link), ("identity", identity)):
            if token:
                key = self._read(kind, token)
                if key is None:
                    raise SessionRefused
                return self._visitor(self.talk(key), language, reset=True)
        known = self._read("session", session)
        if known in self.talks:
            return self._visitor(self.talks[known], language)
        return self._visitor(self.talk(uuid.uuid4().hex), language, reset=True)

    async def history(self, visitor: Visitor, after: str) -> Sequence[ChatMessage]:
        self._check()
        messages = self.talk(visitor.key).messages
        ids = [message.id for message in messages]
        return messages[ids.index(after) + 1 :] if after in ids else list(messages)

    async def accept(self, message: InboundMessage) -> AcceptedMessage:
        self._check()
        for earlier in self.accepted:
            if earlier.provider_id == message.provider_id:
                self.repeats.append(message.provider_id)
                return AcceptedMessage(id=f"in-{self.accepted.index(earlier)}", repeated=True)
        message_id = f"in-{len(self.accepted)}"
        self.accepted.append(message)
        await self.tell(
            ChatMessage(
                id=message_id,
                author=Author.ME,
                text=message.text,
                at=message.received_at,
                client_id=client_id_of(message.provider_id),
            ),
            key=message.sender,
        )
        return AcceptedMessage(id=message_id, repeated=False)

    @asynccontextmanager
    async def subscribe(self, visitor: Visitor) -> AsyncIterator[AsyncIterator[ChatEvent]]:
        queue: asyncio.Queue[ChatEvent | None] = asyncio.Queue()
        listeners = self.talk(visitor.key).listeners
        listeners.append(queue)

        async def events() -> AsyncIterator[ChatEvent]:
            while (event := await queue.get()) is not None:
                yield event

        try:
            yield events()
        finally:
            listeners.remove(queue)

    async def seen(self, visitor: Visitor, message_id: str) -> None:
        self.seen_ids.append(message_id)

    async def request_link(self, visitor: Visitor, contact: str) -> LinkOutcome:
        good = "@" in contact or contact.startswith("+")
        return LinkOutcome(result=LinkResult.SENT if good else LinkResult.BAD_CONTACT)

    async def verify(self, visitor: Visitor, code: str) -> LinkOutcome:
        if code != RIGHT_CODE:
            return LinkOutcome(result=LinkResult.WRONG_CODE)
        joined = self.talk("joined")
        return LinkOutcome(result=LinkResult.LINKED, visitor=self._visitor(joined, visitor.language, reset=True))

    def words(self, language: str) -> Mapping[str, str]:
        return self._words[language]

    # What a test makes happen:

    async def say(self, text: str, *, replies: tuple[str, ...] = (), key: str = "", **changes: Any) -> ChatMessage:
        """The programme says something."""
        message = ChatMessage(
            id=f"out-{uuid.uuid4().hex[:8]}",
            author=Author.PROGRAMME,
            text=text,
            at=datetime.now(UTC),
            replies=replies,
        )
        message = replace(message, **changes)
        await self.tell(message, key=key)
        return message

    async def tell(self, message: ChatMessage, *, key: str = "") -> None:
        talk = self.talks[key] if key else self.only
        talk.messages.append(message)
        await self.happen(MessageEvent(message=message), key=key)

    async def happen(self, event: ChatEvent | None, *, key: str = "") -> None:
        """An event for all windows of a conversation; None ends their subscriptions."""
        for queue in (self.talks[key] if key else self.only).listeners:
            queue.put_nowait(event)

    async def typing(self, *, on: bool) -> None:
        await self.happen(TypingEvent(on=on))

    async def status(self, *, held: bool = False, opted_out: bool = False) -> None:
        self.only.held, self.only.opted_out = held, opted_out
        await self.happen(StatusEvent(held=held, opted_out=opted_out))

    def _visitor(self, talk: Talk, language: str, *, reset: bool = False) -> Visitor:
        return Visitor(
            participant_id=talk.participant_id,
            key=talk.key,
            session=self.sign("session", talk.key),
            language=language,
            held=talk.held,
            opted_out=talk.opted_out,
            reset=reset,
        )

    def _read(self, kind: str, token: str) -> str | None:
        try:
            found, key = self.signer.loads(token)
        except BadSignature:
            return None
        return str(key) if found == kind else None

    def _check(self) -> None:
        if self.busy:
            raise BackendBusy
