"""Somebody who takes part and writes about their permissions, without a bot."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update

from engagement.effects import once
from engagement.interviews import Topic
from engagement.permissions import Cause, Standing, read_standing, record_permission
from engagement.permissions.outcome import Asking, Outcome, read_outcome
from engagement.permissions.taking import RESULT, begin_talk, go_on
from storage.database import Database
from storage.ids import new_id
from storage.tables import conversations, messages

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STUDY = "parkinson-lrrk2-gba1"
CAUSE = Cause(actor="participant", said_on="webchat")


@dataclass
class Somebody:
    """A participant; each thing they say is a message and a turn of its own, a minute after the one before."""

    database: Database
    id: UUID
    at: datetime = AT
    said: list[UUID] = field(default_factory=list)

    async def give(self, purpose: str, kind: str = "granted", **values: Any) -> UUID:
        async with self.database.begin() as connection:
            return await record_permission(
                connection,
                self.id,
                kind=kind,
                purpose=purpose,
                at=self.at,
                **{"study": STUDY, "cause": CAUSE, **values},
            )

    async def stands(self, at: datetime | None = None) -> Standing:
        async with self.database.begin() as connection:
            return await read_standing(connection, self.id, at=at or self.at)

    async def say(self, text: str, intent: str = "", *, channel: str = "webchat", again: bool = False) -> Outcome:
        """`intent`: of a message with nothing open; "" for an answer. `again`: the last turn once more."""
        if not again:
            self.at += timedelta(minutes=1)
            self.said.append(new_id())
        message = self.said[-1]
        async with self.database.begin() as connection:
            if not again:
                await connection.execute(
                    insert(messages).values(
                        id=message,
                        direction="in",
                        channel=channel,
                        participant_id=self.id,
                        body=b"",
                        status="done",
                        created_at=self.at,
                        available_at=self.at,
                    )
                )
            asking = Asking(
                keyring=self.database.keyring,
                participant_id=self.id,
                message_id=message,
                study=STUDY,
                language="en",
                channel=channel,
                at=self.at,
            )

            async def run() -> dict[str, Any]:
                outcome = (
                    await begin_talk(connection, asking, intent, text)
                    if intent
                    else await go_on(connection, asking, text, Topic())
                )
                return outcome.to_json()

            outcome = read_outcome(await once(connection, message, RESULT, run))
            await connection.execute(
                update(conversations).where(conversations.c.participant_id == self.id).values(last_turn_id=message)
            )
        return outcome
