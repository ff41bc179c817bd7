"""Interviews that somebody began and did not finish: what the scheduler needs to follow up on them gently, and when it must not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import questionnaire_responses as responses


@dataclass(frozen=True, kw_only=True)
class LeftOpen:
    """An interview with a question still open. A participant has one at most.

    `response_id`: its row, the same for as long as it is open: with it a follow-up can be made unique. `kind`: prescreen or
    check_in; `name`: the questionnaire's. `channel`: where the last question was asked. `since`: the instant (aware) of the last
    answer or question; answering moves it on, so a follow-up counts its days from here.
    """

    response_id: UUID
    participant_id: UUID
    study: str
    kind: str
    name: str
    channel: str
    started_at: datetime
    since: datetime


async def list_left_open(
    connection: AsyncConnection, *, before: datetime, study: str | None = None, limit: int = 1_000
) -> Sequence[LeftOpen]:
    """Interviews that have been silent since `before` (aware) or longer, the longest first.

    Reads open interviews only, by the partial index over them: finished ones, however many, cost nothing.
    """
    wanted = _OPEN.where(responses.c.updated_at <= before).order_by(responses.c.updated_at).limit(limit)
    if study is not None:
        wanted = wanted.where(responses.c.study_slug == study)
    return [LeftOpen(**row._mapping) for row in await connection.execute(wanted)]


async def find_left_open(connection: AsyncConnection, participant_id: UUID) -> LeftOpen | None:
    """The participant's open interview, None without one. To be asked again just before a follow-up goes: once the interview is
    finished there is none, and where somebody has gone on meanwhile `since` tells."""
    row = (await connection.execute(_OPEN.where(responses.c.participant_id == participant_id))).one_or_none()
    return None if row is None else LeftOpen(**row._mapping)


_OPEN = select(
    responses.c.id.label("response_id"),
    responses.c.participant_id,
    responses.c.study_slug.label("study"),
    responses.c.kind,
    responses.c.name,
    responses.c.channel,
    responses.c.started_at,
    responses.c.updated_at.label("since"),
).where(responses.c.status == "in-progress")
