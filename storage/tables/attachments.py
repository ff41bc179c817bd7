"""Files that go out with a message: a signed document, an appointment for a calendar."""

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, UniqueConstraint, Uuid

from storage.tables.base import metadata, row_id, sealed

attachments = Table(
    "attachments",
    metadata,
    row_id(),
    Column("message_id", Uuid, ForeignKey("messages.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False, comment="a file name that says nothing of a person"),
    Column("media_type", Text, nullable=False),
    sealed("content", required=True),
    UniqueConstraint("message_id", "position"),
)
