"""A fixed port in front of changing ones: the bot's way to the service of the moment, and a small load balancer."""

import asyncio
import contextlib
from itertools import count


class Forwarder:
    """Passes TCP connections on to `targets` (ports on loopback) in turn; one that is down is passed over."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._targets: tuple[int, ...] = ()
        self._turns = count()
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)

    async def stop(self) -> None:
        self._cut()
        if self._server is not None:
            self._server.close()

    def point_to(self, *ports: int) -> None:
        """From now on; connections made before are cut."""
        self._targets = ports
        self._cut()

    def _cut(self) -> None:
        for writer in self._pipes:
            writer.close()
        self._pipes.clear()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(self._turns)
        targets = self._targets
        for place in range(len(targets)):
            try:
                there, back = await asyncio.open_connection("127.0.0.1", targets[(first + place) % len(targets)])
                break
            except OSError:
                continue
        else:
            writer.close()
            return
        ends = {writer, back}
        self._pipes |= ends
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            self._pipes -= ends


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()
