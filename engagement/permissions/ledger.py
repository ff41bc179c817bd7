"""The permissions ledger in the database: written once, read as one value, bound into the audit chain."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, Uuid, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from engagement.permissions.entry import Entry, check_entry, read_entries
from engagement.permissions.standing import Standing, standing_at
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import participants, permissions

CHAINED = (
    "id",
    "seq",
    "participant_id",
    "study_slug",
    "kind",
    "purpose",
    "scopes",
    "channels",
    "per_year",
    "at",
    "expires_at",
    "actor",
    "said_on",
    "cause_id",
    "content_version_id",
    "document_version",
    "document_sha256",
)
"""The columns whose values an entry's audit event vouches for. The reason is sealed: its seal vouches for what it says, the event
that there is one. A signature is vouched for where there is one, so that entries from before there were any keep their hash."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """How it was said. `actor`: participant, representative, service, or a coordinator's id. `said_on`: a channel, "web",
    "paper", or who reported it.

    `message_id`: the message that said so. `content_version_id`: our words that it answers. `signature_id`: of a
    representative, the signature that says who they are and as what they speak.
    """

    actor: str
    said_on: str
    message_id: UUID | None = None
    content_version_id: UUID | None = None
    signature_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentSigned:
    """The consent document that a grant stands in. `sha256`: of its exact words, 64 hex digits."""

    version: str
    sha256: str


async def record_permission(
    connection: AsyncConnection,
    participant_id: UUID,
    *,
    kind: str,
    purpose: str,
    at: datetime,
    cause: Cause,
    study: str | None = None,
    scopes: Iterable[str] | None = None,
    channels: Iterable[str] | None = None,
    per_year: int | None = None,
    document: DocumentSigned | None = None,
    expires_at: datetime | None = None,
    reason: str = "",
    keyring: Keyring | None = None,
) -> UUID:
    """Add one entry (fields as in `Entry`) and its audit event, in the caller's transaction. Returns the entry's id.

    Raises ValueError where it says what can't be meant. `reason`: why, in somebody's own words; sealed with `keyring`.
    """
    row = new_id()
    if reason and keyring is None:
        raise ValueError("A reason is kept sealed: give the keyring along.")
    entry = Entry(
        id=row,
        seq=0,
        at=at,
        kind=kind,
        purpose=purpose,
        study=study,
        scopes=None if scopes is None else frozenset(scopes),
        channels=None if channels is None else frozenset(channels),
        per_year=per_year,
        document_version=None if document is None else document.version,
        expires_at=expires_at,
    )
    check_entry(entry)
    written = (
        await connection.execute(
            insert(permissions)
            .values(
                id=row,
                participant_id=participant_id,
                study_slug=study,
                kind=kind,
                purpose=purpose,
                scopes=None if entry.scopes is None else sorted(entry.scopes),
                channels=None if entry.channels is None else sorted(entry.channels),
                per_year=per_year,
                at=at,
                expires_at=expires_at,
                actor=cause.actor,
                said_on=cause.said_on,
                cause_id=cause.message_id,
                content_version_id=cause.content_version_id,
                document_version=entry.document_version,
                document_sha256=None if document is None else document.sha256,
                signature_id=cause.signature_id,
                reason=keyring.seal(reason, place="permissions.reason", row=row) if reason and keyring else None,
            )
            .returning(permissions)
        )
    ).one()
    await record_audit(
        connection,
        actor=cause.actor,
        action=f"permission_{kind}",
        subject=str(participant_id),
        at=at,
        details={"entry": str(row), "purpose": purpose, "digest": digest_of(written)},
    )
    return row


def digest_of(row: Row[Any]) -> str:
    """SHA-256 (hex) of what an entry says: its `CHAINED` columns as canonical JSON, instants in UTC."""
    said: dict[str, Any] = {"reason": row.reason is not None}
    for name in (*CHAINED, *(["signature_id"] if row.signature_id is not None else [])):
        value = getattr(row, name)
        if isinstance(value, datetime):
            value = value.astimezone(UTC).isoformat(timespec="microseconds")
        said[name] = str(value) if isinstance(value, UUID) else value
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


# Under a name of its own: the statement around may be about participants too.
_same = participants.alias("same")


def ledger_of(participant_id: ColumnElement[UUID]) -> ScalarSelect[Any]:
    """The participant's ledger as one JSON value, those entries included that were made before a merge.

    For a statement that needs more of the participant than this; `read_entries` reads it.
    """
    same_person = (
        select(_same.c.id)
        .where((_same.c.id == participant_id) | (_same.c.merged_into == participant_id))
        .correlate_except(_same)
    )
    entry = func.jsonb_build_object(
        *(
            part
            for name, column in (
                ("id", permissions.c.id),
                ("seq", permissions.c.seq),
                ("at", permissions.c.at),
                ("kind", permissions.c.kind),
                ("purpose", permissions.c.purpose),
                ("study", permissions.c.study_slug),
                ("scopes", permissions.c.scopes),
                ("channels", permissions.c.channels),
                ("per_year", permissions.c.per_year),
                ("document_version", permissions.c.document_version),
                ("expires_at", permissions.c.expires_at),
            )
            for part in (name, column)
        )
    )
    return (
        select(func.jsonb_agg(aggregate_order_by(entry, permissions.c.at, permissions.c.seq)))
        .where(permissions.c.participant_id.in_(same_person))
        .correlate_except(permissions)
        .scalar_subquery()
    )


_LEDGER = select(ledger_of(bindparam("participant", type_=Uuid)))


async def read_standing(connection: AsyncConnection, participant_id: UUID, *, at: datetime) -> Standing:
    """What this participant permits at `at`."""
    return standing_at(read_entries(await connection.scalar(_LEDGER, {"participant": participant_id})), at)
