"""The second half of a turn: Rasa, one message at a time and in order for each participant.

An advisory lock that dies with its connection keeps a participant's turns apart over all processes, without a
transaction held open during Rasa's work. The commit at the end is fenced on the message's status, so should two
processes ever run one turn (a lost connection loses its lock), one of them writes and the other changes nothing.

What triage suspects is confirmed or cleared by the bot's judge here. Where the bot stays away, a suspicion is an alarm, and
overtakes what waits before it.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, all_, and_, bindparam, func, literal_column, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from conversation.alarm import open_alarm, say_safety
from conversation.errors import DialogueUnavailable
from conversation.frames import find_frame
from conversation.giving_up import give_to_person
from conversation.messages import ChannelName
from conversation.our_options import is_our_option
from conversation.outbox import Outbox, wake_web_chats
from conversation.rasa import Rasa
from conversation.screening import queue_says, read_turn
from conversation.stages.identify import KNOWN
from conversation.triage import Triage, is_alarm, join_judgements
from conversation.turn import House, Turn
from engagement import clock
from storage.database import Database, lock_key, unlock
from storage.tables import contact_points, conversations, effects, messages, participants

log = logging.getLogger(__name__)

LOCK = "dialogue"
GIVE_UP_AFTER = 5
"""Attempts at a turn that fails for a reason of its own (not for Rasa being away) before a person takes over."""
PATIENCE = timedelta(seconds=10)
"""How long after its receipt a suspicion waits for the bot before it counts as an alarm."""
_TRIES = 8
"""Looks for a participant whom no other process is serving, before the next round."""

# Built once: to build a statement costs more than to send it. The words in them are literals, so that the partial
# indexes of both queues fit a prepared statement's plan, whatever its parameters will be.
_earlier, _unscreened, _other = aliased(messages), aliased(messages), aliased(messages)
_candidate = (
    select(messages.c.id)
    .where(
        messages.c.direction == literal_column("'in'"),
        messages.c.status == literal_column("'screened'"),
        messages.c.available_at <= bindparam("at"),
        messages.c.participant_id != all_(bindparam("passed_over", type_=ARRAY(Uuid))),
        or_(
            ~select(_earlier.c.id)
            .where(
                _earlier.c.direction == literal_column("'in'"),
                _earlier.c.status != literal_column("'done'"),
                _earlier.c.participant_id == messages.c.participant_id,
                tuple_(_earlier.c.created_at, _earlier.c.id) < tuple_(messages.c.created_at, messages.c.id),
            )
            .exists(),
            and_(
                messages.c.judged.contains(literal_column("""'{"alarms": true}'::jsonb""")),
                messages.c.created_at < bindparam("overdue"),
            ),
        ),
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
    .limit(literal_column("1"))
    .cte("candidate")
)
# The next message, its participant's lock (tried on the one row that is left) and all that the turn needs.
_NEXT = (
    select(
        messages,
        *KNOWN,
        func.pg_try_advisory_lock(lock_key(LOCK, messages.c.participant_id)).label("locked"),
        select(_other.c.id)
        .where(
            _other.c.status == literal_column("'screened'"),
            _other.c.id != messages.c.id,
            _other.c.participant_id != all_(bindparam("passed_over", type_=ARRAY(Uuid))),
        )
        .exists()
        .label("more"),
    )
    .join(_candidate, _candidate.c.id == messages.c.id)
    .join(contact_points, contact_points.c.id == messages.c.contact_point_id)
    .join(participants, participants.c.id == messages.c.participant_id)
    .join(conversations, conversations.c.participant_id == messages.c.participant_id)
)
_fenced = (
    update(messages)
    .where(messages.c.id == bindparam("message", type_=Uuid), messages.c.status == literal_column("'screened'"))
    .values(
        status=literal_column("'done'"),
        **{
            name: bindparam(f"new_{name}", type_=messages.c[name].type)
            for name in ["outcome", "intent", "confidence", "handled_at", "language"]
        },
    )
    .returning(
        messages.c.participant_id,
        select(effects.c.result)
        .where(effects.c.message_id == bindparam("message", type_=Uuid), effects.c.result.has_key("pending"))
        .limit(literal_column("1"))
        .scalar_subquery()
        .label("kept"),
    )
    .cte("fenced")
)
# The message is done and its conversation moves on, with the misses in a row and the question left open as this turn's
# actions recorded them. No row where another process was quicker; else whose it is now (a merge may have moved it), and the
# study they talk of now (an action may have led to another).
_FENCE = (
    update(conversations)
    .where(conversations.c.participant_id == _fenced.c.participant_id)
    .values(
        last_turn_id=bindparam("message", type_=Uuid),
        channel=bindparam("new_channel", type_=Text),
        updated_at=bindparam("new_handled_at", type_=conversations.c.updated_at.type),
        misses=literal_column("coalesce((fenced.kept ->> 'misses')::int, 0)", Integer),
        pending=literal_column("fenced.kept ->> 'pending'", Text),
    )
    .returning(conversations.c.participant_id, conversations.c.study_slug)
)


@dataclass(frozen=True, kw_only=True)
class Conversed:
    """One turn was run. `more`: another message is waiting, due or not."""

    more: bool


async def converse(
    connection: AsyncConnection, database: Database, house: House, outbox: Outbox, rasa: Rasa, busy: set[UUID]
) -> Conversed | None:
    """Run the dialogue of the next message that is due; None where there is none.

    `connection` is the worker's own, in autocommit: its advisory lock marks the participant as taken. `busy` holds the
    participants that this process is serving.
    """
    passed_over = set(busy)
    for _ in range(_TRIES):
        at = clock.now()
        found = await connection.execute(_NEXT, {"at": at, "overdue": at - PATIENCE, "passed_over": list(passed_over)})
        row: Any = found.first()
        if row is None:
            return None
        participant = row.participant_id
        if row.locked:
            busy.add(participant)
            try:
                turn = read_turn(row, house)
                await _run(turn, turn.held, database, house, outbox, rasa)
            finally:
                busy.discard(participant)
                await unlock(connection, LOCK, participant)
            return Conversed(more=row.more)
        passed_over |= busy | {participant}
    return None


async def _run(turn: Turn, held: bool, database: Database, house: House, outbox: Outbox, rasa: Rasa) -> None:
    try:
        if held and not await _caused_it(database, turn):
            await _without_bot(turn.ended("held"), database, outbox)
            return
        if _is_overdue(turn):
            await _without_bot(turn, database, outbox)
            return
        understood = await rasa.take_turn(await find_frame(turn, database))
        found = join_judgements(turn.judged, understood.safety) if turn.judged else Triage()
        turn = replace(turn, says=understood.says, intent=understood.intent, confidence=understood.confidence)
        unseen = False
        if is_alarm(found) and await _only_chose(database, house, turn, found):
            found = Triage()
        if is_alarm(found):
            # What the bot has done in this turn stays; what it wanted to say does too where it heard an answer of theirs.
            alarmed = say_safety(turn, found.kind)
            unseen = alarmed.outcome is not None
            turn = alarmed if unseen else replace(turn, says=(*alarmed.says, *understood.says))
        await _finish(turn if turn.outcome else turn.ended("answered"), found, database, outbox, unseen=unseen)
    except DialogueUnavailable as error:
        log.warning("dialogue waits: message=%s reason=%s", turn.message_id, error)
        if _is_overdue(turn):
            await _without_bot(turn, database, outbox)
        else:
            await _postpone(turn, database)
    except Exception as error:  # noqa: BLE001 - whatever broke, the participant must not be left without an answer
        log.error("turn failed: message=%s error=%s", turn.message_id, type(error).__name__)
        await _fail(turn, database, house, outbox)


async def _only_chose(database: Database, house: House, turn: Turn, found: Triage) -> bool:
    async with database.autocommit() as connection:
        return await is_our_option(connection, house, turn, turn.text, found)


async def _caused_it(database: Database, turn: Turn) -> bool:
    """Whether this very turn opened the hold: it was run before, was cut off, and still owes its answer."""
    async with database.begin() as connection:
        return bool(
            await connection.scalar(select(effects.c.name).where(effects.c.message_id == turn.message_id).limit(1))
        )


def _is_overdue(turn: Turn) -> bool:
    """Whether a suspicion has waited for the bot long enough."""
    return turn.judged is not None and turn.judged.alarms and clock.now() - turn.received_at > PATIENCE


async def _without_bot(turn: Turn, database: Database, outbox: Outbox) -> None:
    """A turn that the bot will not judge: a suspicion is an alarm now. What may be an answer to us still waits for the bot."""
    found = turn.judged.verdict if turn.judged else Triage()
    if not is_alarm(found):
        await _finish(turn, found, database, outbox)
        return
    turn = say_safety(replace(turn, outcome=None), found.kind)
    at = clock.now()
    async with database.begin(redoable=True) as connection:
        current = await connection.scalar(
            update(messages)
            .where(
                messages.c.id == turn.message_id,
                messages.c.status == "screened",
                messages.c.judged.is_not(None),  # else the alarm was raised already
            )
            .values(
                judged=None,
                status="screened" if turn.outcome is None else "done",
                outcome=turn.outcome,
                handled_at=None if turn.outcome is None else at,
            )
            .returning(messages.c.participant_id)
        )
        if current is None:
            return
        turn = replace(turn, participant_id=current)
        await open_alarm(turn, connection, found)
        await queue_says(connection, turn, outbox, at=at, part="screening")


async def _finish(turn: Turn, found: Triage, database: Database, outbox: Outbox, *, unseen: bool = False) -> None:
    """Commit the turn; `found` is the alarm that it raises, or none; `unseen`: what the bot wanted to say is not said."""
    at = clock.now()
    async with database.begin(redoable=True) as connection:
        fenced = await _fence(connection, turn, at)
        if fenced is None:
            return
        turn = fenced
        if unseen:
            # What the bot would have asked is no open question: a later "yes" must not answer it.
            await connection.execute(
                update(conversations)
                .where(
                    conversations.c.participant_id == turn.participant_id,
                    conversations.c.pending.is_distinct_from(turn.pending),
                )
                .values(pending=None)
            )
        if is_alarm(found):
            await open_alarm(turn, connection, found)
        await queue_says(connection, turn, outbox, at=at)
        if not turn.says and turn.channel is ChannelName.WEBCHAT:
            await wake_web_chats(connection, turn.participant_id)


async def _fence(connection: AsyncConnection, turn: Turn, at: datetime) -> Turn | None:
    """Mark the message done and move its conversation on; None where it is done already.

    Returns the turn with whose it is now, and the study they talk of now.
    """
    current = (
        await connection.execute(
            _FENCE,
            {
                "message": turn.message_id,
                "new_channel": turn.channel.value,
                "new_outcome": turn.outcome,
                "new_intent": turn.intent,
                "new_confidence": turn.confidence,
                "new_handled_at": at,
                "new_language": turn.language,
            },
        )
    ).first()
    if current is None:
        return None
    return replace(turn, participant_id=current.participant_id, study=current.study_slug or turn.study)


async def _postpone(turn: Turn, database: Database) -> None:
    """Rasa is away, which is no failure of the turn: the longer it has waited, the longer until the next try."""
    at = clock.now()
    waited = at - turn.received_at
    wait = min(max(waited.total_seconds() / 2, 0.25), 5.0)
    if turn.judged is not None and turn.judged.alarms:
        wait = min(wait, max((PATIENCE - waited).total_seconds() + 0.1, 0.25))
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
    if turn.judged is not None and turn.judged.alarms:
        await _without_bot(turn, database, outbox)
        return
    async with database.begin() as connection:
        fenced = await _fence(connection, turn.ended("failed"), at)
        if fenced is None:
            return
        turn = await give_to_person(fenced, connection, house, at=at, trigger="turn failed")
        await queue_says(connection, turn, outbox, at=at)
