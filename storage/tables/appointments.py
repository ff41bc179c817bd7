"""Appointments, and every change of them as it was reported."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid

from storage.tables.base import metadata, moment, of_participant, row_id, sealed

appointments = Table(
    "appointments",
    metadata,
    row_id(),
    of_participant(),
    Column("study_slug", Text, ForeignKey("studies.slug"), nullable=False),
    Column("source", Text, nullable=False, comment="who keeps it: an API source, coordinator"),
    Column("name", Text, nullable=False, comment="the source's own name for it"),
    Column("status", Text, nullable=False, comment="booked or cancelled, as follows from all changes"),
    moment("starts_at"),
    Column("minutes", Integer, nullable=False),
    Column("time_zone", Text, comment="IANA name of the zone of its place"),
    sealed("details", required=True),
    Column("sequence", Integer, nullable=False, server_default="0", comment="RFC 5545 SEQUENCE: told so many times"),
    moment("confirmed_at"),
    moment("move_asked_at"),
    moment("created_at", required=True),
    moment("updated_at", required=True),
    CheckConstraint("status in ('booked', 'cancelled')", name="status"),
    CheckConstraint("status = 'cancelled' or starts_at is not null", name="booked_has_start"),
    UniqueConstraint("study_slug", "source", "name"),
    Index(None, "participant_id", "starts_at"),
)

appointment_changes = Table(
    "appointment_changes",
    metadata,
    row_id(),
    Column("appointment_id", Uuid, ForeignKey("appointments.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False, comment="appointment_booked, appointment_moved, appointment_cancelled"),
    moment("at", required=True),
    moment("recorded_at", required=True),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False, comment="the source's own name for the change: a repeat has the same"),
    sealed("said", required=True),
    UniqueConstraint("source", "key"),
)
