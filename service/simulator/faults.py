"""What fails in a simulation: the process dies between any two steps; a provider refuses, loses, answers late or not at all."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.errors import FateUnknown, SendFailed
from conversation.messages import Accepted, ChannelName, OutboundMessage, SendProblem
from engagement import clock
from service.simulator.life import Life, Received
from storage.crypto import Keyring
from storage.database import Database


class Killed(BaseException):
    """The process died here. No `except Exception` sees it, as none would see a real death."""


@dataclass(frozen=True, kw_only=True)
class Faults:
    """How likely each fault is, of one step or one request."""

    killed: float = 0.001
    refused: float = 0.01
    """429: certainly not taken."""
    lost: float = 0.002
    """No answer, and never taken."""
    unheard: float = 0.004
    """No answer, though it was taken."""
    undelivered: float = 0.01
    """Taken, and reported as undeliverable later."""


class MortalDatabase(Database):
    """A database whose process may die at each of its transactions: before the commit, which is undone, or right after it.

    `uses`: how often anything was asked of it; while that stays, so does all that is stored.
    """

    def __init__(self, url: str, keyring: Keyring, *, dice: random.Random, chance: float) -> None:
        super().__init__(url, keyring, pool_size=3, redoable_size=3)
        self._dice, self._chance = dice, chance
        self.mortal = False
        self.deaths = self.uses = 0

    @asynccontextmanager
    async def begin(self, *, redoable: bool = False) -> AsyncIterator[AsyncConnection]:
        # Nothing is proved by waiting for the disk of a simulation: the server itself is not killed here.
        self.uses += 1
        async with super().begin(redoable=True) as connection:
            yield connection
            self.perhaps_die()
        self.perhaps_die()

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        self.uses += 1
        async with super().autocommit() as connection:
            yield connection

    def perhaps_die(self) -> None:
        """Raise `Killed`, by chance, where the process is mortal just now."""
        if self.mortal and self._dice.random() < self._chance:
            self.deaths += 1
            raise Killed


class FakeProvider:
    """Carries messages of a channel to people, as badly as it is told to. `outages`: from, to; nothing is taken then."""

    def __init__(
        self,
        channel: ChannelName,
        lives: dict[str, Life],
        database: MortalDatabase,
        faults: Faults,
        dice: random.Random,
    ) -> None:
        self.channel = channel
        self.outages: list[tuple[datetime, datetime]] = []
        self.received: list[Received] = []
        self.fresh: list[tuple[OutboundMessage, Received, str]] = []
        """What was taken since somebody looked, with the provider's name for it."""
        self.taken: set[UUID] = set()
        """The messages that came and were not refused."""
        self._lives, self._database, self._faults, self._dice = lives, database, faults, dice

    async def send(self, message: OutboundMessage) -> Accepted:
        self._database.perhaps_die()
        at = clock.now()
        broken = self._lives[message.to].broken.get(self.channel.value)
        if any(start <= at < end for start, end in self.outages) or self._happens(self._faults.refused):
            self._note(message, at, arrived=False, answered="refused")
            raise SendFailed(problem=SendProblem.RETRY, code="429", retry_after=self._dice.choice([None, 1.0, 30.0]))
        if broken is not None and broken <= at:
            self._note(message, at, arrived=False, answered="refused")
            raise SendFailed(problem=SendProblem.BAD_CONTACT, code="21211")
        if self._happens(self._faults.lost):
            self._note(message, at, arrived=False, answered="nothing")
            raise FateUnknown
        if self._happens(self._faults.undelivered):
            self._note(message, at, arrived=False, answered="undelivered")
            return Accepted(provider_id=f"P{len(self.received)}{self.channel.value}")
        unheard = self._happens(self._faults.unheard)
        self._note(message, at, arrived=True, answered="nothing" if unheard else "taken")
        self._database.perhaps_die()
        if unheard:
            raise FateUnknown
        return Accepted(provider_id=f"P{len(self.received)}{self.channel.value}")

    def died_with(self, message: UUID, address: str, text: str) -> None:
        """The process died with this message in its hands, or before it could write down a refusal: it never sends it again."""
        if message not in self.taken:
            self.taken.add(message)
            self.received.append(
                Received(
                    at=clock.now(),
                    channel=self.channel.value,
                    address=address,
                    text=text,
                    arrived=False,
                    answered="died",
                )
            )

    def _note(self, message: OutboundMessage, at: datetime, *, arrived: bool, answered: str) -> None:
        one = Received(
            at=at, channel=self.channel.value, address=message.to, text=message.text, arrived=arrived, answered=answered
        )
        self.received.append(one)
        if answered != "refused":
            self.taken.add(message.id)
            self.fresh.append((message, one, f"P{len(self.received)}{self.channel.value}"))

    def _happens(self, chance: float) -> bool:
        return self._dice.random() < chance


LATE = (timedelta(seconds=2), timedelta(minutes=1), timedelta(minutes=40))
"""How late a provider calls back."""
