"""A participant's questionnaires for a coordinator's eyes: rows opened with the keyring, read by `engagement.interviews.reading`."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.instruments import Instruments
from engagement.interviews.reading import show_responses
from engagement.interviews.shown import Kept, Shown
from storage.crypto import Keyring
from storage.tables import participants, questionnaire_responses, verdicts

MOST = 40
"""Questionnaires on one page: three years of a monthly check-in."""


async def read_questionnaires(
    connection: AsyncConnection, keyring: Keyring, instruments: Mapping[str, Instruments], participant_id: UUID
) -> Sequence[Shown]:
    """The newest first, at most `MOST`; those from before two records of one person were joined too."""
    same_person = select(participants.c.id).where(
        (participants.c.id == participant_id) | (participants.c.merged_into == participant_id)
    )
    rows = await connection.execute(
        select(questionnaire_responses, verdicts.c.id.label("verdict_id"), verdicts.c.verdict, verdicts.c.trace)
        .join(verdicts, verdicts.c.response_id == questionnaire_responses.c.id, isouter=True)
        .where(questionnaire_responses.c.participant_id.in_(same_person))
        .order_by(questionnaire_responses.c.started_at.desc(), questionnaire_responses.c.id.desc())
        .limit(MOST)
    )
    kept = [
        Kept(
            id=row.id,
            study=row.study_slug,
            name=row.name,
            kind=row.kind,
            status=row.status,
            channel=row.channel,
            started_at=row.started_at,
            updated_at=row.updated_at,
            finished_at=row.finished_at,
            form_sha256=row.form_sha256,
            state=keyring.open(row.state, place="questionnaire_responses.state", row=row.id),
            verdict=row.verdict or "",
            trace=keyring.open(row.trace, place="verdicts.trace", row=row.verdict_id) if row.trace else "",
        )
        for row in rows
    ]
    return show_responses(kept, instruments)
