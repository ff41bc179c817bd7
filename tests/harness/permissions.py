"""What participants of tests allow and take back: the same entry of the ledger wherever a test needs one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from engagement.permissions import Cause, record_permission


async def permit_invitations(
    connection: AsyncConnection, who: UUID, *, study: str, at: datetime, scope: str = "any", said_on: str = "sms"
) -> None:
    """They may be asked for other studies, as far as `scope` reaches."""
    await record_permission(
        connection,
        who,
        kind="granted",
        purpose="recontact",
        study=study,
        scopes=[scope],
        at=at,
        cause=Cause(actor="participant", said_on=said_on),
    )


async def forbid_contact(connection: AsyncConnection, who: UUID, *, study: str, at: datetime, said_on: str) -> None:
    """They take back that their study may write to them."""
    await record_permission(
        connection,
        who,
        kind="withdrawn",
        purpose="study_contact",
        study=study,
        at=at,
        cause=Cause(actor="participant", said_on=said_on),
    )
