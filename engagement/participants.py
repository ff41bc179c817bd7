"""Participants and their contact points: found by blind index, made at first contact, joined when proven the same."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from engagement.audit import record_audit
from storage.crypto import Keyring
from storage.database import lock_in_transaction
from storage.ids import new_id
from storage.tables import (
    appointments,
    consent_walks,
    contact_points,
    conversations,
    enrolments,
    escalations,
    genotypes,
    journey_dates,
    journey_events,
    messages,
    participant_codes,
    participants,
    questionnaire_responses,
    signing_requests,
    stage_history,
    touchpoints,
    verifications,
)

FIRST_STAGE = "first_contact"


@dataclass(frozen=True, kw_only=True)
class ContactPoint:
    """A phone number, mailbox or web session of a participant."""

    id: UUID
    participant_id: UUID
    channel: str
    verified: bool
    usable: bool = True


async def find_contact(connection: AsyncConnection, keyring: Keyring, channel: str, value: str) -> ContactPoint | None:
    """The contact point with this value (E.164 number, lower-case address, visitor id), if it is known."""
    row = (
        await connection.execute(
            select(
                contact_points.c.id,
                contact_points.c.participant_id,
                contact_points.c.verified_at,
                contact_points.c.problem,
            ).where(contact_points.c.channel == channel, contact_points.c.value_index.in_(keyring.indexes(value)))
        )
    ).first()
    if row is None:
        return None
    return ContactPoint(
        id=row.id,
        participant_id=row.participant_id,
        channel=channel,
        verified=row.verified_at is not None,
        usable=row.problem is None,
    )


async def add_contact(
    connection: AsyncConnection,
    keyring: Keyring,
    participant_id: UUID,
    channel: str,
    value: str,
    *,
    verified_at: datetime | None,
) -> ContactPoint:
    """Add a contact point to a participant. The caller has checked that it is not known yet, under the contact's lock."""
    row = new_id()
    await connection.execute(
        insert(contact_points).values(
            id=row,
            participant_id=participant_id,
            channel=channel,
            value=keyring.seal(value, place="contact_points.value", row=row),
            value_index=keyring.index(value),
            verified_at=verified_at,
        )
    )
    return ContactPoint(id=row, participant_id=participant_id, channel=channel, verified=verified_at is not None)


async def ensure_contact(
    connection: AsyncConnection,
    keyring: Keyring,
    channel: str,
    value: str,
    *,
    study_slug: str,
    language: str,
    at: datetime,
    verified: bool,
) -> tuple[ContactPoint, bool]:
    """The contact point with this value, and whether it was made now (with a new participant, enrolled at first contact).

    A web visitor's id becomes the participant's, so that an open chat can be told of its first answer.
    """
    found = await find_contact(connection, keyring, channel, value)
    if found is not None:
        return found, False
    await lock_in_transaction(connection, "contact", f"{channel}:{value}")
    found = await find_contact(connection, keyring, channel, value)
    if found is not None:
        return found, False
    participant_id = await add_participant(
        connection,
        language=language,
        study_slug=study_slug,
        at=at,
        participant_id=UUID(value) if channel == "webchat" else None,
    )
    contact = await add_contact(
        connection, keyring, participant_id, channel, value, verified_at=at if verified else None
    )
    return contact, True


async def add_participant(
    connection: AsyncConnection,
    *,
    language: str,
    study_slug: str,
    at: datetime,
    name: str | None = None,
    keyring: Keyring | None = None,
    participant_id: UUID | None = None,
) -> UUID:
    """Make a participant, their conversation, and their enrolment at the first stage of the study."""
    participant_id = participant_id or new_id()
    await connection.execute(
        insert(participants).values(
            id=participant_id,
            created_at=at,
            language=language,
            name=keyring.seal(name, place="participants.name", row=participant_id) if name and keyring else None,
        )
    )
    await connection.execute(insert(conversations).values(participant_id=participant_id, study_slug=study_slug))
    await enrol(connection, participant_id, study_slug, at=at, cause="first contact")
    return participant_id


async def enrol(
    connection: AsyncConnection, participant_id: UUID, study_slug: str, *, at: datetime, cause: str
) -> None:
    """Put a participant into a study at its first stage; nothing where they are in it already."""
    row = new_id()
    made = await connection.scalar(
        insert_or(enrolments)
        .values(
            id=row,
            participant_id=participant_id,
            study_slug=study_slug,
            stage=FIRST_STAGE,
            created_at=at,
            replan_at=at,
        )
        .on_conflict_do_nothing()
        .returning(enrolments.c.id)
    )
    if made is not None:
        await connection.execute(
            insert(stage_history).values(id=new_id(), enrolment_id=row, to_stage=FIRST_STAGE, at=at, cause=cause)
        )


