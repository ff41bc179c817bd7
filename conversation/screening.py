"""The first half of a turn: the stages that need only the database, in one short transaction.

A killed screener rolls back and the message is screened again: nothing here leaves the transaction. It never waits for
an earlier message of the same participant, so a STOP or a cry for help overtakes a dialogue that waits for Rasa.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.giving_up import give_to_person
from conversation.messages import ChannelName
from conversation.outbox import Addressee, Outbox, read_details, wake_web_chats
from conversation.stages import SCREENING
from conversation.stages.identify import identify
from conversation.turn import House, Turn
from storage.database import Database
from storage.tables import conversations, messages

log = logging.getLogger(__name__)

GIVE_UP_AFTER = 8
"""Attempts at a message that no stage gets past (some seconds) before a person takes over."""

# Built once, its words literals: see `conversation.dialogue`.
_OLDEST = (
    select(messages)
    .where(messages.c.status == literal_column("'received'"), messages.c.available_at <= bindparam("at"))
    .order_by(messages.c.available_at, messages.c.id)
    .limit(literal_column("1"))
    .with_for_update(skip_locked=True)
)


async def screen(database: Database, house: House, outbox: Outbox, *, at: datetime) -> bool | None:
    """Screen the oldest message just received. None: there is none; True: it goes on to the dialogue; False: done."""
    row: Any = None
    try:
        async with database.begin() as connection:
            row = (await connection.execute(_OLDEST, {"at": at})).first()
            if row is None:
                return None
            turn = read_turn(row, house)
            for stage in SCREENING:
                turn = await stage(turn, connection, house)
                if turn.outcome is not None:
                    break
            await _persist(connection, turn, outbox, at=at)
            return turn.outcome is None
    except Exception as error:
        if row is None:
            raise
        log.error("screening failed: message=%s error=%s", row.id, type(error).__name__)
        if row.attempts + 1 >= GIVE_UP_AFTER and await _give_up(database, house, outbox, row, at=at):
            return False
        await _set_aside(database, row, at=at)
        return False


async def _give_up(database: Database, house: House, outbox: Outbox, row: Any, *, at: datetime) -> bool:
    """Hand a message that no stage gets past to a person. False where even that fails: then it is tried again."""
    try:
        async with database.begin() as connection:
            turn = await identify(read_turn(row, house), connection, house)
            turn = await give_to_person(turn, connection, house, at=at, trigger="screening failed")
            await _persist(connection, turn, outbox, at=at)
    except Exception as error:  # noqa: BLE001 - a message must not be given up on because giving up failed
        log.error("giving up failed: message=%s error=%s", row.id, type(error).__name__)
        return False
    return True


async def _set_aside(database: Database, row: Any, *, at: datetime) -> None:
    """Try again later: the older it is, the later, at most in five minutes."""
    wait = min(max((at - row.created_at).total_seconds() / 2, 0.5), 300.0)
    async with database.begin() as connection:
        await connection.execute(
            update(messages)
            .where(messages.c.id == row.id, messages.c.status == "received")
            .values(attempts=row.attempts + 1, available_at=at + timedelta(seconds=wait))
        )


def read_turn(row: Any, house: House) -> Turn:
    """A stored inbound message as the start of a turn."""
    details = read_details(house.keyring, row.details, row.id)
    return Turn(
        message_id=row.id,
        channel=ChannelName(row.channel),
        sender=house.keyring.open(row.peer, place="messages.peer", row=row.id),
        our_address=row.our_address or "",
        text=house.keyring.open(row.body, place="messages.body", row=row.id),
        full_text=details.pop("full_text", ""),
        received_at=row.created_at,
        details=details,
        participant_id=row.participant_id,
        contact_point_id=row.contact_point_id,
        identity=row.identity or "verified",
        language=row.language or "en",
        study=row.study_slug or "",
    )


async def _persist(connection: AsyncConnection, turn: Turn, outbox: Outbox, *, at: datetime) -> None:
    # A claimed sender's mail stays outside the participant's conversation: it is on record, not in the transcript.
    proven = turn.identity == "verified"
    await connection.execute(
        update(messages)
        .where(messages.c.id == turn.message_id)
        .values(
            status="screened" if turn.outcome is None else "done",
            participant_id=turn.participant_id if proven else None,
            contact_point_id=turn.contact_point_id,
            identity=turn.identity,
            language=turn.language,
            study_slug=turn.study,
            outcome=turn.outcome,
            attempts=0,
            handled_at=None if turn.outcome is None else at,
        )
    )
    if turn.outcome is None:
        return
    await queue_says(connection, turn, outbox, at=at)
    if proven:
        await connection.execute(
            update(conversations)
            .where(conversations.c.participant_id == turn.participant_id)
            .values(pending=turn.pending, channel=turn.channel.value, updated_at=at)
        )
        await wake_web_chats(connection, turn.participant_id)


async def queue_says(connection: AsyncConnection, turn: Turn, outbox: Outbox, *, at: datetime) -> None:
    """Queue what the turn says, under keys made of the inbound message's id."""
    assert turn.participant_id is not None  # noqa: S101 - identify ran
    assert turn.contact_point_id is not None  # noqa: S101 - identify ran
    key = f"turn:{turn.message_id}"
    if turn.outcome == "unknown_sender":
        # One polite answer, not one for every message: a key per mailbox, not per message.
        key = f"unknown:{turn.contact_point_id}:{at:%Y-%m-%d}"
    await outbox.queue(
        connection,
        turn.says,
        to=Addressee(
            participant_id=turn.participant_id,
            contact_point_id=turn.contact_point_id,
            channel=turn.channel.value,
            language=turn.language,
            study=turn.study,
            our_address=turn.our_address,
        ),
        key=key,
        cause_id=turn.message_id,
        at=at,
    )
