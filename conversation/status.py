"""Where an outgoing message is: it runs forward only, whatever order the provider's callbacks come in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.messages import RANK, DeliveryStatus, SendProblem, StatusUpdate
from conversation.outbox import CONVERSATION
from conversation.outreach import settle_touchpoint
from engagement.optouts import record_opt_out, silenced_channels
from storage.database import Database
from storage.ids import new_id
from storage.tables import contact_points, message_events, messages


def _move_to(status: DeliveryStatus) -> Executable:
    """One statement: the message moves, its timeline gets a line, open web chats are told. No row where it stays."""
    lower: list[ColumnElement[str]] = [
        literal_column(f"'{known.value}'") for known, rank in RANK.items() if rank < RANK[status]
    ]
    kept = ("provider_id", "parts", "attempts", "handled_at")
    moved = (
        update(messages)
        .where(
            messages.c.id == bindparam("message", type_=Uuid),
            messages.c.direction == literal_column("'out'"),
            messages.c.status.in_(lower),
        )
        .values(
            status=literal_column(f"'{status.value}'"),
            **{
                name: func.coalesce(bindparam(f"new_{name}", type_=messages.c[name].type), messages.c[name])
                for name in kept
            },
        )
        .returning(messages.c.id, messages.c.participant_id, messages.c.channel, messages.c.touchpoint_id)
        .cte("moved")
    )
    line = select(
        bindparam("event", type_=message_events.c.id.type),
        moved.c.id,
        literal_column(f"'{status.value}'"),
        bindparam("at", type_=message_events.c.at.type),
        bindparam("code", type_=Text),
        bindparam("reason", type_=Text),
    )
    told = func.pg_notify(CONVERSATION, cast(select(moved.c.participant_id).scalar_subquery(), Text))
    outreach = [select(moved.c[name]).scalar_subquery().label(name) for name in ("touchpoint_id", "channel")]
    return (
        insert(message_events)
        .from_select(["id", "message_id", "status", "at", "code", "reason"], line)
        .returning(told, *outreach)
    )


_MOVES = {status: _move_to(status) for status in DeliveryStatus if RANK[status] > 0}


async def move_status(
    connection: AsyncConnection,
    message_id: UUID,
    status: DeliveryStatus,
    *,
    at: datetime,
    code: str = "",
    reason: str = "",
    provider_id: str | None = None,
    parts: int | None = None,
    attempts: int | None = None,
    handled_at: datetime | None = None,
) -> bool:
    """Move a message forward to `status`; False (and nothing changed) where it is there or further already.

    What is None stays as it was. The touchpoint behind it, where there is one, follows.
    """
    moved: Any = await connection.execute(
        _MOVES[status],
        {
            "message": message_id,
            "event": new_id(),
            "at": at,
            "code": code or None,
            "reason": reason or None,
            "new_provider_id": provider_id,
            "new_parts": parts,
            "new_attempts": attempts,
            "new_handled_at": handled_at,
        },
    )
    row = moved.first()
    if row is not None and row.touchpoint_id is not None and status is not DeliveryStatus.SENDING:
        await settle_touchpoint(
            connection, row.touchpoint_id, status, channel=row.channel, reason=reason or code, at=at
        )
    return row is not None


async def record_status(database: Database, change: StatusUpdate, *, at: datetime) -> bool:
    """Take a provider's callback: find the message by outbox id or provider id, move it, mark a bad contact point.

    False where the message is not known or the callback is old news.
    """
    async with database.begin() as connection:
        which = (
            messages.c.id == change.outbox_id
            if change.outbox_id is not None
            else (messages.c.channel == change.channel.value) & (messages.c.provider_id == change.provider_id)
        )
        row = (
            await connection.execute(
                select(messages.c.id, messages.c.provider_id, messages.c.participant_id, messages.c.contact_point_id)
                .where(messages.c.direction == "out", which)
                .with_for_update()
            )
        ).first()
        if row is None or (row.provider_id and change.provider_id and row.provider_id != change.provider_id):
            return False
        known = change.provider_id or row.provider_id  # a bounce names our send only
        moved = await move_status(connection, row.id, change.status, at=at, code=change.code, provider_id=known)
        if moved and change.problem is not None:
            await mark_contact(connection, row.contact_point_id, row.participant_id, change.problem, at=at)
        return moved


async def mark_contact(
    connection: AsyncConnection,
    contact_point_id: UUID,
    participant_id: UUID,
    problem: SendProblem,
    *,
    at: datetime,
) -> None:
    """What a failed send says of the contact point: bad, blocked, or its owner has opted out with the provider."""
    if problem in (SendProblem.BAD_CONTACT, SendProblem.BLOCKED):
        await connection.execute(
            update(contact_points)
            .where(contact_points.c.id == contact_point_id)
            .values(problem=problem.value, problem_at=at)
        )
    if problem is SendProblem.OPTED_OUT:
        channel = await connection.scalar(
            select(contact_points.c.channel).where(contact_points.c.id == contact_point_id)
        )
        if channel not in await silenced_channels(connection, participant_id):
            await record_opt_out(connection, participant_id, at=at, actor="provider", channels=[str(channel)])
