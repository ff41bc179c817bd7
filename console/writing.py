"""A coordinator's own words: on the channel the participant last wrote on, under a key that makes two clicks one send."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.outbox import Addressee, Outbox
from engagement.audit import record_audit
from storage.tables import messages, participants


async def write_to(
    connection: AsyncConnection,
    outbox: Outbox,
    participant_id: UUID,
    text: str,
    *,
    by: UUID,
    key: str,
    at: datetime,
    cause_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Queue `text`; False where the participant has never written, so that there is nowhere to answer.

    `cause_id`: mail from a sender not proven is nobody's message, yet it may be a cry for help; it counts here.
    """
    theirs = messages.c.participant_id == participant_id
    row = (
        await connection.execute(
            select(
                messages.c.contact_point_id,
                messages.c.channel,
                messages.c.our_address,
                messages.c.study_slug,
                participants.c.language,
            )
            .join(participants, participants.c.id == participant_id)
            .where(
                theirs if cause_id is None else or_(theirs, messages.c.id == cause_id),
                messages.c.direction == "in",
                messages.c.contact_point_id.is_not(None),
            )
            .order_by(messages.c.created_at.desc())
            .limit(1)
        )
    ).first()
    if row is None:
        return False
    await outbox.queue_words(
        connection,
        text,
        to=Addressee(
            participant_id=participant_id,
            contact_point_id=row.contact_point_id,
            channel=row.channel,
            language=row.language,
            study=row.study_slug or "",
            our_address=row.our_address or "",
        ),
        key=f"coordinator:{key}",
        author=str(by),
        at=at,
    )
    await record_audit(
        connection, actor=str(by), action="answered", subject=str(participant_id), at=at, details=details
    )
    return True
