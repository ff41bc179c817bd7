"""Documents to be read and signed on the web; signatures and signed copies, append-only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.migrations.append_only import keep_append_only, let_reseal

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    let_reseal("reason", "trace", "record", "pdf")
    op.create_table(
        "signing_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("document_version", sa.Text(), nullable=False),
        sa.Column("may_sign", sa.Boolean(), nullable=False, comment="false: to be read only"),
        sa.Column(
            "answers",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="what was answered in the conversation: permission id → true or false",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_as", sa.Text(), nullable=True, comment="signed or declined; null while open"),
        sa.Column("code_id", sa.Uuid(), nullable=True, comment="the code that was sent for it last"),
        sa.Column("code_for", sa.Text(), nullable=True, comment="what that code is for: opening or signing"),
        sa.Column(
            "session_hash", sa.Text(), nullable=True, comment="SHA-256 of the cookie of the browser that gave the code"
        ),
        sa.Column("session_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "identity",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="how that browser's person was identified: ids and instants",
        ),
        sa.CheckConstraint("ended_as in ('signed', 'declined')", name=op.f("ck_signing_requests_ended_as")),
        sa.CheckConstraint("code_for in ('opening', 'signing')", name=op.f("ck_signing_requests_code_for")),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_signing_requests_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(["study_slug"], ["studies.slug"], name=op.f("fk_signing_requests_study_slug_studies")),
        sa.ForeignKeyConstraint(
            ["code_id"], ["verifications.id"], name=op.f("fk_signing_requests_code_id_verifications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_requests")),
    )
    op.create_index(op.f("ix_signing_requests_participant_id"), "signing_requests", ["participant_id"])
    op.create_table(
        "signatures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("study_slug", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="participant, representative, assent, witness, staff"),
        sa.Column("document_version", sa.Text(), nullable=False),
        sa.Column(
            "document_sha256",
            sa.Text(),
            nullable=False,
            comment="of the exact words, in the language that was read",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("record_sha256", sa.Text(), nullable=False, comment="as the audit trail has it"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["signing_requests.id"], name=op.f("fk_signatures_request_id_signing_requests")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_signatures_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(["study_slug"], ["studies.slug"], name=op.f("fk_signatures_study_slug_studies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint("request_id", "role", name=op.f("uq_signatures_request_id_role")),
    )
    op.create_index(op.f("ix_signatures_participant_id"), "signatures", ["participant_id"])
    op.create_table(
        "signed_copies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column(
            "pdf_sha256", sa.Text(), nullable=False, comment="of the file's bytes, as the audit trail has it"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["signing_requests.id"], name=op.f("fk_signed_copies_request_id_signing_requests")
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_signed_copies_participant_id_participants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_copies")),
    )
    op.create_index(op.f("ix_signed_copies_request_id"), "signed_copies", ["request_id"])
    keep_append_only("signatures", "signed_copies")


def downgrade() -> None:
    op.drop_table("signed_copies")
    op.drop_table("signatures")
    op.drop_table("signing_requests")
    let_reseal("reason", "trace")
