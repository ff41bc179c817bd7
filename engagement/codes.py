"""Participant codes: what laboratories, couriers and sites call a participant. Never a name; sealed, found by blind index."""

import re
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.errors import EngagementError
from storage.crypto import Keyring
from storage.database import lock_in_transaction
from storage.ids import new_id
from storage.tables import participant_codes

_PLACE = "participant_codes.value"
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a code survives being read out and typed."""
_CODE = re.compile(r"(?=.*\d)[A-Z0-9](?:[A-Z0-9._-]{1,38}[A-Z0-9])")


class BadCode(EngagementError):
    """A participant code has 3 to 40 letters, digits, '.', '_' or '-', at least one digit among them."""


class CodeTaken(EngagementError):
    """This code is another participant's, or this participant has another one."""


def read_code(text: str) -> str:
    """The code as it is kept: capitals, no spaces around. Raises `BadCode` (which repeats nothing of it)."""
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise BadCode
    return code


async def find_by_code(connection: AsyncConnection, keyring: Keyring, study: str, code: str) -> UUID | None:
    """The participant whom the study calls so (`code` as `read_code` gives it)."""
    found = await connection.scalar(
        select(participant_codes.c.participant_id).where(
            participant_codes.c.study_slug == study, participant_codes.c.value_index.in_(keyring.indexes(code))
        )
    )
    return None if found is None else UUID(str(found))


async def code_of(connection: AsyncConnection, keyring: Keyring, participant: UUID, study: str) -> str | None:
    """What the study calls this participant; their first code where a merge has left them two."""
    row = (
        await connection.execute(
            select(participant_codes.c.id, participant_codes.c.value)
            .where(participant_codes.c.participant_id == participant, participant_codes.c.study_slug == study)
            .order_by(participant_codes.c.created_at, participant_codes.c.id)
            .limit(1)
        )
    ).first()
    return None if row is None else keyring.open(row.value, place=_PLACE, row=row.id)


async def give_code(
    connection: AsyncConnection, keyring: Keyring, participant: UUID, study: str, *, at: datetime, code: str = ""
) -> str:
    """The participant's code in the study: the one they have, else `code`, else a fresh one of eight symbols.

    Raises `CodeTaken` where `code` is somebody else's or they have another, `BadCode` where it is none.
    """
    wanted = read_code(code) if code else ""
    await lock_in_transaction(connection, "participant_code", study)
    held = await code_of(connection, keyring, participant, study)
    if held is not None:
        if wanted not in ("", held):
            raise CodeTaken
        return held
    given = wanted or _fresh()
    if await find_by_code(connection, keyring, study, given) is not None:
        raise CodeTaken
    row = new_id()
    await connection.execute(
        insert(participant_codes).values(
            id=row,
            participant_id=participant,
            study_slug=study,
            value=keyring.seal(given, place=_PLACE, row=row),
            value_index=keyring.index(given),
            created_at=at,
        )
    )
    return given


def _fresh() -> str:
    """Eight symbols with at least one digit: one in 10^12 is guessed."""
    while True:
        symbols = "".join(secrets.choice(_SYMBOLS) for _ in range(8))
        code = f"{symbols[:4]}-{symbols[4:]}"
        if _CODE.fullmatch(code):
            return code
