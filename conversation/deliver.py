"""The one way out, second half: `deliver` takes the next queued message, asks the gate, and sends it.

Three steps, two commits: the row becomes `sending` before the provider is called, its result is written after. No
transaction is open during the call. A process killed in between leaves `sending`; `settle_abandoned` makes that
`unknown`, because only the provider can tell, and nothing is ever sent again on a guess.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, Row, bindparam, func, insert, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from conversation.attachments import attachments_of
from conversation.errors import FateUnknown, SendFailed
from conversation.gate import Facts, decide_delivery
from conversation.messages import ChannelName, DeliveryStatus, OutboundMessage, Sender, SendProblem
from conversation.status import mark_contact, move_status
from engagement import clock
from engagement.optouts import ledger_of, read_ledger
from storage.database import Database
from storage.ids import new_id
from storage.tables import contact_points, message_events, messages

log = logging.getLogger(__name__)

Prepare = Callable[[AsyncConnection, UUID], Awaitable[Mapping[str, str]]]
"""Gives the attributes that a channel needs for one outgoing message (an e-mail's threading)."""

ABANDONED_AFTER = timedelta(seconds=60)
"""Longer than any provider call may take (the longest time-out is 30 s): whoever was sending is dead."""

# Built once, its words literals: see `conversation.dialogue`.
_earlier, _alike, _other = aliased(messages), aliased(messages), aliased(messages)
_CLAIM = (
    # What the gate asks comes along, and whether more is waiting.
    select(
        messages,
        contact_points.c.value,
        contact_points.c.problem,
        ledger_of(messages.c.participant_id).label("ledger"),
        select(func.count())
        .where(
            _alike.c.direction == literal_column("'out'"),
            _alike.c.participant_id == messages.c.participant_id,
            _alike.c.created_at > bindparam("at") - literal_column("interval '5 minutes'", Interval),
            _alike.c.contact_point_id == messages.c.contact_point_id,
            _alike.c.content_keys == messages.c.content_keys,
            _alike.c.status.in_(
                [literal_column(f"'{status}'") for status in ("sending", "sent", "delivered", "unknown")]
            ),
        )
        .scalar_subquery()
        .label("same_lately"),
        select(_other.c.id)
        .where(
            _other.c.status == literal_column("'queued'"),
            _other.c.available_at <= bindparam("at"),
            _other.c.id != messages.c.id,
        )
        .exists()
        .label("more"),
    )
    .join(contact_points, contact_points.c.id == messages.c.contact_point_id)
    .where(
        messages.c.status == literal_column("'queued'"),
        messages.c.available_at <= bindparam("at"),
        # In order, but for what must not wait: an earlier message in retry may be put off for half an hour.
        messages.c.purpose.in_([literal_column("'safety'"), literal_column("'opt_out_confirmation'")])
        | ~select(_earlier.c.id)
        .where(
            _earlier.c.direction == literal_column("'out'"),
            _earlier.c.participant_id == messages.c.participant_id,
            _earlier.c.channel == messages.c.channel,
            _earlier.c.status.in_([literal_column("'queued'"), literal_column("'sending'")]),
            _earlier.c.id < messages.c.id,
        )
        .exists(),
    )
    .order_by(messages.c.available_at, messages.c.id)
    .limit(literal_column("1"))
    .with_for_update(skip_locked=True, of=messages)
)

_BACK_OFF_S = (2, 10, 30, 120, 600, 1800)


async def deliver(
    database: Database, senders: Mapping[ChannelName, Sender], prepare: Mapping[ChannelName, Prepare]
) -> bool:
    """Deliver the oldest message that is due. Says whether another is waiting."""
    at = clock.now()
    row = None
    try:
        async with database.begin() as connection:
            row = (await connection.execute(_CLAIM, {"at": at})).first()
            if row is None:
                return False
            decision = decide_delivery(_facts(row, at))
            if not decision.allowed:
                await move_status(connection, row.id, DeliveryStatus.HELD_BACK, at=at, reason=decision.reason)
                return _more(row)
            channel = ChannelName(row.channel)
            if channel is ChannelName.WEBCHAT:
                # The stored row is the delivery: sockets read it from there, each message once.
                await move_status(connection, row.id, DeliveryStatus.SENT, at=at, reason=decision.reason)
                return _more(row)
            sender = senders[channel]
            message = await _compose(connection, database, row, prepare.get(channel))
            await move_status(connection, row.id, DeliveryStatus.SENDING, at=at, reason=decision.reason, handled_at=at)
    except Exception as error:
        if row is None:
            raise
        log.error("delivery failed: message=%s error=%s", row.id, type(error).__name__)
        await _put_off(database, row, at=at)
        return _more(row)
    await _send(database, sender, message, attempts=row.attempts + 1)
    return _more(row)


def _more(row: Row[Any]) -> bool:
    return bool(row.more)


async def _put_off(database: Database, row: Row[Any], *, at: datetime) -> None:
    """Nothing has left the house: try again later, and give up where that does not help."""
    async with database.begin() as connection:
        if row.attempts >= len(_BACK_OFF_S):
            await move_status(connection, row.id, DeliveryStatus.FAILED, at=at, reason="not_composed")
            return
        await connection.execute(
            update(messages)
            .where(messages.c.id == row.id, messages.c.status == "queued")
            .values(attempts=row.attempts + 1, available_at=at + timedelta(seconds=_BACK_OFF_S[row.attempts]))
        )


async def settle_abandoned(database: Database, *, at: datetime) -> int:
    """Messages left in `sending` by a process that died become `unknown`; returns how many."""
    async with database.begin() as connection:
        stale = (
            await connection.execute(
                select(messages.c.id).where(
                    messages.c.status == "sending", messages.c.handled_at < at - ABANDONED_AFTER
                )
            )
        ).scalars()
        ids = list(stale)
        for message_id in ids:
            await move_status(connection, message_id, DeliveryStatus.UNKNOWN, at=at, reason="abandoned")
    return len(ids)


def _facts(row: Row[Any], at: datetime) -> Facts:
    return Facts(
        at=at,
        channel=row.channel,
        purpose=row.purpose,
        expires_at=row.expires_at,
        silenced=read_ledger(row.ledger),
        contact_problem=row.problem,
        has_contact=row.contact_point_id is not None,
        same_lately=row.same_lately,
    )


async def _compose(
    connection: AsyncConnection, database: Database, row: Row[Any], prepare: Prepare | None
) -> OutboundMessage:
    keyring = database.keyring
    return OutboundMessage(
        id=row.id,
        channel=ChannelName(row.channel),
        to=keyring.open(row.value, place="contact_points.value", row=row.contact_point_id),
        sender=row.our_address or "",
        text=keyring.open(row.body, place="messages.body", row=row.id),
        language=row.language,
        quick_replies=tuple(row.replies or ()),
        attachments=await attachments_of(connection, keyring, row.id) if row.channel == ChannelName.EMAIL else (),
        attributes=await prepare(connection, row.id) if prepare else {},
    )


async def _send(database: Database, sender: Sender, message: OutboundMessage, *, attempts: int) -> None:
    try:
        accepted = await sender.send(message)
    except SendFailed as failure:
        await _record_failure(database, message.id, failure, attempts=attempts)
    except FateUnknown as unknown:
        log.warning("fate unknown: message=%s", message.id)
        async with database.autocommit() as connection:
            await move_status(
                connection, message.id, DeliveryStatus.UNKNOWN, at=clock.now(), reason=type(unknown).__name__
            )
    else:
        async with database.autocommit() as connection:
            at = clock.now()
            moved = await move_status(
                connection,
                message.id,
                DeliveryStatus.SENT,
                at=at,
                provider_id=accepted.provider_id,
                parts=accepted.parts,
                attempts=attempts,
            )
            if not moved:
                # The provider's callback was quicker: the message is further already, only the numbers are missing.
                await connection.execute(
                    update(messages)
                    .where(messages.c.id == message.id)
                    .values(provider_id=accepted.provider_id, parts=accepted.parts, attempts=attempts)
                )


async def _record_failure(database: Database, message_id: UUID, failure: SendFailed, *, attempts: int) -> None:
    at = clock.now()
    async with database.begin() as connection:
        row = (
            await connection.execute(
                select(messages.c.contact_point_id, messages.c.participant_id).where(messages.c.id == message_id)
            )
        ).one()
        if failure.retryable and attempts <= len(_BACK_OFF_S):
            wait = max(_BACK_OFF_S[attempts - 1], failure.retry_after or 0)
            await connection.execute(
                update(messages)
                .where(messages.c.id == message_id, messages.c.status == "sending")
                .values(status="queued", attempts=attempts, available_at=at + timedelta(seconds=wait))
            )
            await connection.execute(
                insert(message_events).values(
                    id=new_id(), message_id=message_id, status="queued", at=at, code=failure.code, reason="retry"
                )
            )
            return
        await move_status(
            connection, message_id, DeliveryStatus.FAILED, at=at, code=failure.code, reason=failure.problem.value
        )
        if failure.problem is not SendProblem.RETRY:
            await mark_contact(connection, row.contact_point_id, row.participant_id, failure.problem, at=at)
