"""The registry of approved words: every version of every text that may reach a participant."""

from sqlalchemy import Boolean, Column, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from storage.tables.base import metadata, moment, row_id

content_versions = Table(
    "content_versions",
    metadata,
    row_id(),
    Column("key", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("channel", Text, nullable=False, comment="'' is the text for every channel without its own"),
    Column("study_slug", Text, nullable=False, comment="'' is the text for every study without its own"),
    Column("version", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("replies", ARRAY(Text), nullable=False),
    Column("approval_id", Text),
    Column("approved", Boolean, nullable=False),
    moment("effective_from", required=True),
    moment("created_at", now=True),
    UniqueConstraint("key", "language", "channel", "study_slug", "version"),
)
