"""Who wrote? A number that Twilio vouches for, a signed web session, a signed reply address; never a mere From line."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.messages import ChannelName
from conversation.turn import House, Turn
from engagement.escalations import held
from engagement.participants import ContactPoint, clear_problem, ensure_contact, mark_verified
from storage.tables import contact_points, conversations, participants

KNOWN = (
    contact_points.c.id.label("contact_id"),
    contact_points.c.participant_id.label("whose"),
    contact_points.c.verified_at,
    contact_points.c.problem,
    participants.c.language.label("spoken"),
    conversations.c.study_slug.label("their_study"),
    conversations.c.pending,
    conversations.c.misses,
    conversations.c.last_turn_id,
    held(contact_points.c.participant_id).label("held"),
)
"""What a turn must know of its sender, from contact point, participant and conversation; `recognise` reads it."""

_KNOWN = (
    select(*KNOWN)
    .join(participants, participants.c.id == contact_points.c.participant_id)
    .join(conversations, conversations.c.participant_id == contact_points.c.participant_id)
    .where(contact_points.c.id == bindparam("contact", type_=Uuid))
)


def recognise(turn: Turn, row: Any) -> Turn:
    """The turn with what `KNOWN` says of its sender."""
    return replace(
        turn,
        participant_id=row.whose,
        contact=ContactPoint(
            id=row.contact_id,
            participant_id=row.whose,
            channel=turn.channel.value,
            verified=row.verified_at is not None,
            usable=row.problem is None,
        ),
        language=row.spoken,
        study=row.their_study or turn.study,
        pending=row.pending,
        misses=row.misses,
        last_turn_id=row.last_turn_id,
        held=row.held,
    )


async def identify(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """Tie the turn to its participant; a stranger becomes a new one at first contact."""
    if turn.contact is None:
        turn = await _meet(turn, connection, house)
    contact = turn.contact
    assert contact is not None  # noqa: S101 - they have met
    identity = "verified"
    if turn.channel is ChannelName.EMAIL:
        # Both must hold: the reply address we signed for this participant, and the mailbox we wrote to.
        proven = turn.details.get("participant_id")
        if proven is None or await _current(connection, UUID(str(proven))) != contact.participant_id:
            identity = "claimed"
    if identity == "verified":
        # Who writes from it, has it; and it works, whatever a provider said before.
        if not contact.verified:
            await mark_verified(connection, contact.id, at=turn.received_at)
        if not contact.usable:
            await clear_problem(connection, contact.id)
    return replace(turn, identity=identity)


async def _meet(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    offered = str(turn.details.get("language", ""))
    contact, _ = await ensure_contact(
        connection,
        house.keyring,
        turn.channel.value,
        turn.sender,
        study_slug=turn.study,
        language=offered if offered in house.languages else house.pack(turn.study).languages[0],
        at=turn.received_at,
        verified=turn.channel is not ChannelName.EMAIL,
    )
    row = (await connection.execute(_KNOWN, {"contact": contact.id})).one()
    return recognise(turn, row)


async def turn_away_unproven(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """Mail whose sender is not proven gets one polite answer; replying to it proves the mailbox."""
    if turn.identity == "verified":
        return turn
    return turn.saying("email/unknown_sender", purpose="unknown_sender").ended("unknown_sender")


async def _current(connection: AsyncConnection, participant_id: UUID) -> UUID | None:
    row = (
        await connection.execute(
            select(participants.c.id, participants.c.merged_into).where(participants.c.id == participant_id)
        )
    ).first()
    if row is None:
        return None
    current: UUID = row.merged_into or row.id
    return current
