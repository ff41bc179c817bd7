"""Coordinators, their sessions, and the escalations that wait for them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from storage.tables.base import blind_index, metadata, moment, of_participant, row_id, sealed

coordinators = Table(
    "coordinators",
    metadata,
    row_id(),
    sealed("email", required=True),
    blind_index("email_index"),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False, server_default="true"),
    moment("created_at", now=True),
    Index("uq_coordinators_email", "email_index", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True, comment="SHA-256 of the cookie; the cookie itself is not kept"),
    Column("coordinator_id", Uuid, ForeignKey("coordinators.id"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    moment("created_at", now=True),
    moment("expires_at", required=True),
)

escalations = Table(
    "escalations",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text),
    Column("reason", Text, nullable=False),
    Column("severity", Integer, nullable=False, comment="1 (at once) to 4 (when convenient)"),
    Column("triggers", JSONB, nullable=False, comment="rule ids that fired; never the participant's words"),
    Column("holds", Boolean, nullable=False, comment="the bot stays silent until it is closed"),
    Column("cause_id", Uuid, comment="the inbound message"),
    moment("opened_at", required=True),
    moment("due_at", required=True),
    moment("closed_at"),
    Column("closed_by", Uuid, ForeignKey("coordinators.id")),
    sealed("note"),
    Index("uq_escalations_cause", "cause_id", "reason", unique=True),
    Index("ix_escalations_open", "participant_id", postgresql_where=text("closed_at is null")),
)
