"""Recontact campaigns: a cohort, its words, a pace; checked by a dry run, approved by a second coordinator, halted within seconds.

    await create_campaign(connection, draft, by=maya, at=now)
    found = await dry_run(database, draft.name, sponsors=sponsors, by=maya, at=now)
    await approve(connection, draft.name, sha256=found.sha256, by=noor, at=now)
    await start(connection, draft.name, by=noor, at=now)

The tick turns who is due into touchpoints (`make_touchpoints`), which pass the gate like all others.
"""

from engagement.campaigns.book import (
    DryRun,
    approve,
    create_campaign,
    dry_run,
    halt,
    read_campaign,
    start,
)
from engagement.campaigns.campaign import Campaign, CampaignRefused, Draft, Pace
from engagement.campaigns.waves import make_touchpoints, running_campaigns

__all__ = [
    "Campaign",
    "CampaignRefused",
    "Draft",
    "DryRun",
    "Pace",
    "approve",
    "create_campaign",
    "dry_run",
    "halt",
    "make_touchpoints",
    "read_campaign",
    "running_campaigns",
    "start",
]
