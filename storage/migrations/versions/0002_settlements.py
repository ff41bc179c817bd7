"""What coordinators found out about sends of unknown fate: one line a send, append-only."""

import sqlalchemy as sa
from alembic import op

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
    op.execute(
        "create trigger append_only before update or delete on settlements "
        "for each row execute function refuse_change()"
    )
    op.execute(
        "create trigger append_only_truncate before truncate on settlements "
        "for each statement execute function refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("settlements")
