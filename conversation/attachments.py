"""Files that go out with a mail: kept sealed beside its row from its cause's transaction until it is sent."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.messages import Attachment
from storage.crypto import Keyring
from storage.ids import new_id
from storage.tables import attachments

_PLACE = "attachments.content"


async def add_attachments(
    connection: AsyncConnection, keyring: Keyring, message_id: UUID, files: Sequence[Attachment]
) -> None:
    """Keep the files of a message that has just been queued."""
    for position, file in enumerate(files):
        row = new_id()
        await connection.execute(
            insert(attachments).values(
                id=row,
                message_id=message_id,
                position=position,
                name=file.name,
                media_type=file.media_type,
                content=keyring.seal(b64encode(file.content).decode(), place=_PLACE, row=row),
            )
        )


async def attachments_of(connection: AsyncConnection, keyring: Keyring, message_id: UUID) -> tuple[Attachment, ...]:
    """The files of a message, in order."""
    rows = await connection.execute(
        select(attachments).where(attachments.c.message_id == message_id).order_by(attachments.c.position)
    )
    return tuple(
        Attachment(
            name=row.name,
            media_type=row.media_type,
            content=b64decode(keyring.open(row.content, place=_PLACE, row=row.id)),
        )
        for row in rows
    )
