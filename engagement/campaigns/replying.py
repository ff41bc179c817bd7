"""An answer to an invitation, kept in the database: into the new study, put off, or never again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.participants import enrol
from engagement.permissions import Cause, record_permission
from storage.tables import conversations, effects, messages, touchpoints

RESULT = "invitation"
"""What a turn has made of an invitation is kept under this name (`engagement.effects`)."""
ANSWERED_WITHIN = timedelta(days=14)
WORDS_BETWEEN = 2
"""So many other messages of theirs may lie between the invitation and a mere "yes"."""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """The last one they got. `study`: the slug of the study they were invited to."""

    touchpoint_id: UUID
    study: str
    sent_at: datetime


async def last_invitation(connection: AsyncConnection, participant: UUID, *, at: datetime) -> Invitation | None:
    """The invitation that they got last, if it is not long ago."""
    row = (
        await connection.execute(
            select(touchpoints.c.id, touchpoints.c.invites_to, touchpoints.c.sent_at)
            .where(
                touchpoints.c.participant_id == participant,
                touchpoints.c.invites_to.is_not(None),
                touchpoints.c.status == "sent",
                touchpoints.c.sent_at > at - ANSWERED_WITHIN,
                touchpoints.c.sent_at <= at,
            )
            .order_by(touchpoints.c.sent_at.desc())
            .limit(1)
        )
    ).first()
    return None if row is None else Invitation(touchpoint_id=row.id, study=row.invites_to, sent_at=row.sent_at)


async def awaits_interest(
    connection: AsyncConnection, participant: UUID, message_id: UUID, *, received_at: datetime
) -> bool:
    """Whether a message may be the answer to an invitation, or was taken for it."""
    taken = select(effects.c.name).where(effects.c.message_id == message_id, effects.c.name == RESULT)
    if await connection.scalar(taken) is not None:
        return True  # this turn was run before, and cut off
    invitation = await last_invitation(connection, participant, at=received_at)
    if invitation is None:
        return False
    between = select(messages.c.id).where(
        messages.c.participant_id == participant,
        messages.c.direction == "in",
        messages.c.id != message_id,
        messages.c.created_at > invitation.sent_at,
        messages.c.created_at <= received_at,
    )
    answered = (
        select(effects.c.name)
        .join(messages, messages.c.id == effects.c.message_id)
        .where(
            messages.c.participant_id == participant,
            effects.c.name == RESULT,
            messages.c.created_at > invitation.sent_at,
        )
    )
    if await connection.scalar(answered.limit(1)) is not None:
        return False
    return (await connection.scalar(select(func.count()).select_from(between.subquery())) or 0) <= WORDS_BETWEEN


async def accept_invitation(
    connection: AsyncConnection, participant: UUID, invitation: Invitation, *, at: datetime
) -> None:
    """Into the new study at its first stage; what they talk of from now on is that study."""
    await enrol(connection, participant, invitation.study, at=at, cause="accepted an invitation")
    await connection.execute(
        update(conversations).where(conversations.c.participant_id == participant).values(study_slug=invitation.study)
    )


async def refuse_invitations(
    connection: AsyncConnection, participant: UUID, message_id: UUID, *, channel: str, at: datetime
) -> None:
    """Never again: recontact is withdrawn, as far as it ever reached."""
    await record_permission(
        connection,
        participant,
        kind="withdrawn",
        purpose="recontact",
        at=at,
        cause=Cause(actor="participant", said_on=channel, message_id=message_id),
    )
