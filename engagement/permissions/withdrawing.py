"""Leaving: what ends at once ends here, in the transaction of the message; the rest waits for a person, with a clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.escalations import open_escalation
from engagement.interviews.lines import Line
from engagement.interviews.lines import at as text_of
from engagement.journeys import record_event
from engagement.optouts import record_opt_out
from engagement.permissions.entry import WITHDRAWN
from engagement.permissions.ledger import Cause, record_permission
from engagement.permissions.outcome import Asking, Outcome
from engagement.permissions.speaking import spoken_by
from engagement.permissions.taking_part import withdraw_study
from engagement.permissions.wishes import DELETE_DATA, DESTROY_SAMPLE, LEAVE_STUDY, STOP_CONTACT
from storage.tables import questionnaire_responses

PERSON_WITHIN = timedelta(days=2)
"""By when a person has to have taken up what only a person can do."""
_FORBIDDEN = {DESTROY_SAMPLE: "sample_storage", DELETE_DATA: "data_sharing"}
"""What such a wish forbids from now on, whatever a person has still to do about what is there."""


async def withdraw(connection: AsyncConnection, asking: Asking, wishes: Sequence[str]) -> Outcome:
    """Do what these wishes ask, of `wishes.WISHES`. Run it once for a message."""
    cause = await spoken_by(
        connection, asking.participant_id, asking.study, said_on=asking.channel, message_id=asking.message_id
    )
    for wish, purpose in _FORBIDDEN.items():
        if wish in wishes:
            await record_permission(
                connection,
                asking.participant_id,
                kind=WITHDRAWN,
                purpose=purpose,
                study=asking.study,
                at=asking.at,
                cause=cause,
            )
    if LEAVE_STUDY in wishes:
        await leave_study(connection, asking, cause=cause)
    others = [wish for wish in wishes if wish != STOP_CONTACT]
    if others:
        await call_to_act(
            connection, asking.participant_id, asking.study, others, at=asking.at, cause_id=asking.message_id
        )
    if STOP_CONTACT in wishes:
        await record_opt_out(
            connection, asking.participant_id, at=asking.at, actor="participant", cause_id=asking.message_id
        )
        if not others:
            return Outcome(said=(Line(key="optout/confirmed"),), quiet=True)
        # One confirmation is all that may still go out, so it says everything.
        noted = [text_of(f"permissions/wish/{wish}") for wish in others]
        return Outcome(said=(Line(key="withdraw/quiet", values={"noted": noted}),), quiet=True)
    said = [Line(key=f"withdraw/{wish}") for wish in others]
    if LEAVE_STUDY in others or DELETE_DATA in others:
        said.append(Line(key="withdraw/kept"))
    return Outcome(said=(*said, Line(key="withdraw/person")))


async def call_to_act(
    connection: AsyncConnection, participant_id: UUID, study: str, what: Sequence[str], *, at: datetime, cause_id: UUID
) -> None:
    """Somebody of the team has to do something about `what` (names, no words of the participant)."""
    await open_escalation(
        connection,
        participant_id,
        reason="withdrawal",
        at=at,
        due_at=at + PERSON_WITHIN,
        study_slug=study,
        cause_id=cause_id,
        triggers=what,
    )


async def leave_study(connection: AsyncConnection, asking: Asking, *, cause: Cause) -> None:
    """End all that was permitted in the study, what was being asked, and the participant's way through it."""
    await withdraw_study(connection, asking.participant_id, asking.study, at=asking.at, cause=cause)
    await connection.execute(
        update(questionnaire_responses)
        .where(
            questionnaire_responses.c.participant_id == asking.participant_id,
            questionnaire_responses.c.study_slug == asking.study,
            questionnaire_responses.c.status == "in-progress",
        )
        .values(status="stopped")
    )
    await record_event(
        connection,
        asking.participant_id,
        asking.study,
        "withdrawn",
        at=asking.at,
        now=asking.at,
        source=cause.actor,
        key=str(asking.message_id),
    )
