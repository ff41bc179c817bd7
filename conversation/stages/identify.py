"""Who wrote? A number that Twilio vouches for, a signed web session, a signed reply address; never a mere From line."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.messages import ChannelName
from conversation.turn import House, Turn
from engagement.participants import clear_problem, ensure_contact, mark_verified
from storage.tables import conversations, participants


async def identify(turn: Turn, connection: AsyncConnection, house: House) -> Turn:
    """Tie the turn to its participant; a stranger becomes a new one at first contact."""
    study = house.study_reached_at(turn.channel, turn.our_address)
    offered = str(turn.details.get("language", ""))
    contact, _ = await ensure_contact(
        connection,
        house.keyring,
        turn.channel.value,
        turn.sender,
        study_slug=study,
        language=offered if offered in house.languages else house.pack(study).languages[0],
        at=turn.received_at,
        verified=turn.channel is not ChannelName.EMAIL,
    )
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
    row = (
        await connection.execute(
            select(
                participants.c.language,
                conversations.c.study_slug,
                conversations.c.pending,
                conversations.c.misses,
                conversations.c.last_turn_id,
            )
            .join_from(participants, conversations, conversations.c.participant_id == participants.c.id)
            .where(participants.c.id == contact.participant_id)
        )
    ).one()
    return replace(
        turn,
        participant_id=contact.participant_id,
        contact_point_id=contact.id,
        identity=identity,
        language=row.language,
        study=row.study_slug or study,
        pending=row.pending,
        misses=row.misses,
        last_turn_id=row.last_turn_id,
    )


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
