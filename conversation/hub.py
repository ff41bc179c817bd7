"""News of conversations, across processes: one LISTEN connection feeds the open web chats of this process."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg

from conversation.outbox import CONVERSATION

log = logging.getLogger(__name__)


class Hub:
    """`listen` to a participant's news; each item is a nudge to read the database, never the news itself."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._waiting: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._forever())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @asynccontextmanager
    async def listen(self, participant_id: UUID) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever this conversation moves (and after a lost connection, in case it did)."""
        event = asyncio.Event()
        self._waiting[participant_id].add(event)
        try:
            yield event
        finally:
            self._waiting[participant_id].discard(event)
            if not self._waiting[participant_id]:
                del self._waiting[participant_id]

    async def _forever(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                    await connection.execute(f"listen {CONVERSATION}")
                    self._wake_all()
                    async for notice in connection.notifies():
                        with contextlib.suppress(ValueError):
                            self._wake(UUID(notice.payload))
            except psycopg.OperationalError:
                log.warning("the hub lost the database; it connects again")
                await asyncio.sleep(0.5)

    def _wake(self, participant_id: UUID) -> None:
        for event in self._waiting.get(participant_id, ()):
            event.set()

    def _wake_all(self) -> None:
        for participant_id in list(self._waiting):
            self._wake(participant_id)
