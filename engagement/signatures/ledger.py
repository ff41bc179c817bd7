"""Signatures and signed copies in the database: written once, sealed, and each bound into the audit trail by its hash."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from engagement.signatures.record import SignatureRecord, read_record, record_sha256, write_record
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import signatures, signed_copies

SIGNED, COPIED = "consent_signed", "consent_copy_made"
"""The audit trail's words for a signature and for a copy."""
_RECORD, _PDF = "signatures.record", "signed_copies.pdf"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """A signature as it is kept. `sha256`: of the written record."""

    record: SignatureRecord
    sha256: str


async def add_signature(connection: AsyncConnection, keyring: Keyring, record: SignatureRecord) -> Signature:
    """Keep a signature and its audit event, in the caller's transaction. A second one of the same role on the same request
    is refused by the database (`IntegrityError`).
    """
    text = write_record(record)
    sha256 = record_sha256(text)
    await connection.execute(
        insert(signatures).values(
            id=record.id,
            request_id=record.request,
            participant_id=record.participant,
            study_slug=record.study,
            role=record.role,
            document_version=record.version,
            document_sha256=record.document_sha256,
            at=record.at,
            record=keyring.seal(text, place=_RECORD, row=record.id),
            record_sha256=sha256,
        )
    )
    await record_audit(
        connection,
        actor=record.by or record.role,
        action=SIGNED,
        subject=str(record.participant),
        at=record.at,
        details={
            "signature": str(record.id),
            "role": record.role,
            "document_sha256": record.document_sha256,
            "record_sha256": sha256,
        },
    )
    return Signature(record=record, sha256=sha256)


async def signatures_on(connection: AsyncConnection, keyring: Keyring, request_id: UUID) -> Sequence[Signature]:
    """The signatures given on one request, oldest first."""
    rows = await connection.execute(
        select(signatures).where(signatures.c.request_id == request_id).order_by(signatures.c.at, signatures.c.id)
    )
    return [Signature(record=open_record(row.record, row.id, keyring), sha256=row.record_sha256) for row in rows]


def open_record(sealed: bytes, row: UUID, keyring: Keyring) -> SignatureRecord:
    """The record of the signature `row`. Raises `CryptoError` where the seal does not hold."""
    return read_record(keyring.open(sealed, place=_RECORD, row=row))


async def add_copy(
    connection: AsyncConnection, keyring: Keyring, *, request_id: UUID, participant_id: UUID, pdf: bytes, at: datetime
) -> UUID:
    """Keep the file that the participant gets, and its audit event."""
    row, sha256 = new_id(), hashlib.sha256(pdf).hexdigest()
    await connection.execute(
        insert(signed_copies).values(
            id=row,
            request_id=request_id,
            participant_id=participant_id,
            at=at,
            pdf=keyring.seal(b64encode(pdf).decode(), place=_PDF, row=row),
            pdf_sha256=sha256,
        )
    )
    await record_audit(
        connection,
        actor="service",
        action=COPIED,
        subject=str(participant_id),
        at=at,
        details={"copy": str(row), "request": str(request_id), "pdf_sha256": sha256},
    )
    return row


async def newest_copy(connection: AsyncConnection, keyring: Keyring, request_id: UUID) -> bytes | None:
    """The signed document's file, as it was made last."""
    row = (
        await connection.execute(
            select(signed_copies)
            .where(signed_copies.c.request_id == request_id)
            .order_by(signed_copies.c.at.desc(), signed_copies.c.id.desc())
            .limit(1)
        )
    ).first()
    return None if row is None else b64decode(keyring.open(row.pdf, place=_PDF, row=row.id))
