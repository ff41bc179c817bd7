"""Who may report events from outside, what they call a participant, and what they were answered."""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from storage.tables.base import blind_index, metadata, moment, of_participant, row_id, sealed

api_keys = Table(
    "api_keys",
    metadata,
    row_id(),
    Column("source", Text, nullable=False, comment="a laboratory, courier or site; it may hold several keys"),
    Column("key_hash", Text, nullable=False, unique=True, comment="SHA-256 of the key; the key itself is not kept"),
    Column("kinds", ARRAY(Text), nullable=False, comment="kinds of event that it may report"),
    Column("studies", ARRAY(Text), nullable=False),
    moment("created_at", required=True),
    moment("revoked_at"),
)

api_answers = Table(
    "api_answers",
    metadata,
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False, comment="the request's Idempotency-Key"),
    Column("fingerprint", Text, nullable=False, comment="SHA-256 of the request's body"),
    Column("status", Integer, nullable=False),
    Column("answer", JSONB, nullable=False),
    moment("at", required=True),
    PrimaryKeyConstraint("source", "key"),
    Index(None, "at"),
)

participant_codes = Table(
    "participant_codes",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    sealed("value", required=True),
    blind_index("value_index"),
    moment("created_at", required=True),
    UniqueConstraint("study_slug", "value_index"),
    Index(None, "participant_id", "study_slug"),
)
