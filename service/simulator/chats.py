"""The web chat of a simulation: what the service stores for people who have nothing else, and what it shows them when they come.

There is no provider to ask. The rows are read as a chat window reads them, and what a visit shows is judged like a message of its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from conversation.messages import DeliveryStatus
from conversation.providers import OutreachRules
from conversation.status import move_status
from conversation.transcript import read_transcript
from conversation.unseen import UNSEEN, take_back_unseen
from service.simulator.faults import MortalDatabase
from service.simulator.life import Life, Received
from storage.tables import messages

CHANNEL = "webchat"
_AT = func.coalesce(messages.c.handled_at, messages.c.created_at).label("at")
_OUT = select(messages.c.id, messages.c.body, messages.c.participant_id, _AT).order_by(messages.c.id)
_UNASKED = _OUT.where(UNSEEN)
_SAID = _OUT.where(
    messages.c.channel == CHANNEL, messages.c.direction == "out", messages.c.status.in_(["sent", "delivered"])
)


class Chats:
    """All chats. `whose`: who has one, by participant; `shown`: each message when it was first shown; `stored`: when it was said."""

    def __init__(self, database: MortalDatabase, rules: OutreachRules) -> None:
        self._database, self._rules = database, rules
        self.whose: dict[UUID, Life] = {}
        self._stored: dict[UUID, Received] = {}
        self._seen: set[UUID] = set()
        self._new: set[UUID] = set()
        self.shown: list[Received] = []

    async def look(self, *, at: datetime) -> None:
        """Note what the service has said there, unasked, since the last look."""
        if self.whose:
            await self._note(_UNASKED, seen_at=at)

    async def _note(self, which: Select[Any], *, seen_at: datetime | None = None) -> None:
        async with self._database.autocommit() as connection:
            rows = await connection.execute(which)
            for row in rows:
                if row.id not in self._stored:
                    text = self._database.keyring.open(row.body, place="messages.body", row=row.id)
                    said = self._received(self.whose[row.participant_id], text, at=seen_at or row.at)
                    self._stored[row.id] = said
                    self._new.add(row.participant_id)

    def wrote(self, who: UUID) -> None:
        """They have written there, and may have been answered."""
        self._new.add(who)

    def died(self) -> None:
        """The service died, and may have left in any chat what nothing says was sent."""
        self._new |= self.whose.keys()

    async def visit(self, who: UUID, life: Life, *, at: datetime) -> Sequence[str]:
        """They open the page; returns the texts that they had not seen."""
        if who not in self._new:
            return []  # the page as they left it; people look often, and each look asked the database
        self._new.remove(who)
        async with self._database.begin() as connection:
            await take_back_unseen(connection, who, self._rules, at=at)
            told = await read_transcript(connection, self._database.keyring, who)
            fresh = [entry for entry in told if not entry.inbound and entry.id not in self._seen]
            for entry in fresh:
                await move_status(connection, entry.id, DeliveryStatus.DELIVERED, at=at, reason="seen")
        self._seen |= {entry.id for entry in fresh}
        self.shown += [self._received(life, entry.text, at=at) for entry in fresh]
        return [entry.text for entry in fresh]

    async def stored(self) -> Sequence[Received]:
        """What was said, replies too (by the service's own hour); what was taken back before anybody saw it has burdened nobody."""
        await self._note(_SAID)
        async with self._database.autocommit() as connection:
            back = set(
                await connection.scalars(
                    select(messages.c.id).where(messages.c.channel == CHANNEL, messages.c.status == "held_back")
                )
            )
        return [
            replace(one, arrived=False, answered="undelivered") if row in back else one
            for row, one in self._stored.items()
        ]

    def _received(self, life: Life, text: str, *, at: datetime) -> Received:
        return Received(at=at, channel=CHANNEL, address=life.web, text=text, arrived=True, answered="taken")
