"""The send tick: touchpoints that are due become messages in the outbox, each in the transaction that says so.

Whether it is still wanted is asked of the plan anew, and whether it may go of the gate; `deliver` asks the gate once more
at the moment of sending. What has to wait for its hour waits here, not in the outbox.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, bindparam, func, insert, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.gate import Decision, Facts, decide_delivery
from conversation.messages import Attachment
from conversation.outbox import Addressee, Outbox
from conversation.outreach import outreach_of, read_known
from conversation.providers import OutreachRules
from conversation.say import Say
from conversation.turn import House
from engagement.experiments import read_arms
from engagement.journeys.facts import Enrolled, read_enrolled
from engagement.optouts import read_ledger
from engagement.plans import Occurrence, Plan, plan_touchpoints, why_needless
from scheduler.planning import Plans
from scheduler.varying import plan_for
from storage.database import Database
from storage.ids import new_id
from storage.tables import contact_points, enrolments, is_invitation, messages, touchpoint_events, touchpoints

log = logging.getLogger(__name__)

BATCH = 50
_RING = ("sms", "email")
MOST_WAITING = 2000
"""Touchpoints of a kind in the outbox that may go now: more would only wait there."""


def _due(invitations: bool) -> Select[tuple[UUID]]:
    return (
        select(touchpoints.c.id)
        .where(
            touchpoints.c.status == literal_column("'planned'"),
            is_invitation(touchpoints) if invitations else ~is_invitation(touchpoints),
            touchpoints.c.due_at <= bindparam("at"),
        )
        .order_by(touchpoints.c.due_at, touchpoints.c.id)
        .with_for_update(skip_locked=True)
    )


DUE, DUE_INVITATIONS = _due(False), _due(True)
"""What somebody's own study wants of them waits for no campaign, however large."""

type Fill = Callable[[AsyncConnection, Any, ZoneInfo], Awaitable[Mapping[str, Any]]]
"""Gives the values of the words of touchpoints that count from a kind of date: (connection, touchpoint, where they live)."""

type Attach = Callable[[AsyncConnection, Any, Any], Awaitable[Sequence[Attachment]]]
"""Gives the files that go with a touchpoint by mail: (connection, touchpoint, contact point)."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What sending needs. `fills`: by the kind of date that an item comes before; `attach`: by the item's name."""

    database: Database
    house: House
    outbox: Outbox
    plans: Plans
    rules: OutreachRules
    fills: Mapping[str, Fill]
    attach: Mapping[str, Attach] = field(default_factory=dict)
    mail_domain: str = ""


async def queue_due(desk: Desk, *, at: datetime, limit: int = BATCH) -> int:
    """Deal with up to `limit` touchpoints that are due; returns how many there were (0: none, or enough are waiting)."""
    async with desk.database.begin(redoable=True) as connection:
        due: list[UUID] = []
        for statement, waiting in ((DUE, _WAITING), (DUE_INVITATIONS, _WAITING_INVITATIONS)):
            if len(due) < limit:
                room = MOST_WAITING - (await connection.scalar(waiting, {"at": at}) or 0)
                due += await connection.scalars(statement.limit(max(0, min(limit - len(due), room))), {"at": at})
        if not due:
            return 0
        known = await read_known(connection, due, at=at)
        enrolled = await _enrolled(connection, due, desk)
        contacts = await _contacts(connection, [row.participant_id for row in known.values()])
        tried = any(desk.plans.of(row.study_slug).experiments for row in known.values())
        arms = await read_arms(connection, [row.participant_id for row in known.values()]) if tried else {}
        for row in known.values():
            try:
                async with connection.begin_nested():
                    plan = plan_for(desk.plans.of(row.study_slug), row.study_slug, arms.get(row.participant_id, {}))
                    contact = contacts.get(row.participant_id, {})
                    await _deal_with(connection, desk, row, plan, enrolled[row.id], contact, at=at)
            except Exception as error:  # noqa: BLE001 - one that can't be said must not hold up the others
                log.error("touchpoint failed: touchpoint=%s error=%s", row.id, type(error).__name__)
                await _mark(connection, row, "failed", type(error).__name__, at=at)
    return len(due)


def _waiting(invitations: bool) -> Select[Any]:
    some = (
        select(messages.c.id)
        .where(
            messages.c.status == literal_column("'queued'"),
            messages.c.touchpoint_id.is_not(None),
            is_invitation(messages) if invitations else ~is_invitation(messages),
            messages.c.available_at <= bindparam("at"),
        )
        .limit(MOST_WAITING)
        .subquery()
    )
    return select(func.count()).select_from(some)


_WAITING, _WAITING_INVITATIONS = _waiting(False), _waiting(True)


async def _enrolled(connection: AsyncConnection, due: Sequence[UUID], desk: Desk) -> dict[UUID, Enrolled]:
    """By touchpoint."""
    rows = (
        await connection.execute(
            select(touchpoints.c.id, enrolments.c.id.label("enrolment"))
            .join(
                enrolments,
                and_(
                    enrolments.c.participant_id == touchpoints.c.participant_id,
                    enrolments.c.study_slug == touchpoints.c.study_slug,
                ),
            )
            .where(touchpoints.c.id.in_(due))
        )
    ).all()
    known = await read_enrolled(connection, [row.enrolment for row in rows], zones=desk.plans.zones)
    return {row.id: known[row.enrolment] for row in rows}


type _Contacts = Mapping[str, Any]


async def _contacts(connection: AsyncConnection, participants: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Each participant's proven contact points by channel: a usable one before others, the one proven last before others."""
    rows = await connection.execute(
        select(contact_points)
        .where(contact_points.c.participant_id.in_(participants), contact_points.c.verified_at.is_not(None))
        .order_by(contact_points.c.problem.is_(None), contact_points.c.verified_at)
    )
    found: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row.participant_id, {})[row.channel] = row
    return found


