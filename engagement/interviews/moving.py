"""A private question that did not go by SMS is asked where its link leads."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.instruments import Instruments
from engagement.interviews.interview import go_on
from engagement.interviews.lines import Line
from engagement.interviews.questions import question_lines
from storage.crypto import Keyring
from storage.tables import questionnaire_responses


async def move_to_webchat(
    connection: AsyncConnection,
    keyring: Keyring,
    instruments: Mapping[str, Instruments],
    participant_id: UUID,
    *,
    at: datetime,
) -> tuple[str, tuple[Line, ...]]:
    """The question to ask in the web chat now, under a key of its own; none where what is open was asked already."""
    row = (
        await connection.execute(
            select(questionnaire_responses)
            .where(
                questionnaire_responses.c.participant_id == participant_id,
                questionnaire_responses.c.status == "in-progress",
                questionnaire_responses.c.channel == "sms",
            )
            .with_for_update()
        )
    ).first()
    if row is None:
        return "", ()
    instrument = instruments[row.study_slug].forms[row.name]
    kept = keyring.open(row.state, place="questionnaire_responses.state", row=row.id)
    interview = go_on(instrument, kept, at=at)
    if interview.asked is None or not instrument.is_sensitive(interview.asked.item):
        return "", ()
    await connection.execute(
        update(questionnaire_responses).where(questionnaire_responses.c.id == row.id).values(channel="webchat")
    )
    return f"moved:{row.id}:{row.updated_at.timestamp()}", question_lines(interview, channel="webchat")
