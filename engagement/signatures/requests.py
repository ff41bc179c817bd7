"""A request to read a document, or to read and sign it: what a link stands for. It is answered once, by who proves to be meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.signatures.record import Proof, read_proof
from storage.ids import new_id
from storage.tables import participants, signing_requests

LIFETIME = timedelta(days=3)
"""A link in an SMS may be opened the next evening, not next month."""


@dataclass(frozen=True, kw_only=True)
class SigningRequest:
    """`participant_id`: who they are by now, should they have been joined with somebody else. `answers`: permission id → yes or
    no, as it was said in the conversation. `code_id`, `code_for`: the code that was sent last. `identity`: how the person in
    the browser was identified, None where nobody was.
    """

    id: UUID
    participant_id: UUID
    study: str
    version: str
    may_sign: bool
    answers: Mapping[str, bool]
    expires_at: datetime
    ended_as: str
    code_id: UUID | None
    code_for: str
    session_hash: str
    session_until: datetime | None
    identity: Proof | None

    def open_at(self, at: datetime) -> bool:
        """Whether its link leads anywhere. A copy may be fetched as long as the link lasts."""
        return at < self.expires_at


async def open_request(
    connection: AsyncConnection,
    participant_id: UUID,
    *,
    study: str,
    version: str,
    may_sign: bool,
    at: datetime,
    answers: Mapping[str, bool] | None = None,
) -> UUID:
    """A new request for this participant; those before it that are still open lead nowhere from now on. Returns its id.

    `version` "" asks for no document but for the page of what they permit; one of these leaves a document's link alone.
    """
    document = signing_requests.c.document_version
    await connection.execute(
        update(signing_requests)
        .where(
            signing_requests.c.participant_id == participant_id,
            signing_requests.c.study_slug == study,
            document != "" if version else document == "",
            signing_requests.c.ended_at.is_(None),
            signing_requests.c.expires_at > at,
        )
        .values(expires_at=at)
    )
    row = new_id()
    await connection.execute(
        insert(signing_requests).values(
            id=row,
            participant_id=participant_id,
            study_slug=study,
            document_version=version,
            may_sign=may_sign,
            answers=dict(answers or {}),
            created_at=at,
            expires_at=at + LIFETIME,
        )
    )
    return row


async def read_request(connection: AsyncConnection, request_id: UUID, *, lock: bool = False) -> SigningRequest | None:
    """The request, or None. `lock`: nobody else acts on it until the transaction ends."""
    wanted = (
        select(signing_requests, func.coalesce(participants.c.merged_into, participants.c.id).label("now_called"))
        .join(participants, participants.c.id == signing_requests.c.participant_id)
        .where(signing_requests.c.id == request_id)
    )
    row = (await connection.execute(wanted.with_for_update(of=signing_requests) if lock else wanted)).first()
    return None if row is None else _request(row)


async def end_request(connection: AsyncConnection, request_id: UUID, *, ended_as: str, at: datetime) -> None:
    """It is answered: `ended_as` is signed or declined."""
    await connection.execute(
        update(signing_requests).where(signing_requests.c.id == request_id).values(ended_as=ended_as, ended_at=at)
    )


async def prolong(connection: AsyncConnection, request_id: UUID, *, at: datetime) -> None:
    """Its link lasts anew from `at`: a copy was made that they will want to fetch."""
    await connection.execute(
        update(signing_requests).where(signing_requests.c.id == request_id).values(expires_at=at + LIFETIME)
    )


def _request(row: Row[Any]) -> SigningRequest:
    return SigningRequest(
        id=row.id,
        participant_id=row.now_called,
        study=row.study_slug,
        version=row.document_version,
        may_sign=row.may_sign,
        answers=row.answers,
        expires_at=row.expires_at,
        ended_as=row.ended_as or "",
        code_id=row.code_id,
        code_for=row.code_for or "",
        session_hash=row.session_hash or "",
        session_until=row.session_until,
        identity=read_proof(row.identity) if row.identity else None,
    )
