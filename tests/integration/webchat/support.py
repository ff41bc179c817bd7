"""What the tests of the web chat speak with: a client of frames, a clock that stands still."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestServer

from channels.webchat.backend import Site
from tests.integration.webchat.fake_backend import FakeBackend

PUBLIC = "https://chat.example.org"
SITE = Site(token="site-1", study="parkinson", origins=("https://study.example.org",), languages=("en", "es"))


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Window:
    """One chat window, without the window."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.welcome: dict[str, Any] = {}

    async def send(self, **frame: object) -> None:
        await self.socket.send_str(json.dumps(frame))

    async def write(self, text: str, message_id: str = "") -> str:
        message_id = message_id or str(uuid.uuid4())
        await self.send(type="message", id=message_id, text=text)
        return message_id

    async def read(self, *types: str) -> dict[str, Any]:
        """The next frame of one of these types; others are passed over."""
        while True:
            received = await self.socket.receive(timeout=5)
            assert received.type is WSMsgType.TEXT, f"{received.type.name} {self.socket.close_code}"
            frame: dict[str, Any] = json.loads(received.data)
            if not types or frame["type"] in types:
                return frame

    async def read_close(self) -> int | None:
        """Passes over frames until the server closes; the close code."""
        while (await self.socket.receive(timeout=5)).type is WSMsgType.TEXT:
            pass
        return self.socket.close_code


class Chat:
    """The server and what is behind it."""

    def __init__(self, server: TestServer, backend: FakeBackend, client: ClientSession, clock: Clock) -> None:
        self.server = server
        self.backend = backend
        self.client = client
        self.clock = clock

    async def connect(self, *, origin: str | None = PUBLIC) -> Window:
        headers = {} if origin is None else {"Origin": origin}
        return Window(await self.client.ws_connect(self.server.make_url("/chat/ws"), headers=headers))

    async def enter(self, *, origin: str | None = PUBLIC, **hello: str) -> Window:
        window = await self.connect(origin=origin)
        await window.send(type="hello", **({"site": SITE.token, "language": "en"} | hello))
        window.welcome = await window.read("welcome")
        return window


type MakeChat = Callable[..., Any]
