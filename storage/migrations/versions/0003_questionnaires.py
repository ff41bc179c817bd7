"""Questionnaires under way and done; verdicts of pre-screenings, append-only."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import keep_append_only, let_reseal

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    let_reseal("reason", "trace")
    op.create_table(
        "questionnaire_responses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="prescreen or check_in"),
        sa.Column("name", sa.Text(), nullable=False, comment="the questionnaire's name in its study pack"),
        sa.Column("form_sha256", sa.Text(), nullable=False, comment="the very questions that were asked last"),
        sa.Column("status", sa.Text(), nullable=False, comment="as FHIR says: in-progress, completed, stopped"),
        sa.Column("channel", sa.Text(), nullable=False, comment="where the last question was asked"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind in ('prescreen', 'check_in')", name=op.f("ck_questionnaire_responses_kind")),
        sa.CheckConstraint(
            "status in ('in-progress', 'completed', 'stopped')", name=op.f("ck_questionnaire_responses_status")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_questionnaire_responses_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(
            ["study_slug"], ["studies.slug"], name=op.f("fk_questionnaire_responses_study_slug_studies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_responses")),
    )
    op.create_index(
        "uq_questionnaire_responses_open",
        "questionnaire_responses",
        ["participant_id"],
        unique=True,
        postgresql_where=sa.text("status = 'in-progress'"),
    )
    op.create_index(
        op.f("ix_questionnaire_responses_participant_id_finished_at"),
        "questionnaire_responses",
        ["participant_id", "finished_at"],
    )
    op.create_table(
        "verdicts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False, comment="likely_eligible, not_eligible, needs_review"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trace", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["questionnaire_responses.id"],
            name=op.f("fk_verdicts_response_id_questionnaire_responses"),
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_verdicts_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(["study_slug"], ["studies.slug"], name=op.f("fk_verdicts_study_slug_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        sa.UniqueConstraint("response_id", name=op.f("uq_verdicts_response_id")),
    )
    op.create_index(op.f("ix_verdicts_participant_id_at"), "verdicts", ["participant_id", "at"])
    keep_append_only("verdicts")


def downgrade() -> None:
    op.drop_table("verdicts")
    op.drop_table("questionnaire_responses")
    let_reseal("reason")
