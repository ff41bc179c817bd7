"""The ticks: APScheduler as a metronome with a memory store (its job stores must not be shared between processes)."""

import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from conversation.deliver import settle_abandoned
from conversation.unseen import expire_unseen
from engagement import clock
from scheduler.campaigning import run_campaigns
from scheduler.leader import Leadership
from scheduler.planning import look_at_changed_plans, plan_due
from scheduler.sending import Desk, queue_due
from storage.database import Database

log = logging.getLogger(__name__)

TICK_S = 5
"""A dead leader's work is taken over within two ticks."""
ROUNDS = 100
"""So much at a time, then the next tick: between them it is asked who leads, and what became of a dead process's messages."""


class Ticker:
    """Runs each tick in one process at a time. `refresh` runs in every process: it keeps this one's words current.

    `ring` is called when outreach was queued.
    """

    def __init__(
        self, database: Database, desk: Desk, *, refresh: Callable[[], Awaitable[None]], ring: Callable[[], None]
    ) -> None:
        self._database, self._desk, self._ring = database, desk, ring
        self._leadership = Leadership(database)
        self._compared = False
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        # The default grace of one second skips a run on a busy machine; a late tick is better than none.
        options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler.add_job(self._tick, "interval", seconds=TICK_S, **options)
        self._scheduler.add_job(refresh, "interval", seconds=30, **options)

    def start(self) -> None:
        self._scheduler.start()

    async def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
        await self._leadership.resign()

    async def _tick(self) -> None:
        if not await self._leadership.leads():
            self._compared = False
            return
        settled = await settle_abandoned(self._database, at=clock.now())
        if settled:
            log.warning("messages of unknown fate: %d", settled)
        if not self._compared:
            await look_at_changed_plans(self._database, self._desk.plans, at=clock.now())
            self._compared = True
        await work_off(self._desk, ring=self._ring)


async def work_off(desk: Desk, *, ring: Callable[[], None]) -> None:
    """Plan for all who are to be planned for and for campaigns, and queue what is due, some of each in turn.

    None waits for another's end, and `ROUNDS` ends it. Safe to run twice, also at once.
    """
    await expire_unseen(desk.database, at=clock.now())
    for _ in range(ROUNDS):
        planned = await plan_due(desk.database, desk.plans, at=clock.now())
        invited = await run_campaigns(desk.database, at=clock.now())
        queued = await queue_due(desk, at=clock.now())
        if queued:
            ring()
        if not (planned or invited or queued):
            return
