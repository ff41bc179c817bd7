"""The campaign tick: of each campaign that runs, whoever is due by now gets a touchpoint. Safe to run twice, also at the same time."""

from datetime import datetime

from engagement.campaigns import make_touchpoints, read_campaign, running_campaigns
from engagement.campaigns.campaign import RUNNING
from storage.database import Database


async def run_campaigns(database: Database, *, at: datetime) -> int:
    """Plan a batch of each campaign's people who are due; returns how many. A batch is a transaction: halting waits for one."""
    async with database.begin() as connection:
        names = await running_campaigns(connection)
    planned = 0
    for name in names:
        async with database.begin() as connection:
            campaign = await read_campaign(connection, name, lock=True)
            if campaign.status == RUNNING:
                planned += await make_touchpoints(connection, campaign, at=at)
    return planned
