"""The opt-out ledger as a coordinator reads it, and the one change they may make to it: an opt-in, with a reason."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.optouts import ALL_CHANNELS, record_opt_in, silenced_channels
from storage.crypto import Keyring
from storage.database import lock_in_transaction
from storage.tables import messages, opt_outs, participants


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the ledger. `actor`: `participant`, `provider`, or a coordinator's id. `reason`: a coordinator's."""

    out: bool
    channels: tuple[str, ...]
    at: datetime
    actor: str
    cause_id: UUID | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Silenced:
    """A participant with an opt-out in force. `since`: the newest of those that are."""

    participant_id: UUID
    channels: tuple[str, ...]
    since: datetime


class HasWrittenSince(Exception):
    """The participant has written since the coordinator looked: what they wrote may be the next STOP."""


async def read_opt_outs(connection: AsyncConnection, keyring: Keyring, participant_id: UUID) -> Sequence[Line]:
    """A participant's ledger, newest first, with the lines from before a merge."""
    same_person = select(participants.c.id).where(
        (participants.c.id == participant_id) | (participants.c.merged_into == participant_id)
    )
    rows = await connection.execute(
        select(opt_outs)
        .where(opt_outs.c.participant_id.in_(same_person))
        .order_by(opt_outs.c.at.desc(), opt_outs.c.id.desc())
    )
    return [
        Line(
            out=row.action == "out",
            channels=tuple(sorted(ALL_CHANNELS if row.channels is None else row.channels)),
            at=row.at,
            actor=row.actor,
            cause_id=row.cause_id,
            reason=keyring.open(row.reason, place="opt_outs.reason", row=row.id) if row.reason else "",
        )
        for row in rows
    ]


async def list_silenced(connection: AsyncConnection, *, limit: int = 200) -> Sequence[Silenced]:
    """Who has an opt-out in force, the newest first: for each channel, a person's last line that means it decides."""
    person = func.coalesce(participants.c.merged_into, participants.c.id).label("person")
    everything = literal(sorted(ALL_CHANNELS), ARRAY(Text))
    channel = func.unnest(func.coalesce(opt_outs.c.channels, everything)).label("channel")
    lines = (
        select(person, channel, opt_outs.c.action, opt_outs.c.at, opt_outs.c.id)
        .join(participants, participants.c.id == opt_outs.c.participant_id)
        .subquery()
    )
    newest = (
        func.row_number()
        .over(partition_by=(lines.c.person, lines.c.channel), order_by=(lines.c.at.desc(), lines.c.id.desc()))
        .label("newest")
    )
    last = select(lines, newest).subquery()
    since = func.max(last.c.at)
    rows = await connection.execute(
        select(last.c.person, func.array_agg(last.c.channel).label("channels"), since.label("since"))
        .where(last.c.newest == 1, last.c.action == "out")
        .group_by(last.c.person)
        .order_by(since.desc())
        .limit(limit)
    )
    return [Silenced(participant_id=row.person, channels=tuple(sorted(row.channels)), since=row.since) for row in rows]


async def newest_inbound(connection: AsyncConnection, participant_id: UUID) -> UUID | None:
    """What a participant wrote last, handled or not."""
    found = await connection.scalar(
        select(messages.c.id)
        .where(messages.c.participant_id == participant_id, messages.c.direction == "in")
        .order_by(messages.c.created_at.desc(), messages.c.id.desc())
        .limit(1)
    )
    return None if found is None else UUID(str(found))


async def undo_opt_out(
    connection: AsyncConnection,
    keyring: Keyring,
    participant_id: UUID,
    *,
    channels: Collection[str],
    by: UUID,
    reason: str,
    seen: UUID | None,
    at: datetime,
) -> frozenset[str]:
    """A coordinator opts a participant in again on those of `channels` that are silenced; returns these.

    `seen`: the participant's newest message when the coordinator looked. Raises `HasWrittenSince` where there is a
    newer one, ValueError without a reason. Nothing is sent by it, nor what was held back.
    """
    await lock_in_transaction(connection, "opt_out", participant_id)
    undone = frozenset(channels) & await silenced_channels(connection, participant_id)
    if not undone:
        return undone
    if await newest_inbound(connection, participant_id) != seen:
        raise HasWrittenSince
    await record_opt_in(
        connection, participant_id, at=at, actor=str(by), channels=sorted(undone), reason=reason, keyring=keyring
    )
    return undone
