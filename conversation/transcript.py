"""A conversation as it is read: by the participant in the web chat, by a coordinator in the console.

A code proves that somebody holds a phone or a mailbox. So the web chat does not show it, and a coordinator does not get to read it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.crypto import Keyring
from storage.tables import messages

OVERLAP = timedelta(minutes=10)
"""A reply may become visible after a later one; reading this far back again leaves no gap."""

_CODE = "verification"
"""The purpose of a message that carries a code."""
_VISIBLE = ("sending", "unknown", "sent", "delivered")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One message of a conversation."""

    id: UUID
    inbound: bool
    channel: str
    author: str
    text: str
    at: datetime
    language: str
    status: str
    outcome: str | None
    replies: tuple[str, ...]
    input: str
    provider_id: str | None
    content_keys: str | None


async def read_transcript(
    connection: AsyncConnection,
    keyring: Keyring,
    participant_id: UUID,
    *,
    since: datetime | None = None,
    limit: int = 200,
    everything: bool = False,
    cause_id: UUID | None = None,
) -> Sequence[Entry]:
    """The newest `limit` messages, oldest first. `everything` includes what was not (yet) sent: for coordinators.

    `cause_id`: a message shown whosever it is (mail from a sender not proven belongs to nobody's conversation).
    """
    shown: ColumnElement[bool] = messages.c.participant_id == participant_id
    if cause_id is not None:
        shown = or_(shown, messages.c.id == cause_id)
    if not everything:
        told = and_(messages.c.status.in_(_VISIBLE), messages.c.purpose.is_distinct_from(_CODE))
        shown = and_(shown, or_(messages.c.direction == "in", told))
    if since is not None:
        shown = and_(shown, messages.c.created_at >= since)
    rows = await connection.execute(
        select(messages).where(shown).order_by(messages.c.created_at.desc(), messages.c.id.desc()).limit(limit)
    )
    return [
        Entry(
            id=row.id,
            inbound=row.direction == "in",
            channel=row.channel,
            author=row.author or "participant",
            text=_told(keyring.open(row.body, place="messages.body", row=row.id), row.purpose),
            at=row.created_at,
            language=row.language or "",
            status=row.status,
            outcome=row.outcome,
            replies=tuple(row.replies or ()),
            input=row.input or "",
            provider_id=row.provider_id,
            content_keys=row.content_keys,
        )
        for row in reversed(rows.all())
    ]


def _told(text: str, purpose: str | None) -> str:
    """A message's words, without the code that it carried."""
    return re.sub(r"\d", "•", text) if purpose == _CODE else text
