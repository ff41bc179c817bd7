"""What the database keeps of interviews: the open one with its answers, what was answered before, and what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.instruments import Instruments
from engagement.interviews.interview import Interview, go_on
from engagement.questionnaires import read_json
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import participants, questionnaire_responses, verdicts


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Whom we ask, in which study, and how. `at`: aware, in the participant's time zone."""

    keyring: Keyring
    instruments: Instruments
    participant_id: UUID
    message_id: UUID
    study: str
    language: str
    channel: str
    at: datetime


async def open_row(connection: AsyncConnection, asking: Asking) -> Any:
    """The row of the participant's open interview, locked; None without one."""
    return (
        await connection.execute(
            select(questionnaire_responses)
            .where(
                questionnaire_responses.c.participant_id == asking.participant_id,
                questionnaire_responses.c.status == "in-progress",
            )
            .with_for_update()
        )
    ).first()


def read_kept(asking: Asking, row: Any) -> Interview:
    """The interview of a row."""
    kept = asking.keyring.open(row.state, place="questionnaire_responses.state", row=row.id)
    return go_on(asking.instruments.forms[row.name], kept, at=asking.at)


async def keep_new(connection: AsyncConnection, asking: Asking, interview: Interview, *, kind: str) -> UUID:
    """A row for an interview that begins; its id."""
    row_id = new_id()
    await connection.execute(
        insert(questionnaire_responses).values(
            id=row_id,
            participant_id=asking.participant_id,
            study_slug=asking.study,
            kind=kind,
            name=interview.instrument.name,
            form_sha256=interview.instrument.sha256,
            status="in-progress",
            channel=asking.channel,
            started_at=asking.at,
            updated_at=asking.at,
            state=_sealed(asking, row_id, interview),
        )
    )
    return row_id


async def save(
    connection: AsyncConnection, asking: Asking, row_id: UUID, interview: Interview, *, status: str = "in-progress"
) -> None:
    """The interview as it stands now: `updated_at` moves on."""
    await connection.execute(
        update(questionnaire_responses)
        .where(questionnaire_responses.c.id == row_id)
        .values(
            state=_sealed(asking, row_id, interview),
            form_sha256=interview.instrument.sha256,
            channel=asking.channel,
            updated_at=asking.at,
            status=status,
            finished_at=asking.at if status == "completed" else None,
        )
    )


async def verdict_of(connection: AsyncConnection, asking: Asking) -> str | None:
    """What this study's pre-screening came to, if it was done."""
    found: str | None = await connection.scalar(
        select(verdicts.c.verdict)
        .where(verdicts.c.participant_id == asking.participant_id, verdicts.c.study_slug == asking.study)
        .order_by(verdicts.c.at.desc())
        .limit(1)
    )
    return found


async def earlier_answers(connection: AsyncConnection, asking: Asking) -> Sequence[dict[str, Any]]:
    """What this person answered in other pre-screenings, or in one they broke off; newest first."""
    same_person = select(participants.c.id).where(
        (participants.c.id == asking.participant_id) | (participants.c.merged_into == asking.participant_id)
    )
    rows = await connection.execute(
        select(questionnaire_responses.c.id, questionnaire_responses.c.state)
        .where(
            questionnaire_responses.c.participant_id.in_(same_person),
            questionnaire_responses.c.kind == "prescreen",
            questionnaire_responses.c.status != "in-progress",
        )
        .order_by(questionnaire_responses.c.updated_at.desc())
        .limit(5)
    )
    return [
        read_json(asking.keyring.open(row.state, place="questionnaire_responses.state", row=row.id).encode())[
            "response"
        ]
        for row in rows
    ]


async def due_check_in(connection: AsyncConnection, asking: Asking) -> str | None:
    """The check-in that is due: never done, or done longer ago than its interval; the one that waits longest."""
    rows = await connection.execute(
        select(questionnaire_responses.c.name, func.max(questionnaire_responses.c.finished_at).label("last"))
        .where(
            questionnaire_responses.c.participant_id == asking.participant_id,
            questionnaire_responses.c.study_slug == asking.study,
            questionnaire_responses.c.kind == "check_in",
            questionnaire_responses.c.status == "completed",
        )
        .group_by(questionnaire_responses.c.name)
    )
    last = {row.name: row.last for row in rows}
    waiting = [
        (last.get(each.questionnaire), order, each.questionnaire)
        for order, each in enumerate(asking.instruments.check_ins)
        if each.questionnaire not in last
        or asking.at - last[each.questionnaire] >= timedelta(days=each.every_days) - timedelta(hours=12)
    ]
    if not waiting:
        return None
    return min(waiting, key=lambda one: (one[0] is not None, one[0] or asking.at, one[1]))[2]


def _sealed(asking: Asking, row_id: UUID, interview: Interview) -> bytes:
    return asking.keyring.seal(interview.to_text(), place="questionnaire_responses.state", row=row_id)
