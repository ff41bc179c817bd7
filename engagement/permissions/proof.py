"""The ledger as evidence: every entry with who, when, how and in which words, and whether it is what the audit trail vouches for.

A trigger refuses changes; whatever a superuser changes, puts in or takes away all the same is found here and named.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from engagement.permissions.entry import KINDS, Entry
from engagement.permissions.ledger import digest_of
from engagement.signatures.ledger import open_record
from engagement.signatures.record import SignatureRecord
from storage.crypto import CryptoError, Keyring
from storage.database import lock_in_transaction
from storage.tables import audit_events, content_versions, participants, permissions, signatures

TAKEN_OVER = "permissions_taken_over"
"""The one event that vouches for entries from before the trail did."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One entry with its provenance. `words`: our text that it answers, "" for none; `approval`: of those words.

    `event`: the audit event's number, `event_hash` its place in the chain; None where the trail knows nothing of the entry.
    `good`: the entry is what the event vouches for. `signed`: what a representative signed, None for who speaks for themselves.
    """

    entry: Entry
    participant_id: UUID
    actor: str
    said_on: str
    cause_id: UUID | None
    document_sha256: str
    reason: str
    words_key: str
    words_language: str
    words_version: int
    words_sha256: str
    words: str
    approval: str
    digest: str
    event: int | None
    event_hash: str
    good: bool
    signed: SignatureRecord | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """An entry that is not what the trail vouches for. `what`: altered, missing, or not on the trail."""

    entry_id: UUID
    what: str


@dataclass(frozen=True, kw_only=True)
class _Vouched:
    seq: int
    hash: str
    digest: str
    subject: str


async def read_history(
    connection: AsyncConnection, keyring: Keyring, participant_id: UUID, *, until: datetime | None = None
) -> Sequence[Shown]:
    """A participant's whole ledger in order, with the entries from before a merge; `until`: no later ones."""
    same_person = select(participants.c.id).where(
        (participants.c.id == participant_id) | (participants.c.merged_into == participant_id)
    )
    wanted = (
        select(permissions, content_versions.c.key.label("words_key"), content_versions.c.language,
               content_versions.c.version, content_versions.c.sha256, content_versions.c.text,
               content_versions.c.approval_id, signatures.c.record)
        .outerjoin(content_versions, content_versions.c.id == permissions.c.content_version_id)
        .outerjoin(signatures, signatures.c.id == permissions.c.signature_id)
        .where(permissions.c.participant_id.in_(same_person))
        .order_by(permissions.c.at, permissions.c.seq)
    )  # fmt: skip
    if until is not None:
        wanted = wanted.where(permissions.c.at <= until)
    people = [str(person) for person in (await connection.execute(same_person)).scalars()]
    vouched = {key: value async for key, value in _vouched(connection, subjects=people)}
    return [_shown(row, vouched.get(row.id), keyring) for row in await connection.execute(wanted)]


async def verify_permissions(connection: AsyncConnection, keyring: Keyring) -> tuple[int, Sequence[Finding]]:
    """Hold every entry against the trail, and the trail against the entries. Returns how many, and what is wrong."""
    vouched = {key: value async for key, value in _vouched(connection)}
    findings: list[Finding] = []
    seen: set[UUID] = set()
    async for row in await connection.stream(select(permissions).order_by(permissions.c.seq)):
        seen.add(row.id)
        known = vouched.get(row.id)
        if known is None:
            findings.append(Finding(entry_id=row.id, what="not on the trail"))
        elif not _is_good(row, known, keyring):
            findings.append(Finding(entry_id=row.id, what="altered"))
    findings += [Finding(entry_id=entry, what="missing") for entry in sorted(vouched.keys() - seen)]
    return len(seen), findings


async def find_missing(connection: AsyncConnection, participant_id: UUID) -> Sequence[UUID]:
    """Entries of this participant that the trail vouches for and the ledger has not."""
    same_person = select(participants.c.id).where(
        (participants.c.id == participant_id) | (participants.c.merged_into == participant_id)
    )
    people = [str(person) for person in (await connection.execute(same_person)).scalars()]
    vouched = {key async for key, known in _vouched(connection, subjects=people) if known.subject}
    there = (await connection.execute(select(permissions.c.id).where(permissions.c.id.in_(vouched)))).scalars()
    return sorted(vouched - set(there))


async def take_over_earlier(connection: AsyncConnection, *, at: datetime) -> int:
    """Put entries that were written before the trail vouched for any onto it. Returns how many; 0 ever after."""
    await lock_in_transaction(connection, "audit", TAKEN_OVER)
    if [key async for key, _ in _vouched(connection)]:
        return 0
    rows = (await connection.execute(select(permissions).order_by(permissions.c.seq))).all()
    if rows:
        entries = {str(row.id): digest_of(row) for row in rows}
        await record_audit(
            connection, actor="service", action=TAKEN_OVER, subject="permissions", at=at, details={"entries": entries}
        )
    return len(rows)


async def _vouched(
    connection: AsyncConnection, *, subjects: Sequence[str] | None = None
) -> AsyncIterator[tuple[UUID, _Vouched]]:
    actions = [f"permission_{kind}" for kind in KINDS]
    events: Select[Any] = select(audit_events).where(audit_events.c.action.in_([*actions, TAKEN_OVER]))
    if subjects is not None:
        events = events.where(audit_events.c.subject.in_([*subjects, "permissions"]))
    async for event in await connection.stream(events.order_by(audit_events.c.seq)):
        if event.action == TAKEN_OVER:
            for entry, digest in event.details["entries"].items():
                yield UUID(entry), _Vouched(seq=event.seq, hash=event.hash, digest=digest, subject="")
        else:
            yield (
                UUID(event.details["entry"]),
                _Vouched(seq=event.seq, hash=event.hash, digest=event.details["digest"], subject=event.subject),
            )


def _is_good(row: Row[Any], known: _Vouched, keyring: Keyring) -> bool:
    try:
        _reason(row, keyring)
    except CryptoError:
        return False
    return digest_of(row) == known.digest and known.subject in ("", str(row.participant_id))


def _reason(row: Row[Any], keyring: Keyring) -> str:
    return keyring.open(row.reason, place="permissions.reason", row=row.id) if row.reason else ""


def _shown(row: Row[Any], known: _Vouched | None, keyring: Keyring) -> Shown:
    good = known is not None and _is_good(row, known, keyring)
    return Shown(
        entry=Entry(
            id=row.id,
            seq=row.seq,
            at=row.at,
            kind=row.kind,
            purpose=row.purpose,
            study=row.study_slug,
            scopes=None if row.scopes is None else frozenset(row.scopes),
            channels=None if row.channels is None else frozenset(row.channels),
            per_year=row.per_year,
            document_version=row.document_version,
            expires_at=row.expires_at,
        ),
        participant_id=row.participant_id,
        actor=row.actor,
        said_on=row.said_on or "",
        cause_id=row.cause_id,
        document_sha256=row.document_sha256 or "",
        reason=_reason(row, keyring) if good else "",
        words_key=row.words_key or "",
        words_language=row.language or "",
        words_version=row.version or 0,
        words_sha256=row.sha256 or "",
        words=row.text or "",
        approval=row.approval_id or "",
        digest=digest_of(row),
        event=None if known is None else known.seq,
        event_hash="" if known is None else known.hash,
        good=good,
        signed=open_record(row.record, row.signature_id, keyring) if good and row.record else None,
    )
