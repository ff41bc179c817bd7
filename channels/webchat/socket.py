"""The WebSocket: one connection from hello to goodbye.

Whatever goes wrong on it is told in an error frame first; closing is for those who do not listen. Close codes are those
of RFC 6455 section 7.4.1: 1001 going away, 1008 policy, 1009 too big, 1012 try again at once, 1013 try again later.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, WSMsgType, web

from channels.webchat.backend import (
    BackendBusy,
    ChatEvent,
    ChatMessage,
    MessageEvent,
    NewsEvent,
    SessionRefused,
    Site,
    StatusEvent,
    TypingEvent,
    Visitor,
    WebchatBackend,
    provider_id,
)
from channels.webchat.frames import (
    MAX_FRAME_BYTES,
    AskLink,
    BadFrame,
    ClientFrame,
    ErrorCode,
    Hello,
    Said,
    Seen,
    Verify,
    accepted_frame,
    error_frame,
    link_frame,
    message_frame,
    parse_frame,
    status_frame,
    typing_frame,
    welcome_frame,
)
from channels.webchat.rate import Meter, Pace, full_bucket, take_token
from conversation.messages import ChannelName, InboundMessage

BUSY_SECONDS = 5.0


_MESSAGES = Pace(burst=30, per_minute=60)
_FRAMES = Pace(burst=150, per_minute=300)
_REFUSALS = Pace(burst=20, per_minute=6)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one visitor, and all together, may ask of the socket. Times in seconds."""

    messages: Pace = _MESSAGES
    """Per session, over all its connections to this process."""
    frames: Pace = _FRAMES
    """Per connection, frames of every type."""
    refusals: Pace = _REFUSALS
    """Per connection: who is refused more often than this is disconnected."""
    hello_within: float = 10.0
    heartbeat: float = 25.0
    connections: int = 5_000


DEFAULT_LIMITS = Limits()


class Refused(Exception):
    """The connection ends with this error frame and close code."""

    def __init__(self, code: ErrorCode, close: int, *, retry_after: float | None = None, reason: str = "") -> None:
        super().__init__(code)
        self.frame = error_frame(code, retry_after=retry_after, reason=reason)
        self.close = close


def utc_now() -> datetime:
    """The clock, where no other is given."""
    return datetime.now(UTC)


def origin_of(url: str) -> str:
    """The origin of a URL as browsers write it in the `Origin` header (RFC 6454 section 6.1)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def choose_language(wanted: str, site: Site) -> str:
    """The site's language nearest to the one asked for (`es-MX` finds `es`), else its first."""
    short = wanted.lower().split("-")[0]
    return next(
        (language for language in site.languages if language.lower() in (wanted.lower(), short)), site.languages[0]
    )


