"""A chat window that outlives the service: it keeps what is not acknowledged and comes back with its session."""

import asyncio
import contextlib
import json
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp

from engagement.studies import load_packs
from service.settings import ROOT, Settings
from tests.harness.place import Place, until


class Window:
    """Does what `channels/webchat/static` does: sends unacknowledged messages again, one at a time, each with its id.

    `shown`: what stands in the window, by message id, in the order in which it came first. `acknowledged`: the ids of
    the messages the service said it has.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._waiting: dict[str, str] = {}
        self._session = ""
        self._last = ""
        self._life: asyncio.Task[None] | None = None
        self._typed = asyncio.Event()
        self._moved = asyncio.Event()
        self.shown: dict[str, dict[str, Any]] = {}
        self.acknowledged: list[str] = []
        self.entered = 0

    async def __aenter__(self) -> Self:
        self._life = asyncio.create_task(self._live())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._life is not None:
            self._life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._life

    def write(self, text: str) -> str:
        """Type a message; it goes out as soon as there is a service to take it. Returns its id."""
        name = str(uuid4())
        self._waiting[name] = text
        self._typed.set()
        return name

    async def is_acknowledged(self, name: str, *, seconds: float = 20) -> None:
        await until(lambda: name in self.acknowledged, seconds=seconds)

    def answers(self) -> list[str]:
        """The texts that the programme said."""
        return [one["text"] for one in self.shown.values() if one["from"] != "me"]

    def mine(self) -> list[str]:
        """The texts that the visitor wrote, as the service gives them back."""
        return [one["text"] for one in self.shown.values() if one["from"] == "me"]

    async def _live(self) -> None:
        url = self._place.settings.public_url
        async with aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                    async with session.ws_connect(f"{url}/chat/ws", headers={"Origin": url}) as socket:
                        await self._converse(socket)
                await asyncio.sleep(0.1)

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        hello = {"type": "hello", "site": _site(), "identity": "", "link": "", "language": "en"}
        await socket.send_str(json.dumps({**hello, "session": self._session, "after": self._last}))
        sender: asyncio.Task[None] | None = None
        try:
            async for received in socket:
                frame = json.loads(received.data)
                if frame["type"] == "welcome":
                    self.entered += 1
                    self._session = frame["session"]
                    sender = asyncio.create_task(self._send(socket))
                if frame["type"] == "accepted":
                    self._waiting.pop(frame["id"], None)
                    self.acknowledged.append(frame["id"])
                    self._moved.set()
                for message in [frame] if frame["type"] == "message" else frame.get("history", []):
                    self.shown.setdefault(message["id"], message)
                    self._last = message["id"]
                    if message["from"] != "me":
                        await socket.send_str(json.dumps({"type": "seen", "id": message["id"]}))
        finally:
            if sender is not None:
                sender.cancel()

    async def _send(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            self._typed.clear()
            if not self._waiting:
                await self._typed.wait()
                continue
            name, text = next(iter(self._waiting.items()))
            self._moved.clear()
            await socket.send_str(json.dumps({"type": "message", "id": name, "text": text}))
            await self._moved.wait()


def _site() -> str:
    """The site token of the default study's page."""
    return load_packs(ROOT / "studies")[Settings.model_fields["default_study"].default].sites[0].token
