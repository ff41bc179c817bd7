"""What is only ever added to: opt-outs, permissions, settlements, stage history, audit events.

Triggers refuse any change.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from storage.tables.base import metadata, moment, of_participant, row_id, sealed

opt_outs = Table(
    "opt_outs",
    metadata,
    row_id(),
    of_participant(),
    Column("action", Text, nullable=False, comment="out or in"),
    Column("channels", ARRAY(Text), comment="null: all channels"),
    moment("at", required=True),
    Column("actor", Text, nullable=False, comment="participant, provider, or the coordinator's id"),
    Column("cause_id", Uuid, comment="the inbound message that said so"),
    sealed("reason"),
    Index(None, "participant_id", "at"),
)

permissions = Table(
    "permissions",
    metadata,
    row_id(),
    Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
    of_participant(),
    Column("study_slug", Text, comment="null: every study, for what takes away; none in particular, for what gives"),
    Column("kind", Text, nullable=False, comment="granted, narrowed, withdrawn, lapsed"),
    Column("purpose", Text, nullable=False),
    Column("scopes", ARRAY(Text), comment="null: all that the purpose has"),
    Column("channels", ARRAY(Text), comment="null: any channel"),
    Column("per_year", Integer, comment="null: no limit"),
    moment("at", required=True),
    moment("expires_at"),
    Column("actor", Text, nullable=False, comment="participant, representative, service, or the coordinator's id"),
    Column("said_on", Text, comment="a channel, web, paper, or who reported it"),
    Column("cause_id", Uuid, comment="the inbound message that said so"),
    Column("content_version_id", Uuid, ForeignKey("content_versions.id"), comment="our words that it answers"),
    Column("document_version", Text, comment="of the consent document that was agreed to, or that made it lapse"),
    Column("document_sha256", Text),
    Column(
        "signature_id",
        Uuid,
        ForeignKey("signatures.id"),
        comment="by which somebody else speaks for who is meant, and as what",
    ),
    sealed("reason"),
    CheckConstraint("kind in ('granted', 'narrowed', 'withdrawn', 'lapsed')", name="kind"),
    Index(None, "participant_id", "at"),
)

settlements = Table(
    "settlements",
    metadata,
    row_id(),
    Column("message_id", Uuid, ForeignKey("messages.id"), nullable=False, unique=True),
    Column("arrived", Boolean, nullable=False, comment="what a coordinator found out about a send of unknown fate"),
    moment("at", required=True),
    Column("actor", Text, nullable=False, comment="the coordinator's id"),
    sealed("reason", required=True),
)

stage_history = Table(
    "stage_history",
    metadata,
    row_id(),
    Column("enrolment_id", Uuid, ForeignKey("enrolments.id"), nullable=False, index=True),
    Column("from_stage", Text),
    Column("to_stage", Text, nullable=False),
    moment("at", required=True),
    Column("cause", Text, nullable=False),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    moment("at", required=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    Column("previous_hash", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False, unique=True),
)

APPEND_ONLY = (
    "opt_outs",
    "permissions",
    "settlements",
    "stage_history",
    "audit_events",
    "content_versions",
    "message_events",
    "experiment_assignments",
    "verdicts",
    "signatures",
    "signed_copies",
    "consent_answers",
    "measured_mails",
    "mail_looks",
)
"""Tables that refuse UPDATE, DELETE and TRUNCATE by trigger."""
