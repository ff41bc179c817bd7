"""A participant's word about an appointment, kept in the database: they come, they can't, they ask when it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.appointments.booking import Booked, ask_to_move, confirm_appointment, upcoming
from engagement.appointments.hearing import Reply
from storage.crypto import Keyring
from storage.tables import appointments, effects, messages, touchpoints

RESULT = "appointment"
"""What a turn has done to an appointment is kept under this name (`engagement.effects`)."""
ANSWERED_WITHIN = timedelta(days=8)
"""So long after a reminder a "yes" may be meant for it: the one a week before, until the day."""
WORDS_BETWEEN = 2
"""So many other messages of theirs may lie between the reminder and the answer: a question, and thanks for its answer."""


async def awaits_reply(
    connection: AsyncConnection, participant: UUID, message_id: UUID, reply: Reply, *, received_at: datetime
) -> bool:
    """Whether a message may be the answer to what was last said of an appointment that is still to come, or was taken for it.

    Once they have confirmed, a later "ok" is for something else. Who has just asked when it is may want to move it.
    """
    taken = select(effects.c.name).where(effects.c.message_id == message_id, effects.c.name == RESULT)
    if await connection.scalar(taken) is not None:
        return True  # this turn was run before, and cut off
    if reply is Reply.MOVE and await _asked_lately(connection, participant, message_id, received_at=received_at):
        return True
    told_at = (
        select(func.max(touchpoints.c.sent_at))
        .select_from(
            touchpoints.join(
                appointments,
                and_(
                    appointments.c.participant_id == touchpoints.c.participant_id,
                    func.starts_with(touchpoints.c.occurrence, func.concat(appointments.c.id, literal_column("'@'"))),
                ),
            )
        )
        .where(
            touchpoints.c.participant_id == participant,
            touchpoints.c.status == "sent",
            touchpoints.c.sent_at > received_at - ANSWERED_WITHIN,
            touchpoints.c.sent_at <= received_at,
            appointments.c.status == "booked",
            appointments.c.starts_at > received_at,
            func.coalesce(appointments.c.confirmed_at, appointments.c.created_at) <= touchpoints.c.sent_at,
        )
        .scalar_subquery()
    )
    between = (
        select(func.count())
        .where(
            messages.c.participant_id == participant,
            messages.c.direction == "in",
            messages.c.id != message_id,
            messages.c.created_at > told_at,
            messages.c.created_at <= received_at,
        )
        .scalar_subquery()
    )
    row = (await connection.execute(select(told_at.label("told_at"), between.label("between")))).one()
    return row.told_at is not None and row.between <= WORDS_BETWEEN


async def _asked_lately(
    connection: AsyncConnection, participant: UUID, message_id: UUID, *, received_at: datetime
) -> bool:
    """Whether one of their last messages was about an appointment."""
    last = (
        select(messages.c.id)
        .where(
            messages.c.participant_id == participant,
            messages.c.direction == "in",
            messages.c.id != message_id,
            messages.c.created_at > received_at - ANSWERED_WITHIN,
            messages.c.created_at <= received_at,
        )
        .order_by(messages.c.created_at.desc())
        .limit(WORDS_BETWEEN + 1)
    )
    about = select(effects.c.name).where(effects.c.message_id.in_(last), effects.c.name == RESULT).limit(1)
    return await connection.scalar(about) is not None


async def take_reply(
    connection: AsyncConnection, keyring: Keyring, participant: UUID, reply: Reply | None, *, at: datetime
) -> Sequence[Booked]:
    """Do what they say to the soonest appointment; without a `reply` only look. Returns what is to come, soonest first."""
    coming = await upcoming(connection, keyring, participant, at=at)
    if coming and reply is Reply.CONFIRM:
        await confirm_appointment(connection, coming[0].id, at=at)
    if coming and reply is Reply.MOVE:
        await ask_to_move(connection, coming[0].id, at=at)
    return coming
