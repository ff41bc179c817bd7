"""Outreach: what the gate must know of a touchpoint, read at the instant of the decision; and what became of it.

Replies never come here: they ask for no permission, no hour and no room.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Executable,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from conversation.burden import LOOK_BACK, Sent
from conversation.gate import Outreach
from conversation.messages import DeliveryStatus, SendProblem
from conversation.providers import OutreachRules
from conversation.quiet import candidate_zones
from engagement import permissions
from engagement.escalations import held
from engagement.optouts import ledger_of as opt_outs_of
from storage.database import lock_key
from storage.ids import new_id
from storage.tables import (
    conversations,
    enrolments,
    journey_events,
    messages,
    participants,
    touchpoint_events,
    touchpoints,
)

LOCK = "outreach"

# Built once, its words literals: see `conversation.dialogue`.
_other = aliased(messages)
_epoch = func.extract("epoch", func.coalesce(_other.c.handled_at, _other.c.created_at))
_sent_lately = (
    select(func.jsonb_agg(func.jsonb_build_array(_epoch, _other.c.purpose, _other.c.content_keys)))
    .where(
        _other.c.participant_id == touchpoints.c.participant_id,
        _other.c.touchpoint_id.is_not(None),
        _other.c.touchpoint_id != touchpoints.c.id,
        _other.c.handled_at > bindparam("since"),
        _other.c.status.in_([literal_column(f"'{status}'") for status in ("sending", "sent", "delivered", "unknown")]),
    )
    .correlate(touchpoints)
    .scalar_subquery()
)
_awaited = (
    select(journey_events.c.id)
    .where(
        journey_events.c.participant_id == touchpoints.c.participant_id,
        journey_events.c.study_slug == touchpoints.c.study_slug,
        journey_events.c.kind == any_(touchpoints.c.awaits),
        journey_events.c.at >= touchpoints.c.since,
    )
    .correlate(touchpoints)
    .exists()
)
_KNOWN = (
    select(
        touchpoints,
        participants.c.language,
        participants.c.time_zone,
        enrolments.c.stage,
        conversations.c.channel.label("preferred"),
        opt_outs_of(touchpoints.c.participant_id).label("opt_outs"),
        permissions.ledger_of(touchpoints.c.participant_id).label("permissions"),
        held(touchpoints.c.participant_id).label("held"),
        _awaited.label("awaited"),
        _sent_lately.label("sent_lately"),
    )
    .join(participants, participants.c.id == touchpoints.c.participant_id)
    .join(conversations, conversations.c.participant_id == touchpoints.c.participant_id)
    .join(
        enrolments,
        and_(
            enrolments.c.participant_id == touchpoints.c.participant_id,
            enrolments.c.study_slug == touchpoints.c.study_slug,
        ),
    )
    .where(touchpoints.c.id == any_(bindparam("touchpoints", type_=ARRAY(Uuid))))
)
_ALONE = select(func.pg_advisory_xact_lock(lock_key(LOCK, bindparam("participant", type_=Text))))


async def take_turns(connection: AsyncConnection, participant_id: UUID) -> None:
    """Decide for one touchpoint of a person at a time, over all channels: two at once would both find room."""
    await connection.execute(_ALONE, {"participant": str(participant_id)})


async def read_known(connection: AsyncConnection, ids: Collection[UUID], *, at: datetime) -> dict[UUID, Any]:
    """What is known of each of these touchpoints and of whom it is for, as of now."""
    rows = await connection.execute(_KNOWN, {"touchpoints": list(ids), "since": at - LOOK_BACK})
    return {row.id: row for row in rows}


def outreach_of(known: Any, rules: OutreachRules, *, channel: str, number: str, at: datetime) -> Outreach:
    """The gate's facts from what `read_known` gave, for a channel; `number`: the phone number, where it is one."""
    limits = rules.limits_of(known.study_slug)
    answer = _permitted(known, rules, channel, at)
    return Outreach(
        status=known.status,
        says=known.says,
        stage=known.stage,
        awaited=known.awaited,
        permitted=answer.allowed,
        per_year=answer.per_year,
        held=known.held,
        zones=candidate_zones(known.time_zone, study=limits.zones, number=number),
        sent=[
            Sent(at=datetime.fromtimestamp(float(epoch), UTC), purpose=purpose, says=says or "")
            for epoch, purpose, says in known.sent_lately or ()
        ],
        limits=limits,
    )


def _permitted(known: Any, rules: OutreachRules, channel: str, at: datetime) -> permissions.Answer:
    entries: Sequence[Any] = permissions.read_entries(known.permissions)
    standing = permissions.standing_at(entries, at)
    if known.invites_to is not None:
        return standing.allows_invitation(known.invites_to, sponsors=rules.sponsors, channel=channel)
    return standing.allows(known.purpose, channel=channel, study=known.study_slug)


