"""Walk-throughs of consent documents; the answers to their questions, append-only."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import keep_append_only, let_reseal

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    let_reseal("reason", "trace", "record", "pdf", "answer")
    op.create_table(
        "consent_walks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("document_version", sa.Text(), nullable=False),
        sa.Column(
            "document_sha256", sa.Text(), nullable=False, comment="of the exact words, in the language last spoken"
        ),
        sa.Column("language", sa.Text(), nullable=False, comment="last spoken"),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="open, signing, handed_over, signed, declined, superseded, stopped",
        ),
        sa.Column("channel", sa.Text(), nullable=False, comment="last spoken on"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "status in ('open', 'signing', 'handed_over', 'signed', 'declined', 'superseded', 'stopped')",
            name=op.f("ck_consent_walks_status"),
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_consent_walks_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(["study_slug"], ["studies.slug"], name=op.f("fk_consent_walks_study_slug_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_walks")),
    )
    op.create_index(
        "uq_consent_walks_open",
        "consent_walks",
        ["participant_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        op.f("ix_consent_walks_participant_id_study_slug_updated_at"),
        "consent_walks",
        ["participant_id", "study_slug", "updated_at"],
    )
    op.create_table(
        "consent_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("walk_id", sa.Uuid(), nullable=False),
        sa.Column("concept", sa.Text(), nullable=False),
        sa.Column("question", sa.Integer(), nullable=False, comment="1 or 2: the same thing in other words"),
        sa.Column("understood", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("question in (1, 2)", name=op.f("ck_consent_answers_question")),
        sa.ForeignKeyConstraint(
            ["walk_id"], ["consent_walks.id"], name=op.f("fk_consent_answers_walk_id_consent_walks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_answers")),
    )
    op.create_index(op.f("ix_consent_answers_walk_id"), "consent_answers", ["walk_id"])
    keep_append_only("consent_answers")


def downgrade() -> None:
    op.drop_table("consent_answers")
    op.drop_table("consent_walks")
    let_reseal("reason", "trace", "record", "pdf")
