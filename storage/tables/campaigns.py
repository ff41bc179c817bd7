"""Recontact campaigns: whom they may reach, with which words, and how far they have come."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from storage.tables.base import metadata, moment, of_participant, row_id

campaigns = Table(
    "campaigns",
    metadata,
    row_id(),
    Column("name", Text, nullable=False, unique=True),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False, comment="the study they are invited to"),
    Column("cohort", Text, nullable=False, comment="the question, as it was written"),
    Column("says", Text, nullable=False, comment="a content key"),
    Column("channels", ARRAY(Text), nullable=False, comment="in the order to be tried"),
    Column("wave_size", Integer, nullable=False),
    Column("wave_hours", Integer, nullable=False, comment="from one wave to the next"),
    Column("per_hour", Integer, nullable=False, comment="within a wave"),
    Column("expires_days", Integer, nullable=False),
    moment("starts_at", required=True),
    moment("ends_at", required=True),
    Column("status", Text, nullable=False),
    moment("running_since", required=False),
    Column("running_from", Integer, nullable=False, server_default="0", comment="the first place of this run"),
    Column("dry_run_sha256", Text, comment="of who gets it, who does not, and why"),
    moment("dry_run_at"),
    Column("created_by", Text, nullable=False),
    moment("created_at", required=True),
    Column("approved_by", Text),
    CheckConstraint(
        "status in ('draft', 'checked', 'approved', 'running', 'paused', 'stopped', 'done')", name="status"
    ),
)

campaign_members = Table(
    "campaign_members",
    metadata,
    row_id(),
    Column("campaign_id", Uuid, ForeignKey("campaigns.id"), nullable=False),
    of_participant(),
    Column("place", Integer, comment="in the order of sending, from 0; null: does not get it"),
    Column("reason", Text, comment="why not"),
    UniqueConstraint("campaign_id", "participant_id"),
    Index(None, "campaign_id", "place"),
)