async def mark_verified(connection: AsyncConnection, contact_id: UUID, *, at: datetime) -> None:
    """The contact point is proven to be the participant's."""
    await connection.execute(
        update(contact_points)
        .where(contact_points.c.id == contact_id, contact_points.c.verified_at.is_(None))
        .values(verified_at=at)
    )


async def mark_problem(
    connection: AsyncConnection, keyring: Keyring, channel: str, value: str, *, problem: str, at: datetime
) -> None:
    """The provider says that this contact point can't be used."""
    await connection.execute(
        update(contact_points)
        .where(contact_points.c.channel == channel, contact_points.c.value_index.in_(keyring.indexes(value)))
        .values(problem=problem, problem_at=at)
    )


async def clear_problem(connection: AsyncConnection, contact_id: UUID) -> None:
    """It works after all: the participant has just written from it."""
    await connection.execute(
        update(contact_points)
        .where(contact_points.c.id == contact_id, contact_points.c.problem.is_not(None))
        .values(problem=None, problem_at=None)
    )


async def merge_participants(
    connection: AsyncConnection, *, source: UUID, target: UUID, at: datetime, cause: str
) -> None:
    """`source` turns out to be `target`: contact points, messages, open work and enrolments move over.

    Ledgers stay as they were written; readers follow `merged_into`.
    """
    if source == target:
        return
    for name in sorted((str(source), str(target))):
        await lock_in_transaction(connection, "merge", name)
    # One interview and one walk-through at a time is open: that of whom they turn out to be goes on.
    for table, open_ in ((questionnaire_responses, "in-progress"), (consent_walks, "open")):
        theirs_open = select(table.c.id).where(table.c.participant_id == target, table.c.status == open_)
        await connection.execute(
            update(table)
            .where(table.c.participant_id == source, table.c.status == open_, theirs_open.exists())
            .values(status="stopped")
        )
    for table in (
        *(contact_points, messages, escalations, verifications, questionnaire_responses, consent_walks),
        *(journey_events, journey_dates, appointments, participant_codes, genotypes, signing_requests),
    ):
        await connection.execute(update(table).where(table.c.participant_id == source).values(participant_id=target))
    await _join_conversations(connection, source, target, at=at)
    theirs = select(enrolments.c.study_slug).where(enrolments.c.participant_id == target)
    await connection.execute(
        update(enrolments)
        .where(enrolments.c.participant_id == source, enrolments.c.study_slug.not_in(theirs))
        .values(participant_id=target)
    )
    # What was planned for one of two is planned anew for the one; what was sent stays sent.
    await connection.execute(
        update(touchpoints)
        .where(touchpoints.c.participant_id == source, touchpoints.c.status == "planned")
        .values(status="cancelled", reason="merged")
    )
    same = aliased(touchpoints)
    await connection.execute(
        update(touchpoints)
        .where(
            touchpoints.c.participant_id == source,
            ~select(same.c.id)
            .where(
                same.c.participant_id == target,
                same.c.study_slug == touchpoints.c.study_slug,
                same.c.item == touchpoints.c.item,
                same.c.occurrence == touchpoints.c.occurrence,
            )
            .exists(),
        )
        .values(participant_id=target)
    )
    # What they have done in both places adds up: stage and plan are worked out anew.
    await connection.execute(update(enrolments).where(enrolments.c.participant_id == target).values(replan_at=at))
    await connection.execute(
        update(participants)
        .where(or_(participants.c.id == source, participants.c.merged_into == source))
        .values(merged_into=target)
    )
    await record_audit(
        connection,
        actor="service",
        action="participants_merged",
        subject=str(target),
        at=at,
        details={"source": str(source), "cause": cause},
    )


async def _join_conversations(connection: AsyncConnection, source: UUID, target: UUID, *, at: datetime) -> None:
    """What one conversation waits for, the other waits for now, unless it waits for something itself: a question that is open in
    the chat stays open when its mailbox is proven. The dialogue begins anew from there (no last turn)."""
    waits = ("study_slug", "misses", "pending", "channel")
    kept = [conversations.c[name] for name in waits]
    adding = insert_or(conversations).from_select(
        ["participant_id", *waits, "updated_at"],
        select(literal(target), *kept, literal(at)).where(conversations.c.participant_id == source),
    )
    await connection.execute(
        adding.on_conflict_do_update(
            index_elements=["participant_id"],
            set_={"last_turn_id": None, **{name: adding.excluded[name] for name in waits}},
            where=conversations.c.pending.is_(None) & adding.excluded.pending.is_not(None),
        )
    )
