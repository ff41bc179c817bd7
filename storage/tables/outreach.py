"""Touchpoints: every contact that is planned, what became of it and why; and how the providers that carry it are doing."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from storage.tables.base import metadata, moment, of_participant, row_id

touchpoints = Table(
    "touchpoints",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    Column("item", Text, nullable=False, comment="the plan's name for it"),
    Column("occurrence", Text, nullable=False, comment="which one of the item's"),
    Column("campaign_id", Uuid, ForeignKey("campaigns.id")),
    Column("invites_to", Text, ForeignKey("studies.slug"), comment="a study other than theirs"),
    Column("version", Text, comment="the hash of the plan's item; null: it comes from no plan"),
    Column("purpose", Text, nullable=False, comment="the permission that it needs"),
    Column("says", Text, nullable=False, comment="a content key"),
    Column("fills", JSONB, nullable=False, server_default="{}", comment="what fills the words"),
    Column("channels", ARRAY(Text), nullable=False, comment="in the order to be tried"),
    Column("awaits", ARRAY(Text), nullable=False, comment="kinds of event that make it needless"),
    moment("since", required=True),
    Column("followed", Boolean, nullable=False, server_default="false", comment="something is planned after it"),
    moment("due_at", required=True),
    moment("expires_at", required=True),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("tried", ARRAY(Text), nullable=False, server_default="{}", comment="channels on which it did not arrive"),
    Column("round", Integer, nullable=False, server_default="0", comment="how often it was queued"),
    moment("snoozed_at"),
    moment("sent_at"),
    moment("created_at", required=True),
    UniqueConstraint("participant_id", "study_slug", "item", "occurrence"),
    # What is due is found by these alone, however many there are.
    Index("ix_touchpoints_due", "due_at", postgresql_where=text("status = 'planned' and purpose <> 'recontact'")),
    Index(
        "ix_touchpoints_due_invitations",
        "due_at",
        postgresql_where=text("status = 'planned' and purpose = 'recontact'"),
    ),
    Index("ix_touchpoints_campaign_id", "campaign_id", postgresql_where=text("campaign_id is not null")),
    Index("ix_touchpoints_planned", "participant_id", "study_slug", postgresql_where=text("status = 'planned'")),
)

touchpoint_events = Table(
    "touchpoint_events",
    metadata,
    row_id(),
    Column("touchpoint_id", Uuid, ForeignKey("touchpoints.id"), nullable=False, index=True),
    Column("status", Text, nullable=False),
    moment("at", required=True),
    Column("reason", Text),
)

providers = Table(
    "providers",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("failures", Integer, nullable=False, server_default="0", comment="in a row, whatever they were about"),
    moment("failed_at"),
    moment("closed_until"),
    Column("tokens", Float, nullable=False, server_default="0"),
    moment("filled_at"),
    Column("day", Date),
    Column("sent_today", Integer, nullable=False, server_default="0"),
)


def is_invitation(table: Any) -> ColumnElement[bool]:
    """Whether a touchpoint, or its message, asks somebody for another study: it goes after what their own wants of them.

    Said by a literal, so that the partial indexes answer to it.
    """
    asks: ColumnElement[bool] = table.c.purpose == literal_column("'recontact'")
    return asks
