"""The way in: a message is stored first, once, and only then acknowledged."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, any_, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from conversation.messages import ChannelName, InboundMessage
from storage.database import Database
from storage.ids import new_id
from storage.tables import contact_points, messages


@dataclass(frozen=True, kw_only=True)
class Received:
    """The stored message. `repeated`: the provider had sent it before; nothing was stored now."""

    id: UUID
    repeated: bool


def _given(name: str) -> Any:
    return bindparam(name, type_=messages.c[name].type)


# Built once: this is the path that webhooks wait for. Known senders are tied to their participant at once, so that
# their messages keep their order; mail proves nobody before it is screened.
_theirs = (
    select(contact_points.c.id, contact_points.c.participant_id)
    .where(
        contact_points.c.channel == _given("channel"),
        contact_points.c.value_index == any_(bindparam("indexes", type_=ARRAY(Text))),
    )
    .limit(literal_column("1"))
    .cte("theirs")
)
_STORE = (
    insert(messages)
    .values(
        {
            "direction": literal_column("'in'"),
            "participant_id": select(_theirs.c.participant_id)
            .where(_given("channel") != literal_column(f"'{ChannelName.EMAIL.value}'"))
            .scalar_subquery(),
            "contact_point_id": select(_theirs.c.id).scalar_subquery(),
            "available_at": _given("created_at"),
            **{
                name: _given(name)
                for name in (
                    *("id", "channel", "peer", "peer_index", "our_address", "provider_id", "body", "details"),
                    *("status", "outcome", "created_at", "handled_at"),
                )
            },
        }
    )
    # A literal: as a parameter, PostgreSQL could not match the partial index once it plans the statement for good.
    .on_conflict_do_nothing(index_elements=["channel", "provider_id"], index_where=literal_column("direction = 'in'"))
    .returning(messages.c.id)
)
_FIRST = select(messages.c.id).where(
    messages.c.direction == literal_column("'in'"),
    messages.c.channel == _given("channel"),
    messages.c.provider_id == _given("provider_id"),
)


async def accept(database: Database, message: InboundMessage, *, handled_as: str | None = None) -> Received:
    """Store an inbound message unless it is there; returning means it will be answered.

    One INSERT and one commit. `handled_as` stores it as done with that outcome, for what is kept on record and never
    answered (an automatic reply).
    """
    keyring = database.keyring
    row = new_id()
    details = _details(message)
    values = {
        "id": row,
        "channel": message.channel.value,
        "indexes": keyring.indexes(message.sender),
        "peer": keyring.seal(message.sender, place="messages.peer", row=row),
        "peer_index": keyring.index(message.sender),
        "our_address": message.recipient,
        "provider_id": message.provider_id,
        "body": keyring.seal(message.text, place="messages.body", row=row),
        "details": keyring.seal(json.dumps(details), place="messages.details", row=row) if details else None,
        "status": "received" if handled_as is None else "done",
        "outcome": handled_as,
        "created_at": message.received_at,
        "handled_at": None if handled_as is None else message.received_at,
    }
    async with database.autocommit() as connection:
        if await connection.scalar(_STORE, values) is not None:
            return Received(id=row, repeated=False)
        first = await connection.scalar(_FIRST, {"channel": message.channel.value, "provider_id": message.provider_id})
    assert first is not None  # noqa: S101 - the conflict names the row
    return Received(id=first, repeated=True)


def _details(message: InboundMessage) -> dict[str, str]:
    details = {**message.attributes}
    if message.full_text and message.full_text != message.text:
        details["full_text"] = message.full_text
    if message.opt_out_type:
        details["opt_out_type"] = message.opt_out_type.value
    if message.participant_id:
        details["participant_id"] = str(message.participant_id)
    return details
