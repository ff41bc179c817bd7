"""What laboratories found in a gene."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "genotypes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("finding", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="the source's own name for the report: a repeat has the same"
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_genotypes_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(["study_slug"], ["studies.slug"], name=op.f("fk_genotypes_study_slug_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_genotypes")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_genotypes_source_key")),
    )
    op.create_index(op.f("ix_genotypes_participant_id_at"), "genotypes", ["participant_id", "at"])


def downgrade() -> None:
    op.drop_table("genotypes")
