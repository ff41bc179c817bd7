"""The rows of walk-throughs: read, written, and what was answered to their questions."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.consent.document import ConsentDocument
from engagement.consent.hearing import Result
from engagement.consent.outcome import Asking
from engagement.consent.walk import Walk, go_on
from storage.ids import new_id
from storage.tables import consent_answers, consent_walks


async def keep_result(connection: AsyncConnection, asking: Asking, walk_id: UUID, result: Result, text: str) -> None:
    """Write down an answer to a teach-back question, in their own words."""
    row = new_id()
    await connection.execute(
        insert(consent_answers).values(
            id=row,
            walk_id=walk_id,
            concept=result.concept,
            question=result.question,
            understood=result.understood,
            language=asking.spoken,
            at=asking.at,
            answer=asking.keyring.seal(text, place="consent_answers.answer", row=row),
        )
    )


async def newest_walk(connection: AsyncConnection, asking: Asking) -> Any:
    """Their walk-through that is open, else the newest one, whatever became of it."""
    return (
        await connection.execute(
            select(consent_walks)
            .where(consent_walks.c.participant_id == asking.participant_id, consent_walks.c.study_slug == asking.study)
            .order_by((consent_walks.c.status == "open").desc(), consent_walks.c.updated_at.desc())
            .limit(1)
            .with_for_update()
        )
    ).first()


async def agreed_document(connection: AsyncConnection, asking: Asking) -> ConsentDocument | None:
    """The version that they agreed to last."""
    version = await connection.scalar(
        select(consent_walks.c.document_version)
        .where(
            consent_walks.c.participant_id == asking.participant_id,
            consent_walks.c.study_slug == asking.study,
            consent_walks.c.status.in_(("signed", "handed_over")),
        )
        .order_by(consent_walks.c.updated_at.desc())
        .limit(1)
    )
    return None if version is None else asking.consents.version(version)


def read_walk(asking: Asking, row: Any, document: ConsentDocument) -> Walk:
    """The walk-through of a row."""
    return go_on(document, asking.keyring.open(row.state, place="consent_walks.state", row=row.id))


def row_values(asking: Asking, row_id: UUID, walk: Walk) -> dict[str, Any]:
    """The columns that each message changes."""
    return {
        "document_sha256": walk.document.sha256(asking.spoken),
        "language": asking.spoken,
        "channel": asking.channel,
        "updated_at": asking.at,
        "state": asking.keyring.seal(walk.to_text(), place="consent_walks.state", row=row_id),
    }


async def save_walk(
    connection: AsyncConnection, asking: Asking, row_id: UUID, walk: Walk, *, status: str = "open"
) -> None:
    """Keep where the walk-through stands. `status`: as in the table."""
    await connection.execute(
        update(consent_walks)
        .where(consent_walks.c.id == row_id)
        .values(
            status=status,
            finished_at=None if status in ("open", "signing") else asking.at,
            **row_values(asking, row_id, walk),
        )
    )
