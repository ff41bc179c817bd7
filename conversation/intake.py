"""The way in: a message is stored first, once, and only then acknowledged."""

import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from conversation.messages import InboundMessage
from storage.database import Database
from storage.ids import new_id
from storage.tables import contact_points, messages


@dataclass(frozen=True, kw_only=True)
class Received:
    """The stored message. `repeated`: the provider had sent it before; nothing was stored now."""

    id: UUID
    repeated: bool


async def accept(database: Database, message: InboundMessage, *, handled_as: str | None = None) -> Received:
    """Store an inbound message unless it is there; returning means it will be answered.

    One INSERT and one commit: this is the path that webhooks wait for. `handled_as` stores it as done with that
    outcome, for what is kept on record and never answered (an automatic reply).
    """
    keyring = database.keyring
    row = new_id()
    details = {**message.attributes}
    if message.full_text and message.full_text != message.text:
        details["full_text"] = message.full_text
    if message.opt_out_type:
        details["opt_out_type"] = message.opt_out_type.value
    if message.participant_id:
        details["participant_id"] = str(message.participant_id)
    # Known senders are tied to their participant at once, so that their messages keep their order.
    theirs = (
        select(contact_points.c.id, contact_points.c.participant_id)
        .where(
            contact_points.c.channel == message.channel.value,
            contact_points.c.value_index.in_(keyring.indexes(message.sender)),
        )
        .limit(1)
        .cte("theirs")
    )
    statement = (
        insert(messages)
        .values(
            id=row,
            direction="in",
            channel=message.channel.value,
            participant_id=select(theirs.c.participant_id).scalar_subquery() if message.channel != "email" else None,
            contact_point_id=select(theirs.c.id).scalar_subquery(),
            peer=keyring.seal(message.sender, place="messages.peer", row=row),
            peer_index=keyring.index(message.sender),
            our_address=message.recipient,
            provider_id=message.provider_id,
            body=keyring.seal(message.text, place="messages.body", row=row),
            details=keyring.seal(json.dumps(details), place="messages.details", row=row) if details else None,
            status="received" if handled_as is None else "done",
            outcome=handled_as,
            created_at=message.received_at,
            available_at=message.received_at,
            handled_at=None if handled_as is None else func.now(),
        )
        # A literal: as a parameter, PostgreSQL could not match the partial index once it plans the statement for good.
        .on_conflict_do_nothing(
            index_elements=["channel", "provider_id"], index_where=literal_column("direction = 'in'")
        )
        .returning(messages.c.id)
    )
    async with database.autocommit() as connection:
        if await connection.scalar(statement) is not None:
            return Received(id=row, repeated=False)
        first = await connection.scalar(
            select(messages.c.id).where(
                messages.c.direction == "in",
                messages.c.channel == message.channel.value,
                messages.c.provider_id == message.provider_id,
            )
        )
    assert first is not None  # noqa: S101 - the conflict names the row
    return Received(id=first, repeated=True)
