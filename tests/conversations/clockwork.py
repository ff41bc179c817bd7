"""Somebody to whom the clock writes, and the clock that is put forward for them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import time_machine

from engagement import clock
from engagement.journeys import record_event
from scheduler.ticker import work_off
from tests.conversations.script import Script

HOME = ZoneInfo("America/New_York")
START = datetime.now(HOME).replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=1)
FIRST = {"en": "how much does the test cost?", "es": "¿cuánto cuesta la prueba?"}
LATER = {"en": "not now, remind me tomorrow evening", "es": "ahora no puedo, escríbame mañana en la noche"}


async def tick(script: Script) -> None:
    """What the clock does at this moment, and what follows from it."""
    built = script.service.built
    await work_off(built.desk, ring=built.workers.ring_outreach)
    await script.settled()


class OnTheClock:
    """A participant of the default study, `who`, from `START` on; the clock is the traveller's."""

    def __init__(self, script: Script, who: UUID, traveller: time_machine.Traveller) -> None:
        self.script, self.who, self.traveller = script, who, traveller

    async def event(self, kind: str) -> None:
        """The site reports something, now."""
        now, study = clock.now(), self.script.house.default_study
        async with self.script.service.built.database.begin() as connection:
            await record_event(connection, self.who, study, kind, at=now, now=now, source="site", key=str(uuid4()))
        await tick(self.script)

    async def at(self, day: int, hour: int) -> None:
        """Goes on to this hour of that day after the start, where they live."""
        self.traveller.move_to((START + timedelta(days=day)).replace(hour=hour, minute=1).astimezone(UTC))
        await tick(self.script)
