"""The first half of a turn: the stages that need only the database, in one short transaction.

A killed screener rolls back and the message is screened again: nothing here leaves the transaction. It never waits for
an earlier message of the same participant, so a STOP or a cry for help overtakes a dialogue that waits for Rasa.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Uuid, bindparam, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from conversation.giving_up import give_to_person
from conversation.messages import ChannelName
from conversation.outbox import Addressee, Outbox, read_details, wake_web_chats
from conversation.stages import SCREENING
from conversation.stages.identify import KNOWN, identify, recognise
from conversation.triage import Judgement
from conversation.turn import House, Turn
from storage.database import Database
from storage.tables import contact_points, conversations, messages, participants

log = logging.getLogger(__name__)

GIVE_UP_AFTER = 8
"""Attempts at a message that no stage gets past (some seconds) before a person takes over."""

# Built once, its words literals: see `conversation.dialogue`.
_other = aliased(messages)
_OLDEST = (
    select(
        messages,
        *KNOWN,
        select(_other.c.id)
        .where(
            _other.c.status == literal_column("'received'"),
            _other.c.available_at <= bindparam("at"),
            _other.c.id != messages.c.id,
        )
        .exists()
        .label("more"),
    )
    .outerjoin(contact_points, contact_points.c.id == messages.c.contact_point_id)
    .outerjoin(participants, participants.c.id == contact_points.c.participant_id)
    .outerjoin(conversations, conversations.c.participant_id == contact_points.c.participant_id)
    .where(messages.c.status == literal_column("'received'"), messages.c.available_at <= bindparam("at"))
    .order_by(messages.c.available_at, messages.c.id)
    .limit(literal_column("1"))
    .with_for_update(skip_locked=True, of=messages)
)
_SCREENED = (
    update(messages)
    .where(messages.c.id == bindparam("message", type_=Uuid))
    .values(
        attempts=literal_column("0"),
        **{
            name: bindparam(f"new_{name}", type_=messages.c[name].type)
            for name in (
                [
                    "status",
                    "participant_id",
                    "contact_point_id",
                    "identity",
                    "language",
                    "study_slug",
                    "outcome",
                    "handled_at",
                    "judged",
                ]
            )
        },
    )
)


@dataclass(frozen=True, kw_only=True)
class Screened:
    """One message was dealt with. `goes_on`: to the dialogue; `more`: another one is waiting."""

    goes_on: bool
    more: bool


async def screen(database: Database, house: House, outbox: Outbox, *, at: datetime) -> Screened | None:
    """Screen the oldest message just received; None where there is none."""
    row: Any = None
    try:
        async with database.begin(redoable=True) as connection:
            row = (await connection.execute(_OLDEST, {"at": at})).first()
            if row is None:
                return None
            turn = read_turn(row, house)
            for stage in SCREENING:
                turn = await stage(turn, connection, house)
                if turn.outcome is not None:
                    break
            await _persist(connection, turn, outbox, at=at)
        return Screened(goes_on=turn.outcome is None, more=row.more)
    except Exception as error:
        if row is None:
            raise
        log.error("screening failed: message=%s error=%s", row.id, type(error).__name__)
        if row.attempts + 1 < GIVE_UP_AFTER or not await _give_up(database, house, outbox, row, at=at):
            await _set_aside(database, row, at=at)
        return Screened(goes_on=False, more=row.more)


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
    """A stored inbound message, with what is `KNOWN` of its sender, as the start of a turn."""
    details = read_details(house.keyring, row.details, row.id)
    channel = ChannelName(row.channel)
    turn = Turn(
        message_id=row.id,
        channel=channel,
        sender=house.keyring.open(row.peer, place="messages.peer", row=row.id),
        our_address=row.our_address or "",
        text=house.keyring.open(row.body, place="messages.body", row=row.id),
        full_text=details.pop("full_text", ""),
        received_at=row.created_at,
        details=details,
        participant_id=row.participant_id,
        identity=row.identity or "verified",
        study=row.study_slug or house.study_reached_at(channel, row.our_address or ""),
    )
    if row.judged is not None:
        turn = replace(turn, judged=Judgement.from_json(row.judged))
    return turn if row.contact_id is None else recognise(turn, row)


async def _persist(connection: AsyncConnection, turn: Turn, outbox: Outbox, *, at: datetime) -> None:
    # A claimed sender's mail stays outside the participant's conversation: it is on record, not in the transcript.
    proven = turn.identity == "verified"
    await connection.execute(
        _SCREENED,
        {
            "message": turn.message_id,
            "new_status": "screened" if turn.outcome is None else "done",
            "new_participant_id": turn.participant_id if proven else None,
            "new_contact_point_id": turn.contact.id if turn.contact else None,
            "new_identity": turn.identity,
            "new_language": turn.language,
            "new_study_slug": turn.study,
            "new_outcome": turn.outcome,
            "new_handled_at": None if turn.outcome is None else at,
            # A turn that has ended leaves nothing for the bot to confirm or clear.
            "new_judged": turn.judged.as_json() if turn.judged and turn.outcome is None else None,
        },
    )
    if turn.outcome is None:
        if turn.says:
            await queue_says(connection, turn, outbox, at=at, part="screening")
        return
    await queue_says(connection, turn, outbox, at=at)
    if proven:
        await connection.execute(
            update(conversations)
            .where(conversations.c.participant_id == turn.participant_id)
            .values(pending=turn.pending, channel=turn.channel.value, updated_at=at)
        )
        await wake_web_chats(connection, turn.participant_id)


async def queue_says(
    connection: AsyncConnection, turn: Turn, outbox: Outbox, *, at: datetime, part: str = "turn"
) -> None:
    """Queue what this part of the turn says, under keys made of the inbound message's id."""
    assert turn.participant_id is not None  # noqa: S101 - identify ran
    assert turn.contact is not None  # noqa: S101 - identify ran
    key = f"{part}:{turn.message_id}"
    if turn.outcome == "unknown_sender":
        # One polite answer, not one for every message: a key per mailbox, not per message.
        key = f"unknown:{turn.contact.id}:{at:%Y-%m-%d}"
    await outbox.queue(
        connection,
        turn.says,
        to=Addressee(
            participant_id=turn.participant_id,
            contact_point_id=turn.contact.id,
            channel=turn.channel.value,
            language=turn.language,
            study=turn.study,
            our_address=turn.our_address,
        ),
        key=key,
        cause_id=turn.message_id,
        at=at,
    )
