"""Campaigns in the database: written down, checked by a dry run, approved by somebody else, started, halted.

A step locks the campaign's row, so the waves (`engagement.campaigns.waves`) and a stop never cross. Each step is an audit event.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from engagement.campaigns.campaign import (
    DRAFT,
    RUNNING,
    Campaign,
    CampaignRefused,
    Draft,
    Pace,
    check_pace,
    check_step,
)
from engagement.campaigns.deciding import Reach, why_not
from engagement.campaigns.waves import cancel_unsent, plan_again
from engagement.cohorts import match, read_people, read_question
from engagement.optouts import ledger_of, read_ledger
from storage.database import Database
from storage.ids import new_id
from storage.tables import campaign_members, campaigns, contact_points, participants, touchpoints

HOUR = timedelta(hours=1)


async def create_campaign(connection: AsyncConnection, draft: Draft, *, by: str, at: datetime) -> Campaign:
    """Write a campaign down. `BadCohort` or `CampaignRefused` where it says what can't be meant, or the name is taken."""
    read_question(draft.cohort)
    check_pace(draft.pace)
    if not draft.starts_at < draft.ends_at or draft.expires <= timedelta():
        raise CampaignRefused("a campaign ends after it starts, and its messages expire after they are due")
    made = await connection.scalar(
        insert_or(campaigns)
        .values(
            id=new_id(),
            name=draft.name,
            study_slug=draft.study,
            cohort=draft.cohort,
            says=draft.says,
            channels=list(draft.channels),
            wave_size=draft.pace.wave_size,
            wave_hours=draft.pace.wave_every // HOUR,
            per_hour=draft.pace.per_hour,
            expires_days=draft.expires // timedelta(days=1),
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            status=DRAFT,
            created_by=by,
            created_at=at,
        )
        .on_conflict_do_nothing()
        .returning(campaigns.c.id)
    )
    if made is None:
        raise CampaignRefused(f"there is a campaign {draft.name} already")
    await _note(connection, made, "created", by=by, at=at)
    return await read_campaign(connection, draft.name)


async def read_campaign(connection: AsyncConnection, name: str, *, lock: bool = False) -> Campaign:
    """The campaign of that name; `lock`: for a step, until the end of the transaction. `CampaignRefused` for none."""
    asked = select(campaigns).where(campaigns.c.name == name)
    row = (await connection.execute(asked.with_for_update() if lock else asked)).first()
    if row is None:
        raise CampaignRefused(f"there is no campaign {name}")
    return to_campaign(row)


def to_campaign(row: Any) -> Campaign:
    """The value of a row of `campaigns`."""
    return Campaign(
        id=row.id,
        draft=Draft(
            name=row.name,
            study=row.study_slug,
            cohort=row.cohort,
            says=row.says,
            channels=tuple(row.channels),
            pace=Pace(wave_size=row.wave_size, wave_every=HOUR * row.wave_hours, per_hour=row.per_hour),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            expires=timedelta(days=row.expires_days),
        ),
        status=row.status,
        created_by=row.created_by,
        approved_by=row.approved_by,
        dry_run=row.dry_run_sha256,
        running_since=row.running_since,
        running_from=row.running_from,
    )


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """Who would get it now, and how many do not, by reason. `sha256`: what an approval is given for."""

    included: int
    excluded: Mapping[str, int]
    sha256: str


async def dry_run(database: Database, name: str, *, sponsors: Mapping[str, str], by: str, at: datetime) -> DryRun:
    """Decide for everybody, list them with their reasons (`campaign_members`), send nothing.

    `sponsors`: slug → sponsor, of every study. Takes back an approval: it was for another list.
    """
    async with database.begin() as connection:
        campaign = await read_campaign(connection, name, lock=True)
        status = check_step(campaign, "dry-run")
        await connection.execute(delete(campaign_members).where(campaign_members.c.campaign_id == campaign.id))
        question = read_question(campaign.draft.cohort)
        digest, place, excluded = hashlib.sha256(_what(campaign)), 0, Counter[str]()
        async for people in read_people(database, at=at):
            reaches = await _reaches(connection, [person.id for person in people])
            rows: list[dict[str, Any]] = []
            for person in people:
                reason = why_not(
                    person,
                    match(question, person, at=at),
                    reaches[person.id],
                    study=campaign.draft.study,
                    sponsors=sponsors,
                    channels=campaign.draft.channels,
                )
                digest.update(f"{person.id} {reason or 'yes'}\n".encode())
                rows.append(
                    {
                        "id": new_id(),
                        "campaign_id": campaign.id,
                        "participant_id": person.id,
                        "place": place if reason is None else None,
                        "reason": reason,
                    }
                )
                if reason is None:
                    place += 1
                else:
                    excluded[reason] += 1
            await connection.execute(insert(campaign_members), rows)
        await connection.execute(
            update(campaigns)
            .where(campaigns.c.id == campaign.id)
            .values(status=status, dry_run_sha256=digest.hexdigest(), dry_run_at=at, approved_by=None)
        )
        found = DryRun(included=place, excluded=dict(excluded), sha256=digest.hexdigest())
        await _note(connection, campaign.id, "dry_run", by=by, at=at, sha256=found.sha256, included=place)
    return found


