"""Coordinators and their sessions: argon2 passwords, sessions in the database that can be revoked."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import coordinators, sessions

LIFETIME = timedelta(hours=12)
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_hex(8))
"""Checked when the address is unknown, so that a wrong address takes as long as a wrong password."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who is at the console, and the token their forms must carry."""

    coordinator_id: UUID
    csrf: str


async def add_coordinator(
    connection: AsyncConnection, keyring: Keyring, *, email: str, password: str, at: datetime
) -> UUID:
    """Add a coordinator, or give a known one a new password."""
    row = new_id()
    hashed = await asyncio.to_thread(_HASHER.hash, password)
    address = email.strip().lower()
    found = await connection.scalar(
        insert_or(coordinators)
        .values(
            id=row,
            email=keyring.seal(address, place="coordinators.email", row=row),
            email_index=keyring.index(address),
            password_hash=hashed,
        )
        .on_conflict_do_update(index_elements=["email_index"], set_={"password_hash": hashed, "active": True})
        .returning(coordinators.c.id)
    )
    await record_audit(connection, actor="operator", action="coordinator_added", subject=str(found), at=at)
    return UUID(str(found))


async def coordinator_of(connection: AsyncConnection, keyring: Keyring, *, email: str, password: str) -> UUID | None:
    """The coordinator with this address and password; None where either is wrong."""
    row = (
        await connection.execute(
            select(coordinators.c.id, coordinators.c.password_hash).where(
                coordinators.c.email_index.in_(keyring.indexes(email.strip().lower())), coordinators.c.active
            )
        )
    ).first()
    # argon2 takes 150 ms: in a thread, so that nobody else waits for it.
    right = await asyncio.to_thread(_matches, row.password_hash if row else _NOBODY, password)
    return UUID(str(row.id)) if row is not None and right else None


async def sign_in(
    connection: AsyncConnection, keyring: Keyring, *, email: str, password: str, at: datetime
) -> str | None:
    """A fresh session's cookie, or None where address or password is wrong."""
    coordinator = await coordinator_of(connection, keyring, email=email, password=password)
    if coordinator is None:
        return None
    cookie = secrets.token_urlsafe(32)
    await connection.execute(
        insert(sessions).values(
            token_hash=_hash(cookie),
            coordinator_id=coordinator,
            csrf=secrets.token_urlsafe(24),
            expires_at=at + LIFETIME,
        )
    )
    await record_audit(connection, actor=str(coordinator), action="signed_in", subject=str(coordinator), at=at)
    return cookie


async def password_of(connection: AsyncConnection, coordinator_id: UUID, password: str) -> bool:
    """Whether this is the password of a coordinator who is signed in already: given again where it is they who must act."""
    hashed = await connection.scalar(
        select(coordinators.c.password_hash).where(coordinators.c.id == coordinator_id, coordinators.c.active)
    )
    return hashed is not None and await asyncio.to_thread(_matches, hashed, password)


async def signed_in(connection: AsyncConnection, cookie: str, *, at: datetime) -> SignedIn | None:
    """Whose session a cookie is."""
    row = (
        await connection.execute(
            select(sessions.c.coordinator_id, sessions.c.csrf)
            .join(coordinators, coordinators.c.id == sessions.c.coordinator_id)
            .where(sessions.c.token_hash == _hash(cookie), sessions.c.expires_at > at, coordinators.c.active)
        )
    ).first()
    return None if row is None else SignedIn(coordinator_id=row.coordinator_id, csrf=row.csrf)


async def sign_out(connection: AsyncConnection, cookie: str) -> None:
    """End the session."""
    await connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(cookie)))


def _matches(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
