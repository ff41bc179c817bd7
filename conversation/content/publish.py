"""From files to the registry: each text that changed becomes a new version; nothing is ever overwritten."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.audit import record_audit
from engagement.words import Wording
from storage.database import lock_in_transaction
from storage.ids import new_id
from storage.tables import content_versions


async def publish(
    connection: AsyncConnection, wordings: Iterable[Wording], approvals: Mapping[str, str], *, at: datetime
) -> int:
    """Write a version for every text that is new, changed or newly approved; return how many."""
    await lock_in_transaction(connection, "content", "publish")
    newest = {
        (row.key, row.language, row.channel, row.study_slug): row
        for row in await connection.execute(select(content_versions).order_by(content_versions.c.version))
    }
    rows = []
    for wording in wordings:
        known = newest.get((wording.key, wording.language, wording.channel, wording.study))
        approval = approvals.get(wording.sha256)
        if known is not None and known.sha256 == wording.sha256 and known.approved == (approval is not None):
            continue
        rows.append(
            {
                "id": new_id(),
                "key": wording.key,
                "language": wording.language,
                "channel": wording.channel,
                "study_slug": wording.study,
                "version": known.version + 1 if known is not None else 1,
                "sha256": wording.sha256,
                "text": wording.text,
                "replies": list(wording.replies),
                "approval_id": approval,
                "approved": approval is not None,
                "effective_from": at,
                "created_at": at,
            }
        )
    if rows:
        await connection.execute(insert(content_versions), rows)
        await record_audit(
            connection,
            actor="service",
            action="content_published",
            subject="content",
            at=at,
            details={"versions": len(rows), "unapproved": sum(not row["approved"] for row in rows)},
        )
    return len(rows)
