"""Appointments; keys for sources outside, what they call a participant, what they were answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="who keeps it: an API source, coordinator"),
        sa.Column("name", sa.Text(), nullable=False, comment="the source's own name for it"),
        sa.Column("status", sa.Text(), nullable=False, comment="booked or cancelled, as follows from all changes"),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=True, comment="IANA name of the zone of its place"),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column(
            "sequence",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="RFC 5545 SEQUENCE: told so many times",
        ),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("move_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status in ('booked', 'cancelled')", name=op.f("ck_appointments_status")),
        sa.CheckConstraint(
            "status = 'cancelled' or starts_at is not null", name=op.f("ck_appointments_booked_has_start")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_appointments_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(["study_slug"], ["studies.slug"], name=op.f("fk_appointments_study_slug_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("study_slug", "source", "name", name=op.f("uq_appointments_study_slug_source_name")),
    )
    op.create_index(op.f("ix_appointments_participant_id_starts_at"), "appointments", ["participant_id", "starts_at"])
    op.create_table(
        "appointment_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="appointment_booked, appointment_moved, appointment_cancelled",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="the source's own name for the change: a repeat has the same"
        ),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_appointment_changes_appointment_id_appointments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_changes")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_appointment_changes_source_key")),
    )
    op.create_index(op.f("ix_appointment_changes_appointment_id"), "appointment_changes", ["appointment_id"])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "source", sa.Text(), nullable=False, comment="a laboratory, courier or site; it may hold several keys"
        ),
        sa.Column(
            "key_hash", sa.Text(), nullable=False, comment="SHA-256 of the key; the key itself is not kept"
        ),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False, comment="kinds of event that it may report"),
        sa.Column("studies", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )
    op.create_table(
        "api_answers",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the request's Idempotency-Key"),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="SHA-256 of the request's body"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_api_answers")),
    )
    op.create_index(op.f("ix_api_answers_at"), "api_answers", ["at"])
    op.create_table(
        "participant_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("value_index", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_participant_codes_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(
            ["study_slug"], ["studies.slug"], name=op.f("fk_participant_codes_study_slug_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant_codes")),
        sa.UniqueConstraint("study_slug", "value_index", name=op.f("uq_participant_codes_study_slug_value_index")),
    )
    op.create_index(
        op.f("ix_participant_codes_participant_id_study_slug"), "participant_codes", ["participant_id", "study_slug"]
    )


def downgrade() -> None:
    for table in ("participant_codes", "api_answers", "api_keys", "appointment_changes", "appointments"):
        op.drop_table(table)
