"""A mail relay that does as it is told: its replies by command, and the points where it hangs up or falls silent."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HANG_UP = "hang up"
SILENCE = "silence"
REPLIES = {
    "CONNECT": "220 relay.example ESMTP",
    "EHLO": "250-relay.example\r\n250 8BITMIME",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "END": "250 2.0.0 queued as 1",
    "QUIT": "221 2.0.0 bye",
}


@dataclass(kw_only=True)
class ScriptedRelay:
    """What it was told to say, and what it heard. `mails` are those whose end it has seen."""

    replies: Mapping[str, str]
    port: int = 0
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self._say(writer, "CONNECT"):
            return
        while line := await reader.readline():
            self.commands.append(line.decode().strip())
            word = line.split()[0].decode().upper()
            if not await self._say(writer, word):
                return
            if word == "QUIT":
                return
            if word == "DATA" and self._reply("DATA").startswith("354"):
                if self.replies.get("BODY") == HANG_UP:
                    writer.transport.abort()
                    return
                mail = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(mail[:-3].replace(b"\r\n..", b"\r\n."))
                if not await self._say(writer, "END"):
                    return

    def _reply(self, word: str) -> str:
        return self.replies.get(word) or REPLIES.get(word, "502 5.5.1 no such command")

    async def _say(self, writer: asyncio.StreamWriter, word: str) -> bool:
        reply = self._reply(word)
        if reply == SILENCE:
            await self.ended.wait()
            return False
        if reply == HANG_UP:
            return False
        writer.write(reply.encode() + b"\r\n")
        await writer.drain()
        return True


@asynccontextmanager
async def scripted_relay(**replies: str) -> AsyncIterator[ScriptedRelay]:
    """Run one on a free port of the loopback."""
    relay = ScriptedRelay(replies=replies)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0, limit=10_000_000)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        relay.ended.set()
        server.close()
        await server.wait_closed()
