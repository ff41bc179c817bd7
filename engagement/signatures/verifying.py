"""Are all signatures and copies still what was signed? Each is opened, hashed again and held against the audit trail.

What a superuser changes in the database is found and named: a row altered, taken away or put in. The trail itself is checked by
`engagement.audit.verify_chain`; both together leave nothing that may be changed unseen.
"""

import hashlib
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.signatures.ledger import COPIED, SIGNED
from engagement.signatures.record import SignatureRecord, read_record, record_sha256
from storage.crypto import CryptoError, Keyring
from storage.tables import audit_events, signatures, signed_copies


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One row that is not what the trail vouches for. `what`: altered, missing, or not on the trail."""

    table: str
    row: UUID
    what: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """How many signatures and copies were looked at, and what is wrong with which."""

    signatures: int
    copies: int
    findings: tuple[Finding, ...]


async def verify_signatures(connection: AsyncConnection, keyring: Keyring) -> Checked:
    """Look at every signature and every copy. One at a time in memory: a copy is a whole file."""
    findings: list[Finding] = []
    counts: dict[str, int] = {}
    for table, action, name, whole in (
        (signatures, SIGNED, "signature", _whole_signature),
        (signed_copies, COPIED, "copy", _whole_copy),
    ):
        vouched = {UUID(event.details[name]): event async for event in _vouched(connection, action)}
        rows = await connection.stream(select(table).order_by(table.c.id))
        seen: set[UUID] = set()
        async for row in rows:
            seen.add(row.id)
            known = vouched.get(row.id)
            if known is None:
                findings.append(_finding(table, row.id, "not on the trail"))
            elif not whole(row, known, keyring):
                findings.append(_finding(table, row.id, "altered"))
        findings += [_finding(table, row, "missing") for row in sorted(vouched.keys() - seen)]
        counts[name] = len(seen)
    return Checked(signatures=counts["signature"], copies=counts["copy"], findings=tuple(findings))


async def _vouched(connection: AsyncConnection, action: str) -> AsyncIterator[Any]:
    events = await connection.stream(
        select(audit_events.c.subject, audit_events.c.at, audit_events.c.details)
        .where(audit_events.c.action == action)
        .order_by(audit_events.c.seq)
    )
    async for event in events:
        yield event


def _whole_signature(row: Row[Any], event: Any, keyring: Keyring) -> bool:
    try:
        text = keyring.open(row.record, place="signatures.record", row=row.id)
        record = read_record(text)
    except (CryptoError, ValueError, KeyError, TypeError):
        return False
    return bool(
        record_sha256(text) == row.record_sha256 == event.details["record_sha256"]
        and row.document_sha256 == event.details["document_sha256"]
        and str(row.participant_id) == event.subject
        and _columns_of(record) == {name: getattr(row, name) for name in _columns_of(record)}
    )


def _columns_of(record: SignatureRecord) -> Mapping[str, object]:
    """What stands outside the seal must say what stands inside."""
    return {
        "id": record.id,
        "request_id": record.request,
        "participant_id": record.participant,
        "study_slug": record.study,
        "role": record.role,
        "document_version": record.version,
        "document_sha256": record.document_sha256,
        "at": record.at,
    }


def _whole_copy(row: Row[Any], event: Any, keyring: Keyring) -> bool:
    try:
        pdf = b64decode(keyring.open(row.pdf, place="signed_copies.pdf", row=row.id), validate=True)
    except (CryptoError, ValueError):
        return False
    return bool(
        hashlib.sha256(pdf).hexdigest() == row.pdf_sha256 == event.details["pdf_sha256"]
        and str(row.request_id) == event.details["request"]
        and row.at == event.at
        and str(row.participant_id) == event.subject
    )


def _finding(table: Table, row: UUID, what: str) -> Finding:
    return Finding(table=table.name, row=row, what=what)
