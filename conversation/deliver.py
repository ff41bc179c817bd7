"""The one way out, second half: `deliver` takes the next queued message, asks the gate, and sends it.

Three steps, two commits: the row becomes `sending` before the provider is called, its result is written after. No
transaction is open during the call. A process killed in between leaves `sending`; `settle_abandoned` makes that
`unknown`, because only the provider can tell, and nothing is ever sent again on a guess.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.attachments import attachments_of
from conversation.claims import NEXT_OUTREACH, NEXT_REPLY
from conversation.errors import FateUnknown, SendFailed
from conversation.gate import Decision, Facts, decide_delivery
from conversation.messages import ChannelName, DeliveryStatus, OutboundMessage, Sender, SendProblem
from conversation.outreach import outreach_of, read_known, take_turns
from conversation.providers import OutreachRules, Pace, note_failure, note_success, take_slot
from conversation.status import mark_contact, move_status
from engagement import clock
from engagement.optouts import read_ledger
from storage.database import Database
from storage.ids import new_id
from storage.tables import message_events, messages

log = logging.getLogger(__name__)

Prepare = Callable[[AsyncConnection, UUID], Awaitable[Mapping[str, str]]]
"""Gives the attributes that a channel needs for one outgoing message (an e-mail's threading)."""

ABANDONED_AFTER = timedelta(seconds=60)
"""Longer than any provider call may take (the longest time-out is 30 s): whoever was sending is dead."""

_BACK_OFF_S = (2, 10, 30, 120, 600, 1800)


_troubled: set[str] = set()
"""Channels whose provider failed this process lately: the next success is worth a line in the database."""


async def deliver(
    database: Database, senders: Mapping[ChannelName, Sender], prepare: Mapping[ChannelName, Prepare]
) -> bool:
    """Deliver the oldest reply that is due. Says whether another is waiting."""
    return await _deliver(database, senders, prepare, NEXT_REPLY, _allow_reply)


async def deliver_outreach(
    database: Database,
    senders: Mapping[ChannelName, Sender],
    prepare: Mapping[ChannelName, Prepare],
    rules: OutreachRules,
) -> bool:
    """Deliver the oldest touchpoint's message that is due, if the gate allows it now. Says whether another is waiting."""
    return await _deliver(database, senders, prepare, NEXT_OUTREACH, partial(_allow_outreach, database, rules))


type _Allow = Callable[[AsyncConnection, Row[Any], datetime], Awaitable[Decision]]


async def _deliver(
    database: Database,
    senders: Mapping[ChannelName, Sender],
    prepare: Mapping[ChannelName, Prepare],
    claim: Select[Any],
    allow: _Allow,
) -> bool:
    at = clock.now()
    row = None
    try:
        async with database.begin() as connection:
            row = (await connection.execute(claim, {"at": at})).first()
            if row is None:
                return False
            decision = await allow(connection, row, at)
            if decision.until is not None:
                await _delay(connection, row.id, decision, at=at)
                return _more(row)
            if not decision.allowed:
                await move_status(connection, row.id, DeliveryStatus.HELD_BACK, at=at, reason=decision.reason)
                return _more(row)
            channel = ChannelName(row.channel)
            if channel is ChannelName.WEBCHAT:
                # The stored row is the delivery: sockets read it from there, each message once.
                if row.touchpoint_id is not None:
                    # It is said now: a chat that reads on from what it has must not miss what was written down earlier.
                    await connection.execute(
                        update(messages).where(messages.c.id == row.id).values(created_at=at, handled_at=at)
                    )
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
    await _send(database, sender, message, attempts=row.attempts + 1, alone=row.touchpoint_id is None)
    return _more(row)


async def _allow_reply(connection: AsyncConnection, row: Row[Any], at: datetime) -> Decision:
    return decide_delivery(_facts(row, at))


async def _allow_outreach(
    database: Database, rules: OutreachRules, connection: AsyncConnection, row: Row[Any], at: datetime
) -> Decision:
    await take_turns(connection, row.participant_id)
    known = (await read_known(connection, [row.touchpoint_id], at=at))[row.touchpoint_id]
    sms = row.channel == ChannelName.SMS
    number = database.keyring.open(row.value, place="contact_points.value", row=row.contact_point_id) if sms else ""
    outreach = outreach_of(known, rules, channel=row.channel, number=number, at=at)
    decision = decide_delivery(replace(_facts(row, at), outreach=outreach))
    if decision.allowed:
        pace = rules.paces.get(row.channel, Pace())
        wait = await take_slot(connection, row.channel, pace, closed_until=row.closed_until, at=at)
        if wait is not None:
            return Decision(allowed=False, reason=wait[0], until=wait[1])
    return decision


async def _delay(connection: AsyncConnection, message_id: UUID, decision: Decision, *, at: datetime) -> None:
    """Not now: it stays queued until then, and the reason is on record."""
    await connection.execute(update(messages).where(messages.c.id == message_id).values(available_at=decision.until))
    await connection.execute(
        insert(message_events).values(
            id=new_id(), message_id=message_id, status="queued", at=at, reason=decision.reason
        )
    )


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


async def _send(database: Database, sender: Sender, message: OutboundMessage, *, attempts: int, alone: bool) -> None:
    """`alone`: no touchpoint follows the message, so each statement may be its own transaction."""
    try:
        accepted = await sender.send(message)
    except SendFailed as failure:
        await _record_failure(database, message.id, failure, attempts=attempts)
    except FateUnknown as unknown:
        log.warning("fate unknown: message=%s", message.id)
        at = clock.now()
        async with database.begin() as connection:
            await move_status(connection, message.id, DeliveryStatus.UNKNOWN, at=at, reason=type(unknown).__name__)
            await _note_trouble(connection, message.channel, at=at)
    else:
        async with database.autocommit() if alone else database.begin() as connection:
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
            if message.channel in _troubled:
                _troubled.discard(message.channel)
                await note_success(connection, message.channel)


async def _note_trouble(connection: AsyncConnection, channel: str, *, at: datetime) -> None:
    _troubled.add(channel)
    await note_failure(connection, channel, at=at)


async def _record_failure(database: Database, message_id: UUID, failure: SendFailed, *, attempts: int) -> None:
    at = clock.now()
    async with database.begin() as connection:
        row = (
            await connection.execute(
                select(messages.c.contact_point_id, messages.c.participant_id, messages.c.channel).where(
                    messages.c.id == message_id
                )
            )
        ).one()
        if failure.problem is SendProblem.RETRY:
            await _note_trouble(connection, row.channel, at=at)
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
