"""What happens on a participant's way through a study, and what is planned on a day."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journey_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="one of engagement.journeys.KINDS"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="who reported it: dialogue, a coordinator's id, an API source",
        ),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="the source's own name for the event: a repeat has the same"
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_journey_events_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(["study_slug"], ["studies.slug"], name=op.f("fk_journey_events_study_slug_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_events")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_journey_events_source_key")),
    )
    op.create_index(
        op.f("ix_journey_events_participant_id_study_slug"), "journey_events", ["participant_id", "study_slug"]
    )
    op.create_table(
        "journey_dates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="what is to happen, such as appointment"),
        sa.Column("name", sa.Text(), nullable=False, comment="which one of the kind"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_journey_dates_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(["study_slug"], ["studies.slug"], name=op.f("fk_journey_dates_study_slug_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_dates")),
        sa.UniqueConstraint(
            "participant_id",
            "study_slug",
            "kind",
            "name",
            name=op.f("uq_journey_dates_participant_id_study_slug_kind_name"),
        ),
    )
    op.add_column("enrolments", sa.Column("replan_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "enrolments",
        sa.Column("planned_with", sa.Text(), nullable=True, comment="the hash of the plan that was last worked out"),
    )
    op.create_index(
        "ix_enrolments_replan", "enrolments", ["replan_at"], postgresql_where=sa.text("replan_at is not null")
    )
    # Stages follow from events from now on: those reached before become events.
    op.execute(
        "insert into journey_events (id, participant_id, study_slug, kind, at, recorded_at, source, key) "
        "select h.id, e.participant_id, e.study_slug, h.to_stage, h.at, h.at, 'history', h.id::text "
        "from stage_history h join enrolments e on e.id = h.enrolment_id where h.to_stage <> 'first_contact'"
    )
    op.execute("update enrolments set replan_at = now()")


def downgrade() -> None:
    op.drop_index("ix_enrolments_replan", table_name="enrolments")
    op.drop_column("enrolments", "planned_with")
    op.drop_column("enrolments", "replan_at")
    op.drop_table("journey_dates")
    op.drop_table("journey_events")
