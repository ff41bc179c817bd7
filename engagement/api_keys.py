"""API keys of sources outside: a laboratory, a kit courier, a trial site. Kept as hashes, bounded in what they may report."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from engagement.errors import EngagementError
from storage.ids import new_id
from storage.tables import api_keys

PREFIX = "prn_"
"""Begins every key, so that whoever looks for secrets in code and mails finds ours."""
_SOURCE = re.compile(r"[a-z][a-z0-9-]{1,39}")
_OURS = frozenset({"dialogue", "coordinator", "participant", "service", "bot", "provider"})
"""Names by which what happens inside the house is recorded."""


class BadSource(EngagementError):
    """A source is named by 2 to 40 small letters, digits and '-', a letter first, and not as we call ourselves."""


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key that is known. `kinds`, `studies`: what it may report, and of which studies."""

    id: UUID
    source: str
    kinds: frozenset[str]
    studies: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None = None


def check_source(name: str) -> str:
    """The name of a source, or `BadSource`."""
    if not _SOURCE.fullmatch(name) or name in _OURS:
        raise BadSource
    return name


async def add_key(
    connection: AsyncConnection, *, source: str, kinds: Iterable[str], studies: Iterable[str], actor: str, at: datetime
) -> tuple[UUID, str]:
    """Make a key for a source; returns its id and the key, which is shown this once. Raises `BadSource`."""
    key, row = PREFIX + secrets.token_urlsafe(32), new_id()
    allowed = {"kinds": sorted(set(kinds)), "studies": sorted(set(studies))}
    await connection.execute(
        insert(api_keys).values(id=row, source=check_source(source), key_hash=_hash(key), created_at=at, **allowed)
    )
    await record_audit(
        connection, actor=actor, action="api_key_added", subject=source, at=at, details={"key": str(row), **allowed}
    )
    return row, key


async def find_key(connection: AsyncConnection, presented: str) -> ApiKey | None:
    """The key that was presented, unless it is unknown or revoked."""
    row = (
        await connection.execute(
            select(api_keys).where(api_keys.c.key_hash == _hash(presented), api_keys.c.revoked_at.is_(None))
        )
    ).first()
    return None if row is None else _read(row)


async def list_keys(connection: AsyncConnection) -> list[ApiKey]:
    """Every key there ever was, oldest first."""
    return [_read(row) for row in await connection.execute(select(api_keys).order_by(api_keys.c.id))]


async def revoke_key(connection: AsyncConnection, key: UUID, *, actor: str, at: datetime) -> bool:
    """The key opens nothing from now on. False where there is no such key in force."""
    source = await connection.scalar(
        update(api_keys)
        .where(api_keys.c.id == key, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(api_keys.c.source)
    )
    if source is None:
        return False
    await record_audit(
        connection, actor=actor, action="api_key_revoked", subject=source, at=at, details={"key": str(key)}
    )
    return True


def _hash(key: str) -> str:
    """A key has 256 random bits: one round of SHA-256 is as good as many."""
    return hashlib.sha256(key.encode()).hexdigest()


def _read(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        source=row.source,
        kinds=frozenset(row.kinds),
        studies=frozenset(row.studies),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
