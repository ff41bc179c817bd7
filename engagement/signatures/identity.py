"""Who sits at the browser: a code that reaches a verified phone or mailbox of the participant, before anything is shown and once
more when it is signed (21 CFR 11.200(a)(1)).
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.optouts import silenced_channels
from engagement.signatures.record import Proof, write_proof
from engagement.signatures.requests import SigningRequest
from engagement.verification import CodeVerdict, check_code, issue_code
from storage.crypto import Keyring
from storage.tables import contact_points, signing_requests

OPENING, SIGNING = "opening", "signing"
SESSION = timedelta(hours=1)
"""How long a browser that gave the code may go on. Long enough to read in peace; a fresh code signs in any case."""
BY_CODE = ("sms", "email")
"""Channels a code can be sent by. The web chat proves nothing: it runs in the same browser."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """A contact point a code can be sent to."""

    contact_point: UUID
    channel: str


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A code on its way. `id` names it, also for the outbox."""

    id: UUID
    code: str
    reach: Reach


async def reaches(connection: AsyncConnection, participant_id: UUID) -> tuple[Reach, ...]:
    """The newest verified contact point of each channel that a code can be sent by, where it works and is not opted out."""
    silenced = await silenced_channels(connection, participant_id)
    rows = await connection.execute(
        select(contact_points.c.id, contact_points.c.channel)
        .where(
            contact_points.c.participant_id == participant_id,
            contact_points.c.channel.in_(set(BY_CODE) - silenced),
            contact_points.c.verified_at.is_not(None),
            contact_points.c.problem.is_(None),
        )
        .order_by(contact_points.c.verified_at.desc())
    )
    newest: dict[str, Reach] = {}
    for row in rows:
        newest.setdefault(row.channel, Reach(contact_point=row.id, channel=row.channel))
    return tuple(newest[channel] for channel in BY_CODE if channel in newest)


async def send_code(
    connection: AsyncConnection, keyring: Keyring, request: SigningRequest, *, channel: str, purpose: str, at: datetime
) -> Issued | None:
    """A fresh code for `purpose` (`OPENING`, `SIGNING`); whatever was sent before is worth nothing then.

    None where this participant can't be reached by `channel`, or where too many were asked for.
    """
    reach = next((each for each in await reaches(connection, request.participant_id) if each.channel == channel), None)
    if reach is None:
        return None
    sealed = await connection.scalar(select(contact_points.c.value).where(contact_points.c.id == reach.contact_point))
    value = keyring.open(sealed or b"", place="contact_points.value", row=reach.contact_point)
    issued = await issue_code(connection, keyring, request.participant_id, channel=channel, value=value, at=at)
    if issued is None:
        return None
    row, code = issued
    await connection.execute(
        update(signing_requests).where(signing_requests.c.id == request.id).values(code_id=row, code_for=purpose)
    )
    return Issued(id=row, code=code, reach=reach)


async def prove(
    connection: AsyncConnection, keyring: Keyring, request: SigningRequest, code: str, *, purpose: str, at: datetime
) -> Proof | CodeVerdict:
    """What a right code proves, else why it does not. Commit either way: a wrong one counts as an attempt."""
    if request.code_id is None or request.code_for != purpose:
        return CodeVerdict.EXPIRED
    checked = await check_code(
        connection, keyring, request.participant_id, "".join(code.split()), at=at, issued=request.code_id
    )
    if checked.verdict is not CodeVerdict.RIGHT:
        return checked.verdict
    contact = await connection.scalar(
        select(contact_points.c.id).where(
            contact_points.c.participant_id == request.participant_id,
            contact_points.c.channel == checked.channel,
            contact_points.c.value_index.in_(keyring.indexes(checked.value)),
        )
    )
    if contact is None:  # it went to somebody else since
        return CodeVerdict.EXPIRED
    return Proof(how="code", at=at, channel=checked.channel, contact_point=contact, code=request.code_id)


async def begin_session(connection: AsyncConnection, request_id: UUID, proof: Proof, *, at: datetime) -> str:
    """Let one browser go on with this request, and no other one any more. Returns its cookie."""
    cookie = secrets.token_urlsafe(32)
    await connection.execute(
        update(signing_requests)
        .where(signing_requests.c.id == request_id)
        .values(session_hash=_hash(cookie), session_until=at + SESSION, identity=dict(write_proof(proof)))
    )
    return cookie


def in_session(request: SigningRequest, cookie: str, *, at: datetime) -> bool:
    """Whether this cookie's browser has proven who it is for."""
    return (
        bool(cookie)
        and request.session_until is not None
        and at < request.session_until
        and hmac.compare_digest(request.session_hash, _hash(cookie))
    )


def form_token(cookie: str) -> str:
    """What the forms of a session carry, so that no other site can send them."""
    return hashlib.sha256(f"form:{cookie}".encode()).hexdigest()


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
