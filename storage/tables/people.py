"""Participants, how they are reached, the studies they are in, and codes that prove a contact point is theirs."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid, text

from storage.tables.base import blind_index, metadata, moment, of_participant, row_id, sealed

participants = Table(
    "participants",
    metadata,
    row_id(),
    moment("created_at", now=True),
    Column("language", Text, nullable=False),
    Column("time_zone", Text),
    sealed("name"),
    Column("merged_into", Uuid, ForeignKey("participants.id"), index=True),
)

contact_points = Table(
    "contact_points",
    metadata,
    row_id(),
    of_participant(),
    Column("channel", Text, nullable=False),
    sealed("value", required=True),
    blind_index("value_index"),
    moment("created_at", now=True),
    moment("verified_at"),
    Column("problem", Text, comment="why it can't be used: bad_contact, opted_out, blocked; null when it can"),
    moment("problem_at"),
    UniqueConstraint("channel", "value_index"),
    Index(None, "participant_id"),
)

studies = Table(
    "studies",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("pack_hash", Text, nullable=False),
    moment("loaded_at", now=True),
)

enrolments = Table(
    "enrolments",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    Column("stage", Text, nullable=False),
    moment("created_at", now=True),
    moment("replan_at"),
    Column("planned_with", Text, comment="the hash of the plan that was last worked out"),
    UniqueConstraint("participant_id", "study_slug"),
    Index("ix_enrolments_replan", "replan_at", postgresql_where=text("replan_at is not null")),
)

verifications = Table(
    "verifications",
    metadata,
    row_id(),
    of_participant(),
    Column("channel", Text, nullable=False),
    sealed("value", required=True),
    blind_index("value_index"),
    Column("code_hash", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    moment("created_at", now=True),
    moment("expires_at", required=True),
    moment("used_at"),
    Index(None, "participant_id", "created_at"),
    Index(None, "value_index", "created_at"),
)
