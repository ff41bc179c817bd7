"""The audit trail (21 CFR 11.10(e)): who did what to whom, when; each event bound to the one before by its hash.

A trigger refuses changes; the chain finds what a superuser changed all the same. Details carry ids and codes only.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import lock_in_transaction
from storage.tables import audit_events

GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What `verify_chain` found. `broken_at` is the first event whose hash does not follow; None when all do."""

    events: int
    head: str
    broken_at: int | None


async def record_audit(
    connection: AsyncConnection,
    *,
    actor: str,
    action: str,
    subject: str,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Append one event to the chain, in the caller's transaction."""
    await lock_in_transaction(connection, "audit", "chain")
    previous = (
        await connection.scalar(select(audit_events.c.hash).order_by(audit_events.c.seq.desc()).limit(1)) or GENESIS
    )
    event = {"at": at, "actor": actor, "action": action, "subject": subject, "details": dict(details or {})}
    await connection.execute(
        insert(audit_events).values(**event, previous_hash=previous, hash=event_hash(previous, event))
    )


async def verify_chain(connection: AsyncConnection) -> Verdict:
    """Recompute every hash in order."""
    previous, count = GENESIS, 0
    rows = await connection.stream(select(audit_events).order_by(audit_events.c.seq))
    async for row in rows:
        event = {name: getattr(row, name) for name in ("at", "actor", "action", "subject", "details")}
        if row.previous_hash != previous or row.hash != event_hash(previous, event):
            return Verdict(events=count, head=previous, broken_at=row.seq)
        previous, count = row.hash, count + 1
    return Verdict(events=count, head=previous, broken_at=None)


def event_hash(previous: str, event: Mapping[str, Any]) -> str:
    """SHA-256 over the previous hash and the event as canonical JSON (sorted keys, UTC microseconds)."""
    canonical = {**event, "at": event["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
