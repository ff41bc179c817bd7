"""Opens and clicks of outreach mails, where a study has them measured; append-only."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import keep_append_only

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measured_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False, comment="by chance; stands in the mail's addresses"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_measured_mails_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measured_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_measured_mails_message_id")),
        sa.UniqueConstraint("token", name=op.f("uq_measured_mails_token")),
    )
    op.create_table(
        "mail_looks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False, comment="open or click"),
        sa.Column("link", sa.Integer(), nullable=True, comment="which one of the mail's, from 1"),
        sa.Column("verdict", sa.Text(), nullable=False, comment="person, machine or unsure"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="the how many-th of its kind and verdict, from 1"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("what in ('open', 'click')", name=op.f("ck_mail_looks_what")),
        sa.CheckConstraint("verdict in ('person', 'machine', 'unsure')", name=op.f("ck_mail_looks_verdict")),
        sa.ForeignKeyConstraint(["mail_id"], ["measured_mails.id"], name=op.f("fk_mail_looks_mail_id_measured_mails")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_looks")),
        sa.UniqueConstraint(
            "mail_id", "what", "verdict", "number", name=op.f("uq_mail_looks_mail_id_what_verdict_number")
        ),
    )
    keep_append_only("measured_mails", "mail_looks")


def downgrade() -> None:
    op.drop_table("mail_looks")
    op.drop_table("measured_mails")
