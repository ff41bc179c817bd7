"""Assignment in the database: once for each participant, logged before anything is sent, never changed."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.experiments.design import Arm, Design, arm_at, stratum_of
from storage.ids import new_id
from storage.tables import experiment_assignments as assignments
from storage.tables import participants


async def assign_arm(
    connection: AsyncConnection,
    design: Design,
    participant: UUID,
    traits: Mapping[str, str],
    *,
    at: datetime,
    counts_from: datetime,
) -> Arm:
    """The participant's arm, assigned now or long ago. `counts_from`: when the variant is due, the outcome's clock starts.

    The stratum is the one at assignment: who moves or changes language stays where chance has put them.
    """
    stratum = stratum_of(design, traits)
    # One at a time in a stratum, so that its positions have no gap; the lock ends with the transaction.
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{design.name}|{stratum}", 0))))
    known = await connection.scalar(
        select(assignments.c.arm)
        .join(participants, participants.c.id == assignments.c.participant_id)
        .where(
            assignments.c.experiment == design.name,
            or_(participants.c.id == participant, participants.c.merged_into == participant),
        )
        .order_by(assignments.c.at, assignments.c.id)
        .limit(1)
    )
    if known is not None:
        return design.arm(known)
    position = await connection.scalar(
        select(func.count()).where(assignments.c.experiment == design.name, assignments.c.stratum == stratum)
    )
    arm = arm_at(design, stratum, position or 0)
    await connection.execute(
        insert(assignments).values(
            id=new_id(),
            experiment=design.name,
            participant_id=participant,
            stratum=stratum,
            position=position or 0,
            arm=arm,
            at=at,
            counts_from=counts_from,
        )
    )
    return design.arm(arm)


async def read_arms(connection: AsyncConnection, who: Collection[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    """Participant → experiment → arm, of those that have been assigned; also under whom they turned out to be."""
    whose = func.coalesce(participants.c.merged_into, participants.c.id)
    rows = await connection.execute(
        select(whose.label("whose"), assignments.c.experiment, assignments.c.arm)
        .join(participants, participants.c.id == assignments.c.participant_id)
        .where(whose.in_(who))
        .order_by(assignments.c.at.desc(), assignments.c.id.desc())
    )
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    for row in rows:
        found[row.whose][row.experiment] = row.arm  # the earliest is written last, and stays
    return found
