"""The loops that move the queues: screening, dialogue, delivery, outreach. Woken at once by this process, by polling otherwise."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from uuid import UUID

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.deliver import Prepare, deliver, deliver_outreach
from conversation.dialogue import converse
from conversation.messages import ChannelName, Sender
from conversation.outbox import Outbox
from conversation.providers import OutreachRules
from conversation.rasa import Rasa
from conversation.screening import screen
from conversation.turn import House
from engagement import clock
from storage.database import Database

log = logging.getLogger(__name__)

POLL_S = 1.0
"""How long a loop sleeps unless woken: the longest another process's work, or a retry, waits."""


class Bell:
    """Wakes one sleeping loop a ring: each look into a queue costs a transaction, so nobody is woken for nothing."""

    def __init__(self) -> None:
        self._sleeping: deque[asyncio.Future[None]] = deque()
        self._rung = False

    def ring(self) -> None:
        """Wake a loop; where all are awake, the next one that lies down looks once more."""
        while self._sleeping:
            sleeper = self._sleeping.popleft()
            if not sleeper.done():
                sleeper.set_result(None)
                return
        self._rung = True

    async def wait(self) -> None:
        """Sleep until rung, `POLL_S` at most."""
        if self._rung:
            self._rung = False
            return
        sleeper = asyncio.get_running_loop().create_future()
        self._sleeping.append(sleeper)
        try:
            await asyncio.wait_for(sleeper, POLL_S)
        except TimeoutError:
            return
        finally:
            with contextlib.suppress(ValueError):  # who rang has taken it out
                self._sleeping.remove(sleeper)


class Workers:
    """All loops of one process. `start` and `stop` them; `ring_*` when there is work."""

    def __init__(
        self,
        database: Database,
        house: House,
        outbox: Outbox,
        rasa: Rasa,
        senders: Mapping[ChannelName, Sender],
        prepare: Mapping[ChannelName, Prepare],
        *,
        rules: OutreachRules | None = None,
        dialogues: int = 8,
        deliveries: int = 4,
        outreach: int = 2,
    ) -> None:
        self._database, self._house, self._outbox, self._rasa = database, house, outbox, rasa
        self._senders, self._prepare = senders, prepare
        self._dialogues, self._deliveries = dialogues, deliveries
        self._rules, self._outreach = rules or OutreachRules(), outreach
        self._received, self._screened, self._queued, self._planned = Bell(), Bell(), Bell(), Bell()
        self._busy: set[UUID] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        loops: list[Callable[[], Awaitable[bool]]] = [
            *[self._screen] * 2,
            *[self._deliver] * self._deliveries,
            *[self._deliver_outreach] * self._outreach,
        ]
        bells = [self._received] * 2 + [self._queued] * self._deliveries + [self._planned] * self._outreach
        self._tasks = [asyncio.create_task(self._forever(run, bell)) for run, bell in zip(loops, bells, strict=True)]
        self._tasks += [asyncio.create_task(self._converse_forever()) for _ in range(self._dialogues)]

    async def stop(self) -> None:
        """End the loops; a turn cut off here is run again by whoever starts next."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ring_received(self) -> None:
        self._received.ring()

    def ring_queued(self) -> None:
        self._queued.ring()

    def ring_outreach(self) -> None:
        self._planned.ring()

    async def _screen(self) -> bool:
        done = await screen(self._database, self._house, self._outbox, at=clock.now())
        if done is None:
            return False
        (self._screened if done.goes_on else self._queued).ring()
        return done.more

    async def _deliver(self) -> bool:
        return await deliver(self._database, self._senders, self._prepare)

    async def _deliver_outreach(self) -> bool:
        return await deliver_outreach(self._database, self._senders, self._prepare, self._rules)

    async def _forever(self, run: Callable[[], Awaitable[bool]], bell: Bell) -> None:
        while True:
            try:
                await _work(run, bell)
            except Exception as error:  # noqa: BLE001 - a loop that ends would strand everybody
                await _rest(error)

    async def _converse_forever(self) -> None:
        while True:
            try:
                async with self._database.redoable.connect() as raw:
                    connection = await raw.execution_options(isolation_level="AUTOCOMMIT")
                    await _work(partial(self._converse, connection), self._screened)
            except Exception as error:  # noqa: BLE001 - a loop that ends would strand everybody
                await _rest(error)

    async def _converse(self, connection: AsyncConnection) -> bool:
        done = await converse(connection, self._database, self._house, self._outbox, self._rasa, self._busy)
        if done is None:
            return False
        self._queued.ring()
        return done.more


async def _work(run: Callable[[], Awaitable[bool]], bell: Bell) -> None:
    """Take from a queue while more is waiting, else sleep."""
    in_a_row = 0
    while True:
        if await run():
            # What waits may be in a neighbour's hands just now; where it goes on, it has piled up and a neighbour helps.
            in_a_row += 1
            if in_a_row > 1:
                bell.ring()
        else:
            in_a_row = 0
            await bell.wait()


async def _rest(error: Exception) -> None:
    gone = isinstance(error, OperationalError | InterfaceError | DBAPIError)
    log.error("worker rests: %s%s", type(error).__name__, " (database)" if gone else "")
    await asyncio.sleep(0.5)
