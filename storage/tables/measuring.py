"""What became of outreach mails, where a study has it measured: who or what fetched the picture, who or what followed a link.

No address, no program, no place of anybody: only when, and what it was taken for.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text, UniqueConstraint, Uuid

from storage.tables.base import metadata, moment, row_id

measured_mails = Table(
    "measured_mails",
    metadata,
    row_id(),
    Column("message_id", Uuid, ForeignKey("messages.id"), nullable=False, unique=True),
    Column("token", Text, nullable=False, unique=True, comment="by chance; stands in the mail's addresses"),
    moment("created_at", required=True),
)

mail_looks = Table(
    "mail_looks",
    metadata,
    row_id(),
    Column("mail_id", Uuid, ForeignKey("measured_mails.id"), nullable=False),
    Column("what", Text, nullable=False, comment="open or click"),
    Column("link", Integer, comment="which one of the mail's, from 1"),
    Column("verdict", Text, nullable=False, comment="person, machine or unsure"),
    Column("reason", Text, nullable=False),
    Column("number", Integer, nullable=False, comment="the how many-th of its kind and verdict, from 1"),
    moment("at", required=True),
    CheckConstraint("what in ('open', 'click')", name="what"),
    CheckConstraint("verdict in ('person', 'machine', 'unsure')", name="verdict"),
    UniqueConstraint("mail_id", "what", "verdict", "number"),
)
