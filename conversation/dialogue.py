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

from sqlalchemy import Uuid, all_, bindparam, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from conversation.errors import DialogueUnavailable
from conversation.giving_up import give_to_person
from conversation.messages import ChannelName
from conversation.outbox import Outbox, wake_web_chats
from conversation.rasa import Rasa
from conversation.screening import queue_says, read_turn
from conversation.turn import House, Turn
from engagement import clock
from storage.database import Database, try_lock, unlock
from storage.tables import conversations, effects, escalations, messages, participants

log = logging.getLogger(__name__)

LOCK = "dialogue"
GIVE_UP_AFTER = 5
"""Attempts at a turn that fails for a reason of its own (not for Rasa being away) before a person takes over."""

# Built once: to build a statement costs more than to send it. The words in them are literals, so that the partial
# indexes of both queues fit a prepared statement's plan, whatever its parameters will be.
_earlier, _unscreened = aliased(messages), aliased(messages)
_CANDIDATES = (
    select(messages.c.id, messages.c.participant_id)
    .where(
        messages.c.direction == literal_column("'in'"),
        messages.c.status == literal_column("'screened'"),
        messages.c.available_at <= bindparam("at"),
        messages.c.participant_id != all_(bindparam("busy", type_=ARRAY(Uuid))),
        ~select(_earlier.c.id)
        .where(
            _earlier.c.direction == literal_column("'in'"),
            _earlier.c.status != literal_column("'done'"),
            _earlier.c.participant_id == messages.c.participant_id,
            tuple_(_earlier.c.created_at, _earlier.c.id) < tuple_(messages.c.created_at, messages.c.id),
        )
        .exists(),
        # A stranger's first message is nobody's until it is screened: only the sender ties it to their next one.
        ~select(_unscreened.c.id)
        .where(
            _unscreened.c.direction == literal_column("'in'"),
            _unscreened.c.status == literal_column("'received'"),
            _unscreened.c.participant_id.is_(None),
            _unscreened.c.channel == messages.c.channel,
            _unscreened.c.peer_index == messages.c.peer_index,
            tuple_(_unscreened.c.created_at, _unscreened.c.id) < tuple_(messages.c.created_at, messages.c.id),
        )
        .exists(),
    )
    .order_by(messages.c.available_at, messages.c.id)
    .limit(literal_column("8"))
)
_LOAD = (
    select(
        messages,
        conversations.c.pending,
        conversations.c.misses,
        conversations.c.last_turn_id,
        participants.c.language.label("spoken"),
        select(escalations.c.id)
        .where(
            escalations.c.participant_id == messages.c.participant_id,
            escalations.c.closed_at.is_(None),
            escalations.c.holds,
        )
        .exists()
        .label("held"),
    )
    .join(conversations, conversations.c.participant_id == messages.c.participant_id)
    .join(participants, participants.c.id == messages.c.participant_id)
    .where(messages.c.id == bindparam("message"), messages.c.status == literal_column("'screened'"))
)
_FENCE = (
    update(messages)
    .where(messages.c.id == bindparam("message"), messages.c.status == literal_column("'screened'"))
    .values(
        status="done",
        outcome=bindparam("outcome"),
        intent=bindparam("intent"),
        confidence=bindparam("confidence"),
        handled_at=bindparam("handled_at"),
        language=bindparam("language"),
    )
    .returning(
        messages.c.participant_id,
        select(effects.c.result)
        .where(effects.c.message_id == bindparam("message"), effects.c.name == literal_column("'miss'"))
        .scalar_subquery()
        .label("missed"),
    )
)


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
                loaded = await _load(connection, house, message_id)
                if loaded is not None:
                    turn, held = loaded
                    await _run(turn, held, database, house, outbox, rasa)
                return True
            finally:
                await unlock(connection, LOCK, participant_id)
        finally:
            busy.discard(participant_id)
    return False


async def _candidates(connection: AsyncConnection, busy: set[UUID]) -> list[tuple[UUID, UUID]]:
    rows = await connection.execute(_CANDIDATES, {"at": clock.now(), "busy": list(busy)})
    return [(row.id, row.participant_id) for row in rows]


async def _load(connection: AsyncConnection, house: House, message_id: UUID) -> tuple[Turn, bool] | None:
    """The turn as the database has it now, under the lock, and whether a person holds the conversation.

    None where somebody has finished it meanwhile.
    """
    row: Any = (await connection.execute(_LOAD, {"message": message_id})).first()
    if row is None:
        return None
    turn = replace(
        read_turn(row, house),
        pending=row.pending,
        misses=row.misses,
        last_turn_id=row.last_turn_id,
        language=row.spoken,
    )
    return turn, row.held


async def _run(turn: Turn, held: bool, database: Database, house: House, outbox: Outbox, rasa: Rasa) -> None:
    try:
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
        fenced = await _fence(connection, turn, at)
        if fenced is None:
            return
        current, state = fenced
        turn = replace(turn, participant_id=current)
        await connection.execute(
            update(conversations)
            .where(conversations.c.participant_id == current)
            .values(last_turn_id=turn.message_id, channel=turn.channel.value, updated_at=at, **state)
        )
        await queue_says(connection, turn, outbox, at=at)
        if not turn.says and turn.channel is ChannelName.WEBCHAT:
            await wake_web_chats(connection, current)


async def _fence(connection: AsyncConnection, turn: Turn, at: datetime) -> tuple[UUID, dict[str, Any]] | None:
    """Mark the message done; None where it is already.

    Returns whose it is now (a merge may have moved it), and the misses in a row and the question left open, as this
    turn's actions recorded them.
    """
    row = (
        await connection.execute(
            _FENCE,
            {
                "message": turn.message_id,
                "outcome": turn.outcome,
                "intent": turn.intent,
                "confidence": turn.confidence,
                "handled_at": at,
                "language": turn.language,
            },
        )
    ).first()
    if row is None:
        return None
    missed = row.missed or {}
    return row.participant_id, {"misses": missed.get("misses", 0), "pending": missed.get("pending")}


async def _postpone(turn: Turn, database: Database) -> None:
    """Rasa is away, which is no failure of the turn: the longer it has waited, the longer until the next try."""
    at = clock.now()
    wait = min(max((at - turn.received_at).total_seconds() / 2, 0.25), 5.0)
    async with database.begin() as connection:
        await connection.execute(
            update(messages)
            .where(messages.c.id == turn.message_id, messages.c.status == "screened")
            .values(available_at=at + timedelta(seconds=wait))
        )


async def _fail(turn: Turn, database: Database, house: House, outbox: Outbox) -> None:
    """A turn that keeps failing goes to a person, and the participant is told so."""
    at = clock.now()
    async with database.begin() as connection:
        attempts = await connection.scalar(select(messages.c.attempts).where(messages.c.id == turn.message_id)) or 0
        if attempts + 1 < GIVE_UP_AFTER:
            await connection.execute(
                update(messages)
                .where(messages.c.id == turn.message_id, messages.c.status == "screened")
                .values(attempts=attempts + 1, available_at=at + timedelta(seconds=0.25 * 2**attempts))
            )
            return
    async with database.begin() as connection:
        fenced = await _fence(connection, turn.ended("failed"), at)
        if fenced is None:
            return
        turn = replace(turn, participant_id=fenced[0])
        turn = await give_to_person(turn, connection, house, at=at, trigger="turn failed")
        await queue_says(connection, turn, outbox, at=at)