def _settle(status: str, *, before: Collection[str]) -> Executable:
    """One statement: the touchpoint moves, its history gets a line; what is planned after it is looked at again."""
    moved = (
        update(touchpoints)
        .where(
            touchpoints.c.id == bindparam("touchpoint", type_=Uuid),
            touchpoints.c.status.in_([literal_column(f"'{known}'") for known in before]),
        )
        .values(
            status=literal_column(f"'{status}'"),
            reason=bindparam("reason", type_=Text),
            **({"sent_at": bindparam("at", type_=touchpoints.c.sent_at.type)} if status == "sent" else {}),
        )
        .returning(touchpoints.c.id, touchpoints.c.participant_id, touchpoints.c.study_slug, touchpoints.c.followed)
        .cte("moved")
    )
    look = (
        update(enrolments)
        .where(
            enrolments.c.participant_id == moved.c.participant_id,
            enrolments.c.study_slug == moved.c.study_slug,
            moved.c.followed,
        )
        .values(replan_at=bindparam("at", type_=enrolments.c.replan_at.type))
        .returning(enrolments.c.id)
        .cte("look")
    )
    line = select(
        bindparam("event", type_=Uuid),
        moved.c.id,
        literal_column(f"'{status}'"),
        bindparam("at", type_=touchpoint_events.c.at.type),
        bindparam("reason", type_=Text),
    )
    adding = insert(touchpoint_events).from_select(["id", "touchpoint_id", "status", "at", "reason"], line)
    return adding.add_cte(look) if status == "sent" else adding


_SENT = _settle("sent", before=("queued",))
_ENDED: Mapping[str, Executable] = {
    status: _settle(status, before=("queued", "sent")) for status in ("failed", "refused", "expired", "cancelled")
}


def _plan_again(**values: Any) -> Executable:
    """The touchpoint is due anew at `due`, while time is left."""
    return (
        update(touchpoints)
        .where(
            touchpoints.c.id == bindparam("touchpoint", type_=Uuid),
            touchpoints.c.status.in_([literal_column("'queued'"), literal_column("'sent'")]),
            touchpoints.c.expires_at > bindparam("due"),
        )
        .values(
            status=literal_column("'planned'"),
            reason=bindparam("reason", type_=Text),
            due_at=bindparam("due", type_=touchpoints.c.due_at.type),
            **values,
        )
        .returning(touchpoints.c.id)
    )


_ELSEWHERE_NOW = _plan_again(tried=func.array_append(touchpoints.c.tried, bindparam("channel", type_=Text)))
_HERE_LATER = _plan_again()
OUTAGE = timedelta(hours=1)
"""When to try again on a channel whose provider took nothing, however often it was asked."""

_ENDS = {"expired": "expired", "awaited_event": "cancelled", "stage": "cancelled", "cancelled": "cancelled"}
"""What the gate's reason makes of a touchpoint that its message was held back for; any other: refused."""
_ELSEWHERE = frozenset({"no_contact_point", "contact_point_unusable", "opted_out", "no_permission", "loop"})
"""Refusals that hold for one channel: another may do."""


async def settle_touchpoint(
    connection: AsyncConnection,
    touchpoint_id: UUID,
    status: DeliveryStatus,
    *,
    channel: str,
    reason: str,
    at: datetime,
) -> None:
    """What has become of its message: sent, or else on to the next channel while there is one and time is left."""
    values = {"touchpoint": touchpoint_id, "at": at, "event": new_id(), "reason": reason or None}
    if status in (DeliveryStatus.SENT, DeliveryStatus.UNKNOWN, DeliveryStatus.DELIVERED):
        # Of unknown fate counts as sent: it is never sent again on a guess.
        await connection.execute(_SENT, values)
    elif status is DeliveryStatus.HELD_BACK and reason not in _ELSEWHERE:
        await connection.execute(_ENDED[_ENDS.get(reason, "refused")], values)
    elif status in (DeliveryStatus.FAILED, DeliveryStatus.HELD_BACK):
        if status is DeliveryStatus.FAILED and reason == SendProblem.RETRY:
            # The provider was away, which says nothing of the person's number or mailbox.
            again = await connection.execute(_HERE_LATER, {**values, "due": at + OUTAGE})
        else:
            again = await connection.execute(_ELSEWHERE_NOW, {**values, "due": at, "channel": channel})
        if again.first() is None:
            await connection.execute(_ENDED["failed" if status is DeliveryStatus.FAILED else "refused"], values)
        else:
            await connection.execute(
                insert(touchpoint_events).values(
                    id=new_id(), touchpoint_id=touchpoint_id, status="planned", at=at, reason=reason or "undelivered"
                )
            )