class ChatSockets:
    """All open chats of this process."""

    def __init__(
        self,
        backend: WebchatBackend,
        *,
        public_url: str,
        limits: Limits = DEFAULT_LIMITS,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._backend = backend
        self._public_origin = origin_of(public_url)
        self._limits = limits
        self._clock = clock
        self._messages = Meter(limits.messages)
        self._open: set[web.WebSocketResponse] = set()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """`GET /chat/ws`."""
        socket = web.WebSocketResponse(
            heartbeat=self._limits.heartbeat, max_msg_size=MAX_FRAME_BYTES, compress=False, timeout=5.0
        )
        await socket.prepare(request)
        full = len(self._open) >= self._limits.connections
        self._open.add(socket)
        try:
            if full:
                raise Refused(ErrorCode.BUSY, WSCloseCode.TRY_AGAIN_LATER, retry_after=BUSY_SECONDS)
            await self._converse(request, socket)
        except Refused as refused:
            with contextlib.suppress(ConnectionError):
                await socket.send_str(refused.frame)
            await socket.close(code=refused.close)
        except BackendBusy:
            with contextlib.suppress(ConnectionError):
                await socket.send_str(error_frame(ErrorCode.BUSY, retry_after=BUSY_SECONDS))
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
        except ConnectionError:
            pass
        finally:
            self._open.discard(socket)
        return socket

    async def close(self, _app: web.Application | None = None) -> None:
        """Says goodbye to everybody; their browsers come back by themselves. For `app.on_shutdown`."""
        await asyncio.gather(
            *(socket.close(code=WSCloseCode.GOING_AWAY) for socket in list(self._open)), return_exceptions=True
        )

    async def _converse(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        hello = await self._hello(socket)
        if hello is None:
            return
        site = await self._backend.site(hello.site)
        if site is None or not self._may_connect(request, site):
            raise Refused(ErrorCode.ORIGIN, WSCloseCode.POLICY_VIOLATION)
        try:
            visitor = await self._backend.open(
                site,
                session=hello.session,
                identity=hello.identity,
                link=hello.link,
                language=choose_language(hello.language, site),
            )
        except SessionRefused:
            raise Refused(ErrorCode.BAD_SESSION, WSCloseCode.POLICY_VIOLATION) from None
        connection = _Connection(socket, self._backend, site, self._messages, self._limits, self._clock)
        after = "" if visitor.reset else hello.after
        joined = await connection.run(visitor, after=after)
        while joined is not None:
            joined = await connection.run(joined, after="")

    async def _hello(self, socket: web.WebSocketResponse) -> Hello | None:
        try:
            first = await socket.receive(timeout=self._limits.hello_within)
        except TimeoutError:
            raise Refused(ErrorCode.BAD_FRAME, WSCloseCode.POLICY_VIOLATION, reason="no hello in time") from None
        if first.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
            return None
        try:
            frame = parse_frame(first.data) if first.type is WSMsgType.TEXT else None
        except BadFrame as bad:
            raise Refused(bad.code, WSCloseCode.POLICY_VIOLATION, reason=bad.reason) from None
        if not isinstance(frame, Hello):
            raise Refused(ErrorCode.BAD_FRAME, WSCloseCode.POLICY_VIOLATION, reason="the first frame must be hello")
        return frame

    def _may_connect(self, request: web.Request, site: Site) -> bool:
        """Browsers always send `Origin`. The iframe's is our own: as configured, or as the `Host` header has it."""
        origin = request.headers.get("Origin", "").lower()
        ours = {self._public_origin, f"{request.scheme}://{request.host}".lower()}
        return origin in ours or origin in {allowed.lower() for allowed in site.origins}


class _Connection:
    """One socket after hello: reads what the visitor sends while another task writes what happens."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        backend: WebchatBackend,
        site: Site,
        messages: Meter,
        limits: Limits,
        clock: Callable[[], datetime],
    ) -> None:
        self._socket = socket
        self._backend = backend
        self._site = site
        self._messages = messages
        self._clock = clock
        at = clock()
        self._frames = full_bucket(limits.frames, at=at)
        self._refusals = full_bucket(limits.refusals, at=at)
        self._shown: OrderedDict[str, None] = OrderedDict()
        self._last = ""

    async def run(self, visitor: Visitor, *, after: str) -> Visitor | None:
        """Serves one visitor until the connection ends (None) or the chat joins another conversation (its visitor)."""
        async with self._backend.subscribe(visitor) as events:
            history = await self._backend.history(visitor, after)
            self._shown.clear()
            self._last = after
            for message in history:
                self._note(message)
            await self._socket.send_str(welcome_frame(visitor, history, reset=not after))
            await self._socket.send_str(status_frame(held=visitor.held, opted_out=visitor.opted_out))
            pump = asyncio.create_task(self._pump(visitor, events), name="webchat-events")
            try:
                return await self._read(visitor)
            finally:
                pump.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await pump

    async def _read(self, visitor: Visitor) -> Visitor | None:
        async for received in self._socket:
            if received.type is WSMsgType.ERROR:
                break
            try:
                if received.type is not WSMsgType.TEXT:
                    raise BadFrame("not a text frame")
                frame = parse_frame(received.data)
                at = self._clock()
                self._frames, wait = take_token(self._frames, at=at)
                if isinstance(frame, Said) and not wait:
                    wait = self._messages.take(visitor.key, at=at)
                if wait:
                    about = frame.id if isinstance(frame, Said) else ""
                    await self._refuse(error_frame(ErrorCode.RATE_LIMITED, retry_after=_up(wait), about=about))
                    continue
                joined = await self._act(visitor, frame)
            except BadFrame as bad:
                await self._refuse(error_frame(bad.code, about=bad.about, reason=bad.reason))
                continue
            if joined is not None:
                return joined
        return None

    async def _act(self, visitor: Visitor, frame: ClientFrame) -> Visitor | None:
        try:
            match frame:
                case Said():
                    await self._said(visitor, frame)
                case Seen():
                    await self._backend.seen(visitor, frame.id)
                case AskLink():
                    outcome = await self._backend.request_link(visitor, frame.contact)
                    await self._socket.send_str(link_frame(outcome.result))
                case Verify():
                    outcome = await self._backend.verify(visitor, frame.code)
                    await self._socket.send_str(link_frame(outcome.result))
                    return outcome.visitor
                case Hello():
                    raise BadFrame("hello comes once")
        except BackendBusy:
            about = frame.id if isinstance(frame, Said) else ""
            await self._socket.send_str(error_frame(ErrorCode.BUSY, retry_after=BUSY_SECONDS, about=about))
        return None

    async def _said(self, visitor: Visitor, said: Said) -> None:
        accepted = await self._backend.accept(
            InboundMessage(
                channel=ChannelName.WEBCHAT,
                provider_id=provider_id(visitor, said.id),
                sender=visitor.key,
                recipient=self._site.token,
                text=said.text,
                full_text=said.text,
                received_at=self._clock(),
                participant_id=visitor.participant_id,
                attributes={"study": self._site.study, "language": visitor.language, "client_id": said.id},
            )
        )
        await self._socket.send_str(accepted_frame(said.id, accepted.id))

    async def _refuse(self, frame: str) -> None:
        self._refusals, too_often = take_token(self._refusals, at=self._clock())
        await self._socket.send_str(frame)
        if too_often:
            raise Refused(ErrorCode.RATE_LIMITED, WSCloseCode.POLICY_VIOLATION, retry_after=_up(too_often))

    async def _pump(self, visitor: Visitor, events: AsyncIterator[ChatEvent]) -> None:
        try:
            async for event in events:
                match event:
                    case MessageEvent():
                        await self._show(event.message)
                    case NewsEvent():
                        for message in await self._backend.history(visitor, self._last):
                            await self._show(message)
                    case TypingEvent():
                        await self._socket.send_str(typing_frame(on=event.on))
                    case StatusEvent():
                        await self._socket.send_str(status_frame(held=event.held, opted_out=event.opted_out))
        except (BackendBusy, ConnectionError):
            pass
        finally:
            # Nothing more would arrive on this connection: a new one re-reads what was missed. Harmless after a close;
            # not reached by await when cancelled, as then the reader has ended or goes on with another visitor.
            if not _cancelled():
                await self._socket.close(code=WSCloseCode.SERVICE_RESTART)

    async def _show(self, message: ChatMessage) -> None:
        if self._note(message):
            await self._socket.send_str(message_frame(message))

    def _note(self, message: ChatMessage) -> bool:
        """False when the message was sent on this connection before."""
        if message.id in self._shown:
            return False
        self._shown[message.id] = None
        self._last = message.id
        if len(self._shown) > 1_000:
            self._shown.popitem(last=False)
        return True


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _up(seconds: float) -> float:
    """To the next tenth, so that who waits exactly that long has waited long enough."""
    return int(seconds * 10 + 1) / 10
