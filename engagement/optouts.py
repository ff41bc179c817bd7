"""The opt-out ledger: who asked for silence, on which channels, when, and who undid it. Only ever added to.

An opt-out covers every purpose and channel unless the person narrowed it. Only an explicit opt-in (START, or a
coordinator with a written reason) undoes it; what is in force is derived by replaying the ledger.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Uuid, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import opt_outs, participants

ALL_CHANNELS = frozenset({"sms", "webchat", "email"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the ledger. `channels` None means all."""

    out: bool
    channels: frozenset[str] | None


def replay(entries: Iterable[Entry]) -> frozenset[str]:
    """The channels that are silenced after these entries, oldest first."""
    silenced: frozenset[str] = frozenset()
    for entry in entries:
        meant = ALL_CHANNELS if entry.channels is None else entry.channels
        silenced = silenced | meant if entry.out else silenced - meant
    return silenced


# Under a name of its own: the statement around may be about participants too.
_same = participants.alias("same")


def ledger_of(participant_id: ColumnElement[UUID]) -> ScalarSelect[Any]:
    """The participant's ledger as one JSON value, those entries included that were made before a merge.

    For a statement that needs more of the participant than this; `read_ledger` reads it.
    """
    # Said outright: two levels down, SQLAlchemy would not see that `participant_id` belongs to the statement around.
    same_person = (
        select(_same.c.id)
        .where((_same.c.id == participant_id) | (_same.c.merged_into == participant_id))
        .correlate_except(_same)
    )
    entry = func.jsonb_build_array(opt_outs.c.action, opt_outs.c.channels)
    return (
        select(func.jsonb_agg(aggregate_order_by(entry, opt_outs.c.at, opt_outs.c.id)))
        .where(opt_outs.c.participant_id.in_(same_person))
        .correlate_except(opt_outs)
        .scalar_subquery()
    )


def read_ledger(value: Sequence[tuple[str, Sequence[str] | None]] | None) -> frozenset[str]:
    """The channels that are silenced, from what `ledger_of` gave."""
    return replay(
        Entry(out=action == "out", channels=None if channels is None else frozenset(channels))
        for action, channels in value or ()
    )


_LEDGER = select(ledger_of(bindparam("participant", type_=Uuid)))


async def silenced_channels(connection: AsyncConnection, participant_id: UUID) -> frozenset[str]:
    """The channels this participant has silenced."""
    return read_ledger(await connection.scalar(_LEDGER, {"participant": participant_id}))


async def record_opt_out(
    connection: AsyncConnection,
    participant_id: UUID,
    *,
    at: datetime,
    actor: str,
    channels: Sequence[str] | None = None,
    cause_id: UUID | None = None,
) -> None:
    """Silence all channels, or those named."""
    await _record(connection, participant_id, "out", at=at, actor=actor, channels=channels, cause_id=cause_id)


async def record_opt_in(
    connection: AsyncConnection,
    participant_id: UUID,
    *,
    at: datetime,
    actor: str,
    channels: Sequence[str] | None = None,
    cause_id: UUID | None = None,
    reason: str | None = None,
    keyring: Keyring | None = None,
) -> None:
    """Undo an opt-out. By a coordinator only with a written `reason` (sealed with `keyring`), else `ValueError`."""
    if actor not in ("participant", "provider") and not (reason and reason.strip() and keyring):
        raise ValueError("A coordinator undoes an opt-out only with a written reason.")
    await _record(
        connection,
        participant_id,
        "in",
        at=at,
        actor=actor,
        channels=channels,
        cause_id=cause_id,
        reason=reason,
        keyring=keyring,
    )


async def _record(
    connection: AsyncConnection,
    participant_id: UUID,
    action: str,
    *,
    at: datetime,
    actor: str,
    channels: Sequence[str] | None,
    cause_id: UUID | None,
    reason: str | None = None,
    keyring: Keyring | None = None,
) -> None:
    row = new_id()
    await connection.execute(
        insert(opt_outs).values(
            id=row,
            participant_id=participant_id,
            action=action,
            channels=sorted(channels) if channels is not None else None,
            at=at,
            actor=actor,
            cause_id=cause_id,
            reason=keyring.seal(reason, place="opt_outs.reason", row=row) if reason and keyring else None,
        )
    )
    await record_audit(
        connection,
        actor=actor,
        action=f"opt_{action}",
        subject=str(participant_id),
        at=at,
        details={"channels": sorted(channels) if channels is not None else "all"},
    )
