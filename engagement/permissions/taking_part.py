"""Taking part permits the contact that taking part needs; leaving ends all that was given in the study."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.permissions.entry import GRANTED, WITHDRAWN
from engagement.permissions.ledger import Cause, read_standing, record_permission
from engagement.permissions.standing import Why
from storage.crypto import Keyring
from storage.database import lock_in_transaction

STUDY_CONTACT = "study_contact"


async def grant_by_taking_part(
    connection: AsyncConnection, participant_id: UUID, study: str, *, at: datetime, cause: Cause, anew: bool = False
) -> UUID | None:
    """Record that taking part in `study` permits what it needs; None where that is permitted already.

    Who has ended that contact is not written to again because of some later step: only where they agreed `anew`.
    """
    await lock_in_transaction(connection, "permissions", participant_id)
    answer = (await read_standing(connection, participant_id, at=at)).allows(STUDY_CONTACT, study=study)
    if answer.allowed or not (anew or answer.reason is Why.NEVER_GIVEN):
        return None
    return await record_permission(
        connection, participant_id, kind=GRANTED, purpose=STUDY_CONTACT, study=study, at=at, cause=cause
    )


async def withdraw_study(
    connection: AsyncConnection,
    participant_id: UUID,
    study: str,
    *,
    at: datetime,
    cause: Cause,
    reason: str = "",
    keyring: Keyring | None = None,
) -> Sequence[UUID]:
    """End everything that holds in `study`, and the contact in any case. Returns the entries' ids; none the second time."""
    await lock_in_transaction(connection, "permissions", participant_id)
    standing = await read_standing(connection, participant_id, at=at)
    purposes = {cell.purpose for cell in standing.held if cell.study == study}
    if standing.allows(STUDY_CONTACT, study=study).reason is not Why.WITHDRAWN:
        purposes.add(STUDY_CONTACT)
    return [
        await record_permission(
            connection,
            participant_id,
            kind=WITHDRAWN,
            purpose=purpose,
            study=study,
            at=at,
            cause=cause,
            reason=reason,
            keyring=keyring,
        )
        for purpose in sorted(purposes)
    ]
