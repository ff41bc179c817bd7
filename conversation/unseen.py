"""Outreach in the web chat that nobody has seen yet. It is stored, and so sent; it is read when somebody comes, perhaps days later.

So the gate is asked once more when they come. What it would not send any more (expired, the awaited thing has happened, permission
gone) is taken back and never shown: a reminder of last week, read as if it were new, helps nobody. What was seen stays in the history.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.gate import Facts, why_refused
from conversation.messages import DeliveryStatus
from conversation.outreach import outreach_of, read_known
from conversation.providers import OutreachRules
from conversation.status import move_status
from engagement.optouts import read_ledger
from storage.database import Database
from storage.tables import messages

BATCH = 200
UNSEEN: ColumnElement[bool] = and_(
    messages.c.channel == literal_column("'webchat'"),
    messages.c.status == literal_column("'sent'"),
    messages.c.touchpoint_id.is_not(None),
)
"""Outreach that stands in the web chat unseen; its words literals, so that the partial index answers to it."""
_UNSEEN = select(messages.c.id, messages.c.touchpoint_id, messages.c.purpose, messages.c.expires_at).where(UNSEEN)
_OF_ONE = _UNSEEN.where(messages.c.participant_id == bindparam("participant"))
_EXPIRED = _UNSEEN.where(messages.c.expires_at <= bindparam("at")).limit(BATCH).with_for_update(skip_locked=True)


async def take_back_unseen(
    connection: AsyncConnection, participant_id: UUID, rules: OutreachRules, *, at: datetime
) -> None:
    """Before somebody is shown their chat: what may not be said to them any more is not."""
    waiting = (await connection.execute(_OF_ONE, {"participant": participant_id})).all()
    if not waiting:
        return
    known = await read_known(connection, [row.touchpoint_id for row in waiting], at=at)
    for row in waiting:
        theirs = known.get(row.touchpoint_id)
        reason = "cancelled" if theirs is None else None
        if theirs is not None:
            reason = why_refused(
                Facts(
                    at=at,
                    channel="webchat",
                    purpose=row.purpose,
                    expires_at=row.expires_at,
                    silenced=read_ledger(theirs.opt_outs),
                    contact_problem=None,
                    has_contact=True,
                    same_lately=0,
                    outreach=outreach_of(theirs, rules, channel="webchat", number="", at=at),
                )
            )
        if reason is not None:
            await move_status(connection, row.id, DeliveryStatus.HELD_BACK, at=at, reason=reason)


async def expire_unseen(database: Database, *, at: datetime) -> int:
    """What nobody came to see in time is on record as expired; returns how many of up to `BATCH`."""
    async with database.begin(redoable=True) as connection:
        rows = (await connection.execute(_EXPIRED, {"at": at})).all()
        for row in rows:
            await move_status(connection, row.id, DeliveryStatus.HELD_BACK, at=at, reason="expired")
    return len(rows)