async def _deal_with(
    connection: AsyncConnection,
    desk: Desk,
    row: Any,
    plan: Plan,
    enrolled: Enrolled,
    contacts: _Contacts,
    *,
    at: datetime,
) -> None:
    if row.expires_at <= at:
        await _mark(connection, row, "expired", row.reason or "expired", at=at)
        return
    if row.version is not None:
        wanted = _still_wanted(plan, row, enrolled, at)
        if wanted is None:
            reason = why_needless(plan, row.item, enrolled.facts, since=row.since)
            await _mark(connection, row, "cancelled", reason, at=at)
            return
        # Moved to later, perhaps: they have answered since, or live elsewhere now.
        if wanted.due_at > at and not row.tried and row.snoozed_at is None:
            await _postpone(connection, row, wanted.due_at, row.reason, at=at, expires=wanted.expires_at)
            return
    best: Decision | None = None
    for channel in _channels(row):
        if channel == "webchat" and best is not None and best.until is not None:
            break  # a channel that rings may carry it later: better that than a chat that nobody has open
        contact = contacts.get(channel)
        decision = decide_delivery(_facts(desk, row, channel, contact, at=at))
        if decision.allowed:
            await _queue(connection, desk, row, contact, at=at)
            return
        best = _better(best, decision)
    if best is None:
        await _mark(connection, row, "failed", row.reason or "no_channel", at=at)
    elif best.until is not None:
        await _postpone(connection, row, best.until, best.reason, at=at)
    else:
        status = {"awaited_event": "cancelled", "stage": "cancelled", "expired": "expired"}.get(best.reason, "refused")
        await _mark(connection, row, status, best.reason, at=at)


def _still_wanted(plan: Plan, row: Any, enrolled: Enrolled, at: datetime) -> Occurrence | None:
    until = max(at, row.expires_at)
    planned = plan_touchpoints(plan, enrolled.facts, until=until)
    return next((one for one in planned.occurrences if (one.item, one.name) == (row.item, row.occurrence)), None)


def _channels(row: Any) -> list[str]:
    """The channels to try, in order: where they last wrote stands for `preferred`; those that failed are left out.

    What stands in the web chat rings nobody, so `preferred` never means it: it is for whom nothing else reaches.
    """
    preferred = row.preferred if row.preferred in _RING else ""
    named = [preferred if channel == "preferred" else channel for channel in row.channels]
    return [channel for channel in dict.fromkeys(named) if channel and channel not in row.tried]


def _better(first: Decision | None, second: Decision) -> Decision:
    """The decision to keep: one that may go later before one that may not, the sooner before the later."""
    if first is None or (second.until is not None and (first.until is None or second.until < first.until)):
        return second
    return first


def _facts(desk: Desk, row: Any, channel: str, contact: Any, *, at: datetime) -> Facts:
    number = ""
    if contact is not None and channel == "sms":
        number = desk.house.keyring.open(contact.value, place="contact_points.value", row=contact.id)
    outreach = outreach_of(row, desk.rules, channel=channel, number=number, at=at)
    return Facts(
        at=at,
        channel=channel,
        purpose=row.purpose,
        expires_at=row.expires_at,
        silenced=read_ledger(row.opt_outs),
        contact_problem=contact.problem if contact is not None else None,
        has_contact=contact is not None,
        same_lately=0,
        outreach=outreach,
    )


async def _queue(connection: AsyncConnection, desk: Desk, row: Any, contact: Any, *, at: datetime) -> None:
    """The message, and that the touchpoint is in the outbox. A round is queued once, whoever tries."""
    pack = desk.house.pack(row.study_slug)
    ours = {
        "webchat": "",
        "sms": next(iter(pack.sms.numbers), ""),
        "email": f"{next(iter(pack.email.local_parts), '')}@{desk.mail_domain}",
    }
    before = desk.plans.of(row.study_slug).touchpoints.get(row.item)
    fill = desk.fills.get(before.before or "") if before is not None else None
    zone = ZoneInfo(row.time_zone or pack.time_zone)
    values = await fill(connection, row, zone) if fill is not None else row.fills
    attach = desk.attach.get(row.item) if contact.channel == "email" else None
    await desk.outbox.queue(
        connection,
        [Say(key=row.says, values=values, purpose=row.purpose)],
        to=Addressee(
            participant_id=row.participant_id,
            contact_point_id=contact.id,
            channel=contact.channel,
            language=row.language,
            study=row.study_slug,
            our_address=ours[contact.channel],
        ),
        key=f"touchpoint:{row.id}:{row.round}",
        cause_id=row.id,
        at=at,
        touchpoint_id=row.id,
        expires_at=row.expires_at,
        attachments=await attach(connection, row, contact) if attach is not None else (),
    )
    await _mark(connection, row, "queued", None, at=at, round=row.round + 1)


async def _postpone(
    connection: AsyncConnection,
    row: Any,
    until: datetime,
    reason: str | None,
    *,
    at: datetime,
    expires: datetime | None = None,
) -> None:
    values = {"due_at": until, **({"expires_at": expires} if expires else {})}
    await _mark(connection, row, "planned", reason, at=at, **values)


async def _mark(
    connection: AsyncConnection, row: Any, status: str, reason: str | None, *, at: datetime, **values: Any
) -> None:
    await connection.execute(
        update(touchpoints).where(touchpoints.c.id == row.id).values(status=status, reason=reason, **values)
    )
    await connection.execute(
        insert(touchpoint_events).values(id=new_id(), touchpoint_id=row.id, status=status, at=at, reason=reason)
    )
