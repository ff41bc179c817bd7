"""What coordinators found out about sends of unknown fate: one line a send, append-only."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.append_only import keep_append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settlements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column(
            "arrived",
            sa.Boolean(),
            nullable=False,
            comment="what a coordinator found out about a send of unknown fate",
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="the coordinator's id"),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_settlements_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
        sa.UniqueConstraint("message_id", name=op.f("uq_settlements_message_id")),
    )
    keep_append_only("settlements")


def downgrade() -> None:
    op.drop_table("settlements")
