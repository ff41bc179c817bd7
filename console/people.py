"""A participant as a coordinator sees them: the conversation, questionnaires, opt-outs, sends that nobody can account for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.questionnaires import read_questionnaires
from conversation.settling import Settlement, read_settlements
from conversation.transcript import Entry, read_transcript
from engagement.audit import record_audit
from engagement.instruments import Instruments
from engagement.interviews.shown import Shown
from engagement.optout_history import Line, list_silenced, newest_inbound, read_opt_outs
from engagement.optouts import silenced_channels
from storage.crypto import Keyring
from storage.tables import conversations, coordinators, messages, participants


@dataclass(frozen=True, kw_only=True)
class Person:
    """One conversation and what stands around it. `seen` is the newest message that the reader was shown."""

    id: UUID
    label: str
    language: str
    study: str
    channel: str
    silenced: frozenset[str]
    opt_outs: Sequence[Line]
    questionnaires: Sequence[Shown]
    entries: Sequence[Entry]
    settlements: Mapping[UUID, Settlement]
    names: Mapping[str, str]
    """Coordinators' addresses by id, for the lines that name one."""
    seen: UUID | None


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """A participant with an opt-out in force."""

    participant_id: UUID
    label: str
    channels: Sequence[str]
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Unsettled:
    """One send whose fate only the provider knows."""

    message_id: UUID
    participant_id: UUID
    label: str
    channel: str
    at: datetime


def label_of(keyring: Keyring, participant_id: UUID, name: bytes | None) -> str:
    """The name where it is known, else the end of the id."""
    known = keyring.open(name, place="participants.name", row=participant_id) if name else ""
    return known or f"Participant {str(participant_id)[-6:]}"


async def read_person(
    connection: AsyncConnection,
    keyring: Keyring,
    participant_id: UUID,
    *,
    instruments: Mapping[str, Instruments],
    by: UUID,
    at: datetime,
    cause_id: UUID | None = None,
) -> Person | None:
    """What is known of a participant; that it was read is on the audit trail. `cause_id` as in `read_transcript`."""
    row = (
        await connection.execute(
            select(
                participants.c.name,
                participants.c.language,
                conversations.c.study_slug,
                conversations.c.channel,
            )
            .join(conversations, conversations.c.participant_id == participants.c.id)
            .where(participants.c.id == participant_id)
        )
    ).first()
    if row is None:
        return None
    await record_audit(connection, actor=str(by), action="transcript_read", subject=str(participant_id), at=at)
    opt_outs = await read_opt_outs(connection, keyring, participant_id)
    settlements = await read_settlements(connection, keyring, participant_id)
    # First: what comes in between is then newer than what was seen, and stops an opt-in.
    seen = await newest_inbound(connection, participant_id)
    return Person(
        id=participant_id,
        label=label_of(keyring, participant_id, row.name),
        language=row.language,
        study=row.study_slug or "",
        channel=row.channel or "",
        silenced=await silenced_channels(connection, participant_id),
        opt_outs=opt_outs,
        questionnaires=await read_questionnaires(connection, keyring, instruments, participant_id),
        entries=await read_transcript(connection, keyring, participant_id, everything=True, cause_id=cause_id),
        settlements=settlements,
        names=await names_of(
            connection, keyring, {line.actor for line in opt_outs} | {one.actor for one in settlements.values()}
        ),
        seen=seen,
    )


async def stopped(connection: AsyncConnection, keyring: Keyring) -> Sequence[Stopped]:
    """Who has stopped messages, the newest first."""
    found = await list_silenced(connection)
    wanted = [one.participant_id for one in found]
    rows = await connection.execute(select(participants.c.id, participants.c.name).where(participants.c.id.in_(wanted)))
    labels = {row.id: label_of(keyring, row.id, row.name) for row in rows}
    return [
        Stopped(
            participant_id=one.participant_id,
            label=labels[one.participant_id],
            channels=one.channels,
            since=one.since,
        )
        for one in found
    ]


async def unsettled(connection: AsyncConnection, keyring: Keyring) -> Sequence[Unsettled]:
    """Sends of unknown fate, the oldest first."""
    rows = await connection.execute(
        select(messages.c.id, messages.c.participant_id, messages.c.channel, messages.c.created_at, participants.c.name)
        .join(participants, participants.c.id == messages.c.participant_id)
        .where(messages.c.direction == "out", messages.c.status == "unknown")
        .order_by(messages.c.created_at, messages.c.id)
        .limit(200)
    )
    return [
        Unsettled(
            message_id=row.id,
            participant_id=row.participant_id,
            label=label_of(keyring, row.participant_id, row.name),
            channel=row.channel,
            at=row.created_at,
        )
        for row in rows
    ]


async def count_unsettled(connection: AsyncConnection) -> int:
    """How many sends are of unknown fate."""
    found = await connection.scalar(
        select(func.count()).where(messages.c.direction == "out", messages.c.status == "unknown")
    )
    return int(found or 0)


async def names_of(connection: AsyncConnection, keyring: Keyring, actors: set[str]) -> Mapping[str, str]:
    """Coordinators' addresses by id, of those actors of ledger lines that are coordinators."""
    ids = []
    for actor in actors - {"participant", "provider"}:
        try:
            ids.append(UUID(actor))
        except ValueError:
            continue
    rows = await connection.execute(select(coordinators.c.id, coordinators.c.email).where(coordinators.c.id.in_(ids)))
    return {str(row.id): keyring.open(row.email, place="coordinators.email", row=row.id) for row in rows}