def _what(campaign: Campaign) -> bytes:
    """Everything about a campaign that an approval is given for, beside the list."""
    draft = campaign.draft
    return json.dumps(
        [
            *(str(campaign.id), draft.study, draft.cohort, draft.says, list(draft.channels)),
            *(draft.pace.wave_size, draft.pace.wave_every / HOUR, draft.pace.per_hour, draft.expires.days),
            *(draft.starts_at.isoformat(), draft.ends_at.isoformat()),
        ]
    ).encode()


async def _reaches(connection: AsyncConnection, ids: list[UUID]) -> Mapping[UUID, Reach]:
    usable: dict[UUID, set[str]] = {}
    for row in await connection.execute(
        select(contact_points.c.participant_id, contact_points.c.channel).where(
            contact_points.c.participant_id.in_(ids),
            contact_points.c.verified_at.is_not(None),
            contact_points.c.problem.is_(None),
        )
    ):
        usable.setdefault(row.participant_id, set()).add(row.channel)
    said = await connection.execute(
        select(participants.c.id, ledger_of(participants.c.id).label("ledger")).where(participants.c.id.in_(ids))
    )
    silenced = {row.id: read_ledger(row.ledger) for row in said}
    return {each: Reach(usable=frozenset(usable.get(each, ())), silenced=silenced[each]) for each in ids}


async def approve(connection: AsyncConnection, name: str, *, sha256: str, by: str, at: datetime) -> None:
    """A second coordinator agrees to the list of that hash. `CampaignRefused` for one's own campaign, or another list."""
    campaign = await read_campaign(connection, name, lock=True)
    status = check_step(campaign, "approve")
    if by == campaign.created_by:
        raise CampaignRefused("somebody else has to approve it")
    if sha256 != campaign.dry_run:
        raise CampaignRefused("that is not the list of the last dry run")
    await connection.execute(
        update(campaigns).where(campaigns.c.id == campaign.id).values(status=status, approved_by=by)
    )
    await _note(connection, campaign.id, "approved", by=by, at=at, sha256=sha256)


async def start(connection: AsyncConnection, name: str, *, by: str, at: datetime) -> None:
    """Begin, or go on with exactly those who were not reached yet."""
    campaign = await read_campaign(connection, name, lock=True)
    status = check_step(campaign, "start")
    if at >= campaign.draft.ends_at:
        raise CampaignRefused("it has ended")
    since = max(at, campaign.draft.starts_at)
    await plan_again(connection, campaign, at=at)
    first = await connection.scalar(
        select(func.coalesce(func.max(campaign_members.c.place) + 1, 0))
        .join(
            touchpoints,
            (touchpoints.c.campaign_id == campaign_members.c.campaign_id)
            & (touchpoints.c.participant_id == campaign_members.c.participant_id),
        )
        .where(campaign_members.c.campaign_id == campaign.id)
    )
    await connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign.id)
        .values(status=status, running_since=since, running_from=first)
    )
    await _note(connection, campaign.id, "started", by=by, at=at)


async def halt(connection: AsyncConnection, name: str, step: str, *, by: str, at: datetime) -> int:
    """`step`: pause or stop. What has not left the house does not; returns how many were called back."""
    campaign = await read_campaign(connection, name, lock=True)
    status = check_step(campaign, step)
    await connection.execute(update(campaigns).where(campaigns.c.id == campaign.id).values(status=status))
    back = await cancel_unsent(connection, campaign, at=at) if campaign.status == RUNNING else 0
    await _note(connection, campaign.id, status, by=by, at=at, called_back=back)
    return back


async def _note(
    connection: AsyncConnection, campaign: UUID, action: str, *, by: str, at: datetime, **details: Any
) -> None:
    await record_audit(connection, actor=by, action=f"campaign_{action}", subject=str(campaign), at=at, details=details)
