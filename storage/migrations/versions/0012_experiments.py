"""Assignments to the arms of experiments, append-only."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import keep_append_only

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "experiment_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("experiment", sa.Text(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="the order of arrival in the stratum, from 0"),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.id"],
            name=op.f("fk_experiment_assignments_participant_id_participants"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment_assignments")),
        sa.UniqueConstraint(
            "experiment", "participant_id", name=op.f("uq_experiment_assignments_experiment_participant_id")
        ),
        sa.UniqueConstraint(
            "experiment", "stratum", "position", name=op.f("uq_experiment_assignments_experiment_stratum_position")
        ),
    )
    keep_append_only("experiment_assignments")


def downgrade() -> None:
    op.drop_table("experiment_assignments")
