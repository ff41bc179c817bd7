"""The second half of a turn: Rasa, one message at a time and in order for each participant.

An advisory lock that dies with its connection keeps a participant's turns apart over all processes, without a
transaction held open during Rasa's work. The commit at the end is fenced on the message's status, so should two
processes ever run one turn (a lost connection loses its lock), one of them writes and the other changes nothing.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from conversation.errors import DialogueUnavailable
from conversation.messages import ChannelName
from conversation.outbox import Outbox, wake_web_chats
from conversation.rasa import Rasa
from conversation.screening import queue_says, read_turn
from conversation.turn import House, Turn
from engagement import clock
from engagement.escalations import holding_escalation, open_escalation
from storage.database import Database, try_lock, unlock
from storage.tables import conversations, effects, messages, participants

log = logging.getLogger(__name__)

LOCK = "dialogue"
GIVE_UP_AFTER = 5
"""Attempts at a turn that fails for a reason of its own (not for Rasa being away) before a person takes over."""


async def converse(
    connection: AsyncConnection, database: Database, house: House, outbox: Outbox, rasa: Rasa, busy: set[UUID]
) -> bool:
    """Run the dialogue of the next message that is due. False where there is none.

    `connection` is the worker's own, in autocommit: its advisory lock marks the participant as taken. `busy` holds the
    participants that this process is serving.
    """
    for message_id, participant_id in await _candidates(connection, busy):
        if participant_id in busy:
            continue
        busy.add(participant_id)
        try:
            if not await try_lock(connection, LOCK, participant_id):
                continue
            try:
                turn = await _load(connection, house, message_id)
                if turn is not None:
                    await _run(turn, database, house, outbox, rasa)
                return True
            finally:
                await unlock(connection, LOCK, participant_id)
        finally:
            busy.discard(participant_id)
    return False


async def _candidates(connection: AsyncConnection, busy: set[UUID]) -> list[tuple[UUID, UUID]]:
    earlier = aliased(messages)
    in_front = (
        select(earlier.c.id)
        .where(
            earlier.c.direction == "in",
            earlier.c.status != "done",
            earlier.c.participant_id == messages.c.participant_id,
            or_(
                earlier.c.created_at < messages.c.created_at,
                and_(earlier.c.created_at == messages.c.created_at, earlier.c.id < messages.c.id),
            ),
        )
        .exists()
    )
    rows = await connection.execute(
        select(messages.c.id, messages.c.participant_id)
        .where(
            messages.c.direction == "in",
            messages.c.status == "screened",
            messages.c.available_at <= clock.now(),
            messages.c.participant_id.not_in(list(busy)),
            ~in_front,
        )
        .order_by(messages.c.available_at, messages.c.id)
        .limit(8)
    )
    return [(row.id, row.participant_id) for row in rows]


async def _load(connection: AsyncConnection, house: House, message_id: UUID) -> Turn | None:
    """The turn as the database has it now, under the lock; None where somebody has finished it meanwhile."""
    row: Any = (
        await connection.execute(
            select(
                messages,
                conversations.c.pending,
                conversations.c.misses,
                conversations.c.last_turn_id,
                participants.c.language.label("spoken"),
            )
            .join(conversations, conversations.c.participant_id == messages.c.participant_id)
            .join(participants, participants.c.id == messages.c.participant_id)
            .where(messages.c.id == message_id, messages.c.status == "screened")
        )
    ).first()
    if row is None:
        return None
    return replace(
        read_turn(row, house),
        pending=row.pending,
        misses=row.misses,
        last_turn_id=row.last_turn_id,
        language=row.spoken,
    )


async def _run(turn: Turn, database: Database, house: House, outbox: Outbox, rasa: Rasa) -> None:
    try:
        async with database.begin() as connection:
            held = turn.participant_id and await holding_escalation(connection, turn.participant_id)
        if held and not await _caused_it(database, turn):
            await _finish(turn.ended("held"), database, outbox)
            return
        understood = await rasa.take_turn(turn)
        turn = replace(turn, says=understood.says, intent=understood.intent, confidence=understood.confidence).ended(
            "answered"
        )
        await _finish(turn, database, outbox)
    except DialogueUnavailable as error:
        log.warning("dialogue waits: message=%s reason=%s", turn.message_id, error)
        await _postpone(turn, database)
    except Exception as error:  # noqa: BLE001 - whatever broke, the participant must not be left without an answer
        log.error("turn failed: message=%s error=%s", turn.message_id, type(error).__name__)
        await _fail(turn, database, house, outbox)


async def _caused_it(database: Database, turn: Turn) -> bool:
    """Whether this very turn opened the hold: it was run before, was cut off, and still owes its answer."""
    async with database.begin() as connection:
        return bool(
            await connection.scalar(select(effects.c.name).where(effects.c.message_id == turn.message_id).limit(1))
        )


async def _finish(turn: Turn, database: Database, outbox: Outbox) -> None:
    at = clock.now()
    async with database.begin() as connection:
        current = await _fence(connection, turn, at)
        if current is None:
            return
        turn = replace(turn, participant_id=current)
        state = await _state_after(connection, turn)
        await connection.execute(
            update(conversations)
            .where(conversations.c.participant_id == current)
            .values(last_turn_id=turn.message_id, channel=turn.channel.value, updated_at=at, **state)
        )
        await queue_says(connection, turn, outbox, at=at)
        if not turn.says and turn.channel is ChannelName.WEBCHAT:
            await wake_web_chats(connection, current)


async def _fence(connection: AsyncConnection, turn: Turn, at: datetime) -> UUID | None:
    """Mark the message done; None where it is already. Returns whose it is now (a merge may have moved it)."""
    found = await connection.scalar(
        update(messages)
        .where(messages.c.id == turn.message_id, messages.c.status == "screened")
        .values(
            status="done",
            outcome=turn.outcome,
            intent=turn.intent,
            confidence=turn.confidence,
            handled_at=at,
            language=turn.language,
        )
        .returning(messages.c.participant_id)
    )
    return None if found is None else UUID(str(found))


async def _state_after(connection: AsyncConnection, turn: Turn) -> dict[str, Any]:
    """Misses in a row and the question left open, as this turn's actions recorded them."""
    missed = await connection.scalar(
        select(effects.c.result).where(effects.c.message_id == turn.message_id, effects.c.name == "miss")
    )
    if missed is None:
        return {"misses": 0, "pending": None}
    return {"misses": missed["misses"], "pending": missed.get("pending")}


