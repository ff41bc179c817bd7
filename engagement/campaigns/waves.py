"""Campaigns become touchpoints a wave at a time, so that halting one calls back what is on its way and no more was planned.

What comes out of it passes the same gate as everything else; a unique key (participant, campaign) makes a tick safe to run twice.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, Table, and_, func, insert, literal, null, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from engagement.campaigns.campaign import DONE, RUNNING, Campaign
from storage.ids import new_id
from storage.tables import (
    campaign_members,
    campaigns,
    conversations,
    message_events,
    messages,
    touchpoint_events,
    touchpoints,
)

BATCH = 500
"""Touchpoints made at once: so many may be on their way to the outbox when a campaign is halted."""
HALTED = "campaign_halted"
_LEFT = ("sending", "sent", "delivered", "unknown")


async def make_touchpoints(connection: AsyncConnection, campaign: Campaign, *, at: datetime) -> int:
    """Plan those who are due by now. The campaign's row must be locked. Returns how many were planned.

    It is done when all have been planned, or its end has come.
    """
    assert campaign.running_since is not None  # noqa: S101 - it is running
    if at >= campaign.draft.ends_at:
        await _done(connection, campaign)
        return 0
    due = campaign.running_from + campaign.draft.pace.due_by(at - campaign.running_since)
    rows = (
        await connection.execute(
            select(campaign_members.c.participant_id, conversations.c.study_slug)
            .join(conversations, conversations.c.participant_id == campaign_members.c.participant_id)
            .outerjoin(
                touchpoints,
                and_(
                    touchpoints.c.campaign_id == campaign.id,
                    touchpoints.c.participant_id == campaign_members.c.participant_id,
                ),
            )
            .where(
                campaign_members.c.campaign_id == campaign.id,
                campaign_members.c.place >= campaign.running_from,
                campaign_members.c.place < due,
                touchpoints.c.id.is_(None),
            )
            .order_by(campaign_members.c.place)
            .limit(BATCH)
        )
    ).all()
    if rows:
        await connection.execute(
            insert_or(touchpoints)
            .values(
                [
                    {
                        "id": new_id(),
                        "participant_id": row.participant_id,
                        "study_slug": row.study_slug,
                        "campaign_id": campaign.id,
                        "invites_to": campaign.draft.study,
                        "item": f"campaign:{campaign.draft.name}",
                        "occurrence": "1",
                        "purpose": "recontact",
                        "says": campaign.draft.says,
                        "channels": list(campaign.draft.channels),
                        "awaits": [],
                        "since": at,
                        "due_at": at,
                        "expires_at": at + campaign.draft.expires,
                        "status": "planned",
                        "created_at": at,
                    }
                    for row in rows
                ]
            )
            .on_conflict_do_nothing()
        )
    elif await _all_planned(connection, campaign):
        await _done(connection, campaign)
    return len(rows)


async def cancel_unsent(connection: AsyncConnection, campaign: Campaign, *, at: datetime) -> int:
    """Call back what has not left the house; returns how many touchpoints that were.

    Those that just now turn into a message, and messages that are just now being sent, are waited for: what has left by then
    has left, and is not planned again. What stands in the web chat has left when it was seen.
    """
    unseen = (messages.c.channel == "webchat") & (messages.c.status == "sent")
    stored = select(messages.c.id).where(messages.c.touchpoint_id == touchpoints.c.id, unseen).correlate(touchpoints)
    called = await connection.scalars(
        update(touchpoints)
        .where(
            touchpoints.c.campaign_id == campaign.id,
            touchpoints.c.status.in_(["planned", "queued"]) | ((touchpoints.c.status == "sent") & stored.exists()),
        )
        .values(status="cancelled", reason=HALTED)
        .returning(touchpoints.c.id)
    )
    back = set(called)
    held = (
        update(messages)
        .where(
            messages.c.touchpoint_id == touchpoints.c.id,
            touchpoints.c.campaign_id == campaign.id,
            touchpoints.c.reason == HALTED,
            (messages.c.status == "queued") | unseen,
        )
        .values(status="held_back")
        .returning(messages.c.id)
        .cte("held")
    )
    await _note(connection, message_events, message_events.c.message_id, select(held.c.id), "held_back", at=at)
    kept = select(touchpoints.c.id).where(touchpoints.c.id.in_(back))
    await _note(connection, touchpoint_events, touchpoint_events.c.touchpoint_id, kept, "cancelled", at=at)
    return len(back)


async def _note(
    connection: AsyncConnection,
    table: Table,
    whose: Column[Any],
    ids: Select[tuple[UUID]],
    status: str,
    *,
    at: datetime,
) -> None:
    """A line in the timeline of each."""
    each = ids.subquery()
    lines = select(func.gen_random_uuid(), each.c.id, literal(status), literal(at, table.c.at.type), literal(HALTED))
    await connection.execute(insert(table).from_select(["id", whose.name, "status", "at", "reason"], lines))


async def plan_again(connection: AsyncConnection, campaign: Campaign, *, at: datetime) -> None:
    """Those called back are due anew, but for those whose message had left all the same, or may have."""
    left = (
        select(messages.c.id)
        .where(messages.c.touchpoint_id == touchpoints.c.id, messages.c.status.in_(_LEFT))
        .correlate(touchpoints)
        .exists()
    )
    await connection.execute(
        update(touchpoints)
        .where(
            touchpoints.c.campaign_id == campaign.id,
            touchpoints.c.status == "cancelled",
            touchpoints.c.reason == HALTED,
            ~left,
        )
        .values(
            status="planned",
            reason=null(),
            due_at=at,
            expires_at=at + campaign.draft.expires,
            tried=literal([], ARRAY(Text)),
        )
    )


async def running_campaigns(connection: AsyncConnection) -> list[str]:
    """The names of those that run."""
    return list(await connection.scalars(select(campaigns.c.name).where(campaigns.c.status == RUNNING)))


async def _all_planned(connection: AsyncConnection, campaign: Campaign) -> bool:
    left = (
        select(campaign_members.c.id)
        .outerjoin(
            touchpoints,
            and_(
                touchpoints.c.campaign_id == campaign.id,
                touchpoints.c.participant_id == campaign_members.c.participant_id,
            ),
        )
        .where(
            campaign_members.c.campaign_id == campaign.id,
            campaign_members.c.place.is_not(None),
            touchpoints.c.id.is_(None),
        )
        .limit(1)
    )
    on_the_way = select(touchpoints.c.id).where(
        touchpoints.c.campaign_id == campaign.id, touchpoints.c.status.in_(["planned", "queued"])
    )
    return (await connection.scalar(left)) is None and (await connection.scalar(on_the_way.limit(1))) is None


async def _done(connection: AsyncConnection, campaign: Campaign) -> None:
    await connection.execute(update(campaigns).where(campaigns.c.id == campaign.id).values(status=DONE))
