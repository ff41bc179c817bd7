"""In what capacity somebody speaks in a study: for themselves, or for whom they have signed for."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.permissions.ledger import Cause
from storage.tables import participants, signatures

PARTICIPANT, REPRESENTATIVE = "participant", "representative"
"""Actors of entries. Who holds the phone is the participant; a representative is one who has signed for somebody else."""


async def spoken_by(
    connection: AsyncConnection,
    participant_id: UUID,
    study: str,
    *,
    said_on: str,
    message_id: UUID | None = None,
    content_version_id: UUID | None = None,
) -> Cause:
    """The cause of what this participant says about a study (fields as in `Cause`), in the capacity of their last signature there."""
    same_person = select(participants.c.id).where(
        (participants.c.id == participant_id) | (participants.c.merged_into == participant_id)
    )
    last = (
        await connection.execute(
            select(signatures.c.id, signatures.c.role)
            .where(
                signatures.c.participant_id.in_(same_person),
                signatures.c.study_slug == study,
                signatures.c.role.in_((PARTICIPANT, REPRESENTATIVE)),
            )
            .order_by(signatures.c.at.desc(), signatures.c.id.desc())
            .limit(1)
        )
    ).first()
    representative = last is not None and last.role == REPRESENTATIVE
    return Cause(
        actor=REPRESENTATIVE if representative else PARTICIPANT,
        said_on=said_on,
        message_id=message_id,
        content_version_id=content_version_id,
        signature_id=last.id if last is not None and representative else None,
    )
