"""Codes that prove a phone or mailbox is somebody's: six digits, ten minutes, five attempts."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import verifications

LIFETIME = timedelta(minutes=10)
ATTEMPTS = 5
PER_HOUR = 5
"""Codes one chat may ask for, and one phone or mailbox may be sent, within an hour."""


class CodeVerdict(StrEnum):
    """What became of a code that was typed in."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    TOO_MANY = "too_many"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The verdict, and which contact it proved."""

    verdict: CodeVerdict
    channel: str = ""
    value: str = ""


async def issue_code(
    connection: AsyncConnection, keyring: Keyring, participant_id: UUID, *, channel: str, value: str, at: datetime
) -> tuple[UUID, str] | None:
    """A fresh code (its row's id and the six digits) for this contact, or None where too many were asked for."""
    recent = verifications.c.created_at > at - timedelta(hours=1)
    for of_whom in (
        verifications.c.participant_id == participant_id,
        verifications.c.value_index.in_(keyring.indexes(value)),
    ):
        if (
            await connection.scalar(select(func.count()).select_from(verifications).where(recent, of_whom)) or 0
        ) >= PER_HOUR:
            return None
    row, code = new_id(), f"{secrets.randbelow(10**6):06d}"
    await connection.execute(
        insert(verifications).values(
            id=row,
            participant_id=participant_id,
            channel=channel,
            value=keyring.seal(value, place="verifications.value", row=row),
            value_index=keyring.index(value),
            code_hash=_hash(row, code),
            created_at=at,
            expires_at=at + LIFETIME,
        )
    )
    return row, code


async def check_code(
    connection: AsyncConnection,
    keyring: Keyring,
    participant_id: UUID,
    code: str,
    *,
    at: datetime,
    issued: UUID | None = None,
) -> Checked:
    """Check a code against the newest one this participant's chat asked for, or the very one `issued` for something else.

    Each call counts as an attempt.
    """
    meant = verifications.c.participant_id == participant_id if issued is None else verifications.c.id == issued
    row = (
        await connection.execute(
            select(verifications)
            .where(meant, verifications.c.used_at.is_(None))
            .order_by(verifications.c.created_at.desc())
            .limit(1)
            .with_for_update()
        )
    ).first()
    if row is None or row.expires_at <= at:
        return Checked(verdict=CodeVerdict.EXPIRED)
    if row.attempts >= ATTEMPTS:
        return Checked(verdict=CodeVerdict.TOO_MANY)
    right = hmac.compare_digest(row.code_hash, _hash(row.id, code.strip()))
    await connection.execute(
        update(verifications)
        .where(verifications.c.id == row.id)
        .values(attempts=verifications.c.attempts + 1, used_at=at if right else None)
    )
    if not right:
        return Checked(verdict=CodeVerdict.WRONG)
    return Checked(
        verdict=CodeVerdict.RIGHT,
        channel=row.channel,
        value=keyring.open(row.value, place="verifications.value", row=row.id),
    )


def _hash(row: UUID, code: str) -> str:
    return hashlib.sha256(f"{row}:{code}".encode()).hexdigest()