async def _postpone(turn: Turn, database: Database) -> None:
    async with database.begin() as connection:
        attempts = await connection.scalar(select(messages.c.attempts).where(messages.c.id == turn.message_id)) or 0
        wait = min(0.25 * 2**attempts, 5.0)
        await connection.execute(
            update(messages)
            .where(messages.c.id == turn.message_id, messages.c.status == "screened")
            .values(attempts=attempts + 1, available_at=clock.now() + timedelta(seconds=wait))
        )


async def _fail(turn: Turn, database: Database, house: House, outbox: Outbox) -> None:
    """A turn that keeps failing goes to a person, and the participant is told so."""
    at = clock.now()
    async with database.begin() as connection:
        attempts = await connection.scalar(select(messages.c.attempts).where(messages.c.id == turn.message_id)) or 0
    if attempts + 1 < GIVE_UP_AFTER:
        await _postpone(turn, database)
        return
    async with database.begin() as connection:
        turn = replace(turn, says=()).saying("problem/person").ended("failed")
        current = await _fence(connection, turn, at)
        if current is None:
            return
        await open_escalation(
            connection,
            current,
            reason="problem",
            at=at,
            due_at=at + timedelta(hours=house.pack(turn.study).support.answer_within_hours),
            study_slug=turn.study,
            cause_id=turn.message_id,
            triggers=["turn failed"],
        )
        await queue_says(connection, replace(turn, participant_id=current), outbox, at=at)
